"""Calls in the web UI, with the real voice worker and an emulated call: songs are played, followed, controlled, put in
order, and gone on with here and there.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.test_ui_pages import settled, violations
from tests.support.browser import DESKTOP, MOTION, PHONE, fits, wait
from tests.support.layout import WATCH_SHIFTS, small_controls
from tests.support.ui import the_built_ui
from tests.support.voice_stage import VoiceStage, silence, voice_stage
from tests.support.waiting import until

LONG = 30_000
SECONDS = 600
"""Of each song: none ends by itself here."""
ROW = 56
"""Pixels from one row of a queue to the next."""


@dataclass
class Calling:
    """A server with a voice worker, its token for the page, and the pages of three songs."""

    url: str
    token: str
    songs: dict[str, str]
    stage: VoiceStage


@asynccontextmanager
async def calling(folder: Path) -> AsyncIterator[Calling]:
    async with voice_stage(folder) as stage:
        songs = {}
        for name in ("Tide", "Ridge", "Dunes"):
            at = await stage.post(silence(SECONDS), SECONDS, name)
            songs[name] = f"/watch/{at['chat_id']}/{at['message_id']}"
        await until(lambda: offered(stage), timeout=60, pause=0.1)
        token = stage.client.headers["Authorization"].removeprefix("Bearer ")
        yield Calling(stage.server.url, token, songs, stage)


async def offered(stage: VoiceStage) -> bool:
    """Whether the worker has told in which chats it can play."""
    return bool((await stage.client.get("/api/voice/chats")).json()["items"])


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calling]:
    the_built_ui()
    with (
        start_blocking_portal() as portal,  # Playwright holds this thread
        portal.wrap_async_context_manager(calling(tmp_path_factory.mktemp("calling"))) as running,
    ):
        yield running


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def page(browser: Browser, stage: Calling, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page of somebody who may play in calls, in the dark theme, in which axe may be loaded."""
    width, height = request.param
    context = browser.new_context(
        bypass_csp=True, color_scheme="dark", extra_http_headers={"Authorization": f"Bearer {stage.token}"},
        viewport={"width": width, "height": height}, service_workers="block", reduced_motion=MOTION,
    )  # fmt: skip
    context.add_init_script(WATCH_SHIFTS)
    yield context.new_page()
    context.close()


def club(page: Page) -> Locator:
    """The card of the club's call."""
    return page.get_by_role("region", name="Club", exact=True)


def status(page: Page) -> Locator:
    return club(page).locator("[data-status]")


def queued(page: Page) -> Locator:
    return club(page).get_by_role("list").get_by_role("listitem")


def well_made(page: Page) -> list[str]:
    """What is wrong with the page as it is."""
    settled(page)
    return violations(page) + small_controls(page) + ([] if fits(page) else ["it is wider than the window"])


def asked(page: Page, stage: Calling, name: str) -> Locator:
    """The dialog "Play in a chat" of a song, by the menu on its page."""
    page.goto(stage.url + stage.songs[name])
    page.get_by_role("main").get_by_role("button", name=f"More for {name}").first.click()
    page.get_by_role("menuitem", name="Play in a chat").click()
    return page.get_by_role("dialog", name=f"Play {name} in a chat")


def play(page: Page, stage: Calling, name: str) -> None:
    dialog = asked(page, stage, name)
    expect(dialog.get_by_label("Chat")).to_contain_text("Club")
    dialog.get_by_role("button", name="Play", exact=True).click()
    expect(dialog).to_have_count(0)


def opened_as_people_do(page: Page, stage: Calling) -> None:
    page.goto(stage.url)
    settled(page)
    if page.viewport_size == {"width": PHONE[0], "height": PHONE[1]}:
        page.get_by_role("link", name="Library").click()
        page.get_by_role("main").get_by_role("link", name="Calls").click()
    else:
        page.get_by_role("navigation").get_by_role("link", name="Calls").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Calls")


def test_songs_are_played_followed_controlled_and_gone_on_with(page: Page, stage: Calling) -> None:
    opened_as_people_do(page, stage)
    expect(page.get_by_role("heading", name="Nothing plays in a call")).to_be_visible()
    assert well_made(page) == []

    expect(asked(page, stage, "Tide").get_by_label("Chat")).to_contain_text("Club")
    assert well_made(page) == []
    for name in stage.songs:
        play(page, stage, name)
    page.get_by_role("button", name="Show calls").last.click()
    expect(status(page)).to_have_text("Playing", timeout=LONG)
    expect(queued(page)).to_have_text([re.compile("Ridge"), re.compile("Dunes")])
    position = club(page).locator("[data-position]")
    before = position.inner_text()
    expect(position).not_to_have_text(before)
    expect(club(page)).to_contain_text("0 listeners", timeout=LONG)
    assert well_made(page) == []

    is_controlled(page)
    is_put_in_order(page)
    goes_on_here_and_there(page, stage)

    page.goto(f"{stage.url}/calls")
    club(page).get_by_role("button", name="Next").click()
    expect(club(page).get_by_text("Ridge").first).to_be_visible()
    expect(club(page)).to_contain_text("Nothing is queued.")
    club(page).get_by_role("button", name="Stop").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Leave the call").click()
    expect(page.get_by_role("heading", name="Nothing plays in a call")).to_be_visible(timeout=LONG)


def is_controlled(page: Page) -> None:
    """Paused, sought by keys, made quieter, repeated; each as the server says, not as the page wishes."""
    seek = club(page).get_by_role("slider", name="Position")
    club(page).get_by_role("button", name="Pause").click()
    expect(status(page)).to_have_text("Paused")
    with page.expect_response(re.compile("/seek$")) as told:
        seek.press("End")
    assert told.value.json()["position"] == SECONDS - 1
    with page.expect_response(re.compile("/seek$")) as told:
        seek.press("Home")
    assert told.value.json()["position"] == 0
    expect(club(page).locator("[data-position]")).to_have_text("0:00")
    volume = club(page).get_by_role("slider", name="Volume")
    before = int(volume.input_value())  # of all calls that the club had
    with page.expect_response(re.compile("/volume$")) as told:
        volume.press("ArrowLeft")
    assert told.value.json()["volume"] == before - 5
    club(page).get_by_role("button", name="Repeat: off").click()
    expect(club(page).get_by_role("button", name="Repeat: the whole queue")).to_be_focused()
    for label in ("Repeat: the whole queue", "Repeat: what plays"):
        club(page).get_by_role("button", name=label).click()
    expect(club(page).get_by_role("button", name="Repeat: off")).to_be_visible()
    club(page).get_by_role("button", name="Go on").click()
    expect(status(page)).to_have_text("Playing", timeout=LONG)


def is_put_in_order(page: Page) -> None:
    """By buttons, by keys and by a pointer; removed without losing the focus."""
    ridge, dunes = re.compile("Ridge"), re.compile("Dunes")
    club(page).get_by_role("button", name="Move Ridge down").click()
    expect(queued(page)).to_have_text([dunes, ridge])
    expect(club(page).get_by_role("button", name="Move Ridge down")).to_be_focused()
    grip = club(page).get_by_role("button", name="Move Ridge", exact=True)
    with page.expect_response(re.compile("/queue$")):
        for key in ("Enter", "ArrowUp", "Enter"):
            grip.press(key)
    expect(queued(page)).to_have_text([ridge, dunes])
    expect(page.get_by_role("status").filter(has_text="Ridge is at place 1 now")).to_have_count(1)
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + ROW, steps=3)
    with page.expect_response(re.compile("/queue$")) as told:
        page.mouse.up()
    assert [one["name"] for one in told.value.json()["queue"]] == ["Dunes", "Ridge"]
    expect(queued(page)).to_have_text([dunes, ridge])
    club(page).get_by_role("button", name="Remove Dunes from the queue").click()
    expect(queued(page)).to_have_text([ridge])
    wait(page, "document.activeElement !== document.body")


def goes_on_here_and_there(page: Page, stage: Calling) -> None:
    """At the call's position on the page, and at the page's in the call."""
    club(page).get_by_role("button", name="Pause").click()
    expect(status(page)).to_have_text("Paused")
    with page.expect_response(re.compile("/seek$")):
        club(page).get_by_role("slider", name="Position").fill("300")
    expect(club(page).locator("[data-position]")).to_have_text("5:00")
    club(page).get_by_role("link", name="Continue here: Tide").click()
    page.wait_for_url(re.compile(r"/watch/.*t=300"))
    wait(page, "document.querySelector('audio, video')?.currentTime >= 300", seconds=LONG / 1000)
    page.evaluate(
        "(document.querySelector('audio, video').pause(), document.querySelector('audio, video').currentTime = 41)"
    )
    wait(page, "document.querySelector('audio, video').currentTime === 41")
    with page.expect_response(re.compile("/seek$")) as told:
        page.get_by_role("button", name="Continue in the call").click()
    assert told.value.json()["position"] == 41
    expect(page.get_by_text("It goes on in Club at 0:41.")).to_be_visible(timeout=LONG)
    call: Any = page.request.get(f"{stage.url}/api/voice").json()["items"][0]
    assert (call["item"]["name"], call["status"] in ("joining", "playing")) == ("Tide", True), call


@pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone"])
def test_what_is_the_matter_is_said_also_in_arabic_and_light(page: Page, stage: Calling) -> None:
    """States that a call has seldom, and a server without an account that plays: as the API would tell them."""
    entry = {"id": "5f2c0a9be1d3477a", "chat_id": -1001, "message_id": 1, "name": "Tide", "duration": 600.0,
             "video": True, "track": 0, "person": None}  # fmt: skip
    call = {"chat_id": -1009, "status": "failed", "reason": "The account that plays was banned from this chat.",
            "item": entry, "position": 5.0, "duration": None, "volume": 100, "loop": "off", "queue": [entry],
            "listeners": None, "node": "server-1", "at": 1.0}  # fmt: skip
    told = {"items": [call, {**call, "chat_id": -1010, "status": "reconnecting", "reason": "The call has ended."}],
            "missing": "Nothing can be played in calls here: no account plays.", "next_cursor": None}  # fmt: skip
    page.route(re.compile(r"/api/voice$"), lambda route: route.fulfill(json=told))
    page.route(re.compile(r"/api/events"), lambda route: route.abort())
    page.goto(f"{stage.url}/calls")
    failed = page.get_by_role("region", name="Chat -1009", exact=True)
    expect(failed).to_contain_text("Stopped")
    expect(failed).to_contain_text("banned from this chat")
    expect(failed.get_by_role("button", name="Try again")).to_be_visible()
    again = page.get_by_role("region", name="Chat -1010", exact=True)
    expect(again).to_contain_text(re.compile("Connecting again.*The call has ended", re.DOTALL))
    expect(page.get_by_text("no account plays")).to_be_visible()
    page.emulate_media(color_scheme="light")
    page.add_init_script(f"localStorage.setItem('sv.language', {json.dumps('ar')})")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("المكالمات")
    assert well_made(page) == []

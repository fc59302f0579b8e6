"""Leech jobs in the web UI: links are added, followed live, cancelled and tried again."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.test_leech import LEECHES, api_token
from tests.e2e.test_ui_pages import settled, violations
from tests.e2e.test_ui_ways import arrow_to
from tests.support.browser import DESKTOP, MOTION, PHONE, fits
from tests.support.feeds import entry, rss
from tests.support.layout import WATCH_SHIFTS, shifts, small_controls
from tests.support.leech_stage import MIB, TOKEN, Held, film
from tests.support.raw_server import Answer, Request, ranged, raw_server, response
from tests.support.server import environment_for, server_process
from tests.support.stack import HOME_DC, chat_id_of, emulator_world
from tests.support.ui import the_built_ui

LONG = 30_000


@dataclass
class Source:
    """A web server's files by the ends of their names: what is `gone` is not found, what is `slow` never ends."""

    files: dict[str, bytes] = field(default_factory=lambda: {"Garden.mkv": film(MIB), "Gone.mkv": film(MIB, seed=6)})
    gone: set[str] = field(default_factory=set)

    def __call__(self, request: Request) -> Answer:
        name = request.target.rpartition("/")[2]
        if name == "feed.xml":
            here = request.target.removesuffix("feed.xml")
            items = (entry(1, f"{here}Garden.mkv"), entry(2, f"{here}Other.mkv"))
            return response("200 OK", rss(*items, title=f"Feed {here}"), content_type="application/rss+xml")
        if name == "Slow.mkv":
            return Held(film(8 * MIB, seed=7), stop=4 * MIB)(request)
        return (
            response("404 Not Found") if request.target in self.gone else ranged(request, self.files[name], etag='"1"')
        )


@dataclass
class Leeching:
    """A server with a leech bot, its token for the page, and where its sources are."""

    url: str
    token: str
    source: Source
    sources: str


@asynccontextmanager
async def leeching(folder: Path) -> AsyncIterator[Leeching]:
    source = Source()
    async with (
        emulator_world() as world,
        raw_server(source) as web,
        server_process(world, folder, entry=HOME_DC, VAULT_CHANNEL=str(chat_id_of(world.vault)), **LEECHES) as server,
    ):
        bot = world.emulator.world.add_bot(TOKEN, home_dc=HOME_DC)
        world.emulator.world.add_member(world.vault, bot, admin=True)
        await server.start()
        await server.ready()
        token = await api_token(folder, environment_for(world, folder, entry=HOME_DC))
        yield Leeching(server.url, token, source, web.url(""))
        await server.stop()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Leeching]:
    the_built_ui()
    with (
        start_blocking_portal() as portal,  # Playwright holds this thread
        portal.wrap_async_context_manager(leeching(tmp_path_factory.mktemp("leeching"))) as running,
    ):
        yield running


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def page(browser: Browser, stage: Leeching, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page of somebody who may leech, in the dark theme, in which axe may be loaded."""
    width, height = request.param
    context = browser.new_context(
        bypass_csp=True, color_scheme="dark", extra_http_headers={"Authorization": f"Bearer {stage.token}"},
        viewport={"width": width, "height": height}, service_workers="block", reduced_motion=MOTION,
    )  # fmt: skip
    context.add_init_script(WATCH_SHIFTS)
    yield context.new_page()
    context.close()


def links(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Links")


def add(page: Page, *addresses: str) -> None:
    links(page).fill("\n".join(addresses))
    links(page).press("Enter")


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("list", name="Queue").get_by_role("listitem").filter(has_text=name)


def opened_as_people_do(page: Page, stage: Leeching) -> None:
    """By the palette where there are keys, by the library's list on a phone."""
    page.goto(stage.url)
    settled(page)
    if page.viewport_size == {"width": PHONE[0], "height": PHONE[1]}:
        page.get_by_role("link", name="Library").click()
        page.get_by_role("main").get_by_role("link", name="Leech").click()
    else:
        expect(page.get_by_role("navigation").get_by_role("link", name="Leech")).to_be_visible()
        page.keyboard.press("/")
        page.keyboard.type("leech")
        page.get_by_role("option", name="Leech", exact=True).click()
    page.wait_for_url("**/leech")
    expect(page.get_by_role("heading", level=1)).to_have_text("Leech")


def well_made(page: Page) -> list[str]:
    """What is wrong with the page as it is. Jobs change their places as their states do, so that shifts say nothing."""
    settled(page)
    return violations(page) + small_controls(page) + ([] if fits(page) else ["it is wider than the window"])


def test_links_become_files_and_what_fails_says_why_and_is_tried_again(page: Page, stage: Leeching) -> None:
    here = f"{stage.sources}/{page.viewport_size['width'] if page.viewport_size else 0}"
    stage.source.gone.add(gone := f"{here}/Gone.mkv".removeprefix(stage.sources))
    opened_as_people_do(page, stage)
    settled(page)
    assert shifts(page) == []

    add(page, f"{here}/Garden.mkv", f"{here}/Gone.mkv")
    expect(page.get_by_text("2 links added")).to_be_visible()
    expect(links(page)).to_have_value("")
    expect(links(page)).to_be_focused()
    expect(row(page, "Gone.mkv").filter(has_text=here)).to_contain_text(
        re.compile("Failed.*404", re.DOTALL), timeout=LONG
    )
    expect(row(page, "Garden.mkv").filter(has_text=here)).to_contain_text("Done", timeout=LONG)
    expect(page.get_by_role("status").filter(has_text=re.compile(r"\.mkv (is done|has failed)"))).to_have_count(1)

    add(page, f"{here}/Garden.mkv", "gopher://example.org/1")
    outcomes = page.get_by_role("list", name="What became of the links")
    expect(outcomes.get_by_role("listitem").filter(has_text="Garden.mkv")).to_contain_text("Is there already")
    expect(outcomes.get_by_role("listitem").filter(has_text="gopher:")).to_contain_text("has to begin with")
    expect(links(page)).to_have_value("gopher://example.org/1")
    assert well_made(page) == []

    add(page, f"{here}/Slow.mkv")
    slow = row(page, "Slow.mkv").filter(has_text=here)
    expect(slow.get_by_role("progressbar")).to_be_visible(timeout=LONG)
    slow.get_by_role("button", name="Cancel").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Cancel the job").click()
    expect(slow).to_contain_text("Cancelled", timeout=LONG)
    expect(slow.get_by_role("button", name="Try again")).to_be_visible()
    assert slow.evaluate("row => row.contains(document.activeElement)"), "the focus is lost with the button"

    stage.source.gone.remove(gone)
    row(page, "Gone.mkv").filter(has_text=here).get_by_role("button", name="Try again").click()
    expect(row(page, "Gone.mkv").filter(has_text=here)).to_contain_text("Done", timeout=LONG)
    page.get_by_role("radio", name="Failed").check(force=True)
    expect(row(page, "Garden.mkv")).to_have_count(0)
    expect(row(page, "").filter(has_text=here)).to_have_count(1)
    page.wait_for_url("**/leech?shown=failed")
    page.get_by_role("radio", name="All").check(force=True)
    row(page, "Garden.mkv").filter(has_text=here).get_by_role("link", name="Open").click()
    page.wait_for_url(re.compile(r"/watch/-?\d+/\d+"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Garden")


def test_axe_finds_nothing_in_arabic_and_light_and_arrows_lead_out_of_the_field(page: Page, stage: Leeching) -> None:
    page.emulate_media(color_scheme="light")
    page.add_init_script(f"localStorage.setItem('sv.language', {json.dumps('ar')})")
    page.goto(f"{stage.url}/leech")
    settled(page)
    field = page.locator("textarea")
    field.focus()
    expect(page.locator("header ~ div [role=status]")).to_be_attached()  # loaded after the page, with the arrow keys
    arrow_to(page, "ArrowDown", "main input")
    assert well_made(page) + shifts(page) == []


@pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone"])
def test_a_feed_is_tried_followed_and_removed(page: Page, stage: Leeching) -> None:
    here = f"{stage.sources}/feed{page.viewport_size['width'] if page.viewport_size else 0}"
    page.goto(f"{stage.url}/leech")
    page.get_by_role("button", name="Show feeds").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Follow a feed").click()
    dialog.get_by_label("Address of the feed").fill(f"{here}/feed.xml")
    dialog.get_by_label("No items with one of these words").fill("2")
    dialog.get_by_label("Take what is in it now, too").check()
    dialog.get_by_role("button", name="Show what would be taken").click()
    tried = dialog.get_by_role("region", name="What would be taken")
    expect(tried.get_by_role("listitem")).to_have_text(
        [re.compile("Film 1.*Would be taken"), re.compile("Film 2.*Excluded by “2”")], timeout=LONG
    )
    assert well_made(page) == []
    dialog.get_by_role("button", name="Follow it").click()
    feed = dialog.get_by_role("list", name="Feeds").get_by_role("listitem").filter(has_text=here)
    expect(feed).to_contain_text("1 taken", timeout=LONG)
    expect(feed).to_contain_text(f"Feed {here.removeprefix(stage.sources)}/")
    assert well_made(page) == []
    feed.get_by_role("button", name="Remove").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
    expect(feed).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Show feeds")).to_be_focused()
    expect(row(page, "Garden.mkv").filter(has_text=here)).to_contain_text("Done", timeout=LONG)

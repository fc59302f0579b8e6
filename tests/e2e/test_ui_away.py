"""The web UI of a server that is not public: lost in mid-play, opened by links that end, watched at work, elsewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.support import timed_films
from tests.support.browser import CARDS, command, number, wait
from tests.support.cut_off import SECONDS, CutOff, cut_off
from tests.support.elsewhere import elsewhere
from tests.support.player import LONG, VIDEO, captions, choose, said, trouble
from tests.support.ports import free_port
from tests.support.waiting import until

AWAY = "The server does not answer. Playing goes on by itself when it is back."
SUBTITLES = "1\n00:00:00,000 --> 00:00:59,000\nRead beside the film\n"
WATCH_TIME = """(() => {
    const video = document.querySelector('video');
    window.jumps = [];
    let last = video.currentTime;
    video.addEventListener('timeupdate', () => {
        if (video.readyState < 2 || video.seeking) return;
        const now = video.currentTime;
        if (now < last - 0.5 || now > last + 3) window.jumps.push([last, now]);
        last = now;
    });
})()"""
"""Notes where the film goes on elsewhere than where it was."""


PORT = free_port()
"""Of the site on which the same UI stands, too."""


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CutOff]:
    with cut_off(tmp_path_factory.mktemp("away"), talk=1500, CORS_ORIGINS=f"http://localhost:{PORT}") as running:
        yield running


@pytest.fixture(scope="module")
def films(away: CutOff) -> dict[str, str]:
    """The pages of two films: one that is played as it is, one by hls.js."""
    return {
        "direct": away.post(timed_films.mp4(), "timed.mp4"),
        "hls.js": away.post(timed_films.matroska(), "timed.mkv"),
    }


@pytest.fixture(scope="module")
def owner(browser: Browser, away: CutOff) -> Iterator[BrowserContext]:
    """A browser in which the owner has logged in."""
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    away.log_in(page)
    page.close()
    yield context
    context.close()


CUTS = {"direct": (b"GET /stream/", 900_000), "hls.js": (b"/0/2.m4s", 60_000)}
"""In which answer the connection freezes, and after how many bytes."""


@pytest.mark.parametrize("way", list(CUTS))
def test_a_film_goes_on_by_itself_when_the_server_is_back(
    owner: BrowserContext, away: CutOff, films: dict[str, str], way: str
) -> None:
    """Its connections were cut in the middle of a body, and it was away until it was seen to be missed."""
    page = owner.new_page()
    away.taps.holds = CUTS[way]
    page.goto(away.url + films[way])
    wait(page, f"{VIDEO}?.dataset.way === '{way}' && {VIDEO}.readyState >= 2", seconds=LONG)
    page.evaluate(f"{VIDEO}.muted = true, {VIDEO}.play()")
    away.run(until(lambda: any(tap.frozen for tap in away.taps.open), timeout=SECONDS))
    page.evaluate(f"{VIDEO}.currentTime = {VIDEO}.buffered.end(0) - 3")
    wait(page, f"!{VIDEO}.seeking && {VIDEO}.currentTime > {VIDEO}.buffered.end(0) - 2.9", seconds=LONG)
    page.evaluate(WATCH_TIME)
    away.lose()
    expect(said(page)).to_have_text(AWAY, timeout=LONG * 1000)
    lost = page.evaluate(f"{VIDEO}.currentTime")
    assert lost > 3
    away.regain()
    wait(page, f"{VIDEO}.currentTime > {lost} + 3 && !{VIDEO}.paused", seconds=2 * LONG)
    assert page.evaluate("window.jumps") == []
    expect(said(page)).to_have_text("")
    expect(trouble(page)).to_have_count(0)
    page.close()


def test_a_link_opens_a_film_for_a_guest_until_it_is_revoked(
    owner: BrowserContext, browser: Browser, away: CutOff, films: dict[str, str]
) -> None:
    """The guest is told so in the middle of the film, and what to do, and when the link is opened again."""
    page = owner.new_page()
    page.goto(away.url + films["direct"])
    page.get_by_role("button", name=re.compile("^More for ")).first.click()
    page.get_by_role("menuitem", name="Make a link to share").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Make the link").click()
    address = dialog.get_by_role("textbox", name="Address").input_value()
    guest = browser.new_context(service_workers="block").new_page()
    away.taps.holds = CUTS["direct"]
    guest.goto(address)
    wait(guest, f"{VIDEO}?.readyState >= 1", seconds=LONG)
    guest.evaluate(f"{VIDEO}.muted = true, {VIDEO}.play()")
    wait(guest, f"{VIDEO}.currentTime > 0.5", seconds=LONG)
    away.run(until(lambda: any(tap.frozen for tap in away.taps.open), timeout=SECONDS))
    dialog.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("The link is revoked")).to_be_visible()
    away.cut()
    refused = guest.get_by_role("heading", level=1, name="This link opens nothing any more")
    expect(refused).to_be_visible(timeout=LONG * 1000)
    expect(guest.get_by_text("Ask whoever sent it for a new one")).to_be_visible()
    guest.goto(address)
    expect(refused).to_be_visible()
    guest.get_by_role("button", name="Log in instead").click()
    expect(guest.get_by_role("heading", level=1, name="Log in with Telegram")).to_be_visible()
    guest.context.close()
    page.close()


def test_a_walk_is_watched_until_it_is_done(owner: BrowserContext, away: CutOff) -> None:
    """Of a channel with more hundreds of messages, which Telegram answers one by one, than it answers at first."""
    page = owner.new_page()
    page.goto(f"{away.url}/manage/channels")
    row = page.get_by_role("list", name="Served channels").get_by_role("listitem").filter(has_text="Vault")
    expect(row).to_contain_text("Not read since the server was started")
    channel = away.world.vault.id
    held = away.world.emulator.faults.slow_answer(method="channels.getMessages", channel=channel, after=8)
    row.get_by_role("button", name="Read history: Vault").click()
    bar = row.get_by_role("progressbar")
    expect(bar).to_be_visible()
    wait(page, "document.querySelector('progress')?.value > 0", seconds=LONG)
    expect(row).to_contain_text("of 1,501 messages")
    assert page.evaluate("document.querySelector('progress').value") < 1
    away.loop.call_soon_threadsafe(held.lift)
    expect(row).to_contain_text("Read: 0 files found", timeout=LONG * 1000)
    expect(bar).to_have_count(0)
    page.close()


def test_a_channel_that_a_stranger_offered_is_served_by_a_press(owner: BrowserContext, away: CutOff) -> None:
    async def offer() -> None:
        world = away.world.emulator.world
        stranger = world.add_user("+15550077", first_name="Ines")
        allotments = world.add_channel("Allotments", creator=stranger)
        world.add_member(allotments, away.world.bot, admin=True)

    away.run(offer())
    page = owner.new_page()
    page.goto(f"{away.url}/manage/channels")
    offered, served = (page.get_by_role("list", name=name) for name in ("Waiting for your word", "Served channels"))
    expect(offered.get_by_role("listitem")).to_contain_text(["added by Ines"], timeout=LONG * 1000)
    page.get_by_role("button", name="Have it served: Allotments").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Have it served").click()
    expect(served.get_by_role("listitem").filter(has_text="Allotments")).to_have_count(1)
    expect(offered).to_have_count(0)
    page.close()


def test_another_device_is_logged_out_from_the_settings(owner: BrowserContext, browser: Browser, away: CutOff) -> None:
    other = browser.new_context(
        service_workers="block",
        user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    )
    lent = other.new_page()
    away.log_in(lent)
    page = owner.new_page()
    page.goto(f"{away.url}/settings")
    devices = page.get_by_role("list", name="Devices").get_by_role("listitem")
    expect(devices.filter(has_text="this one").get_by_role("button")).to_have_count(0)
    page.get_by_role("button", name="Log out Firefox on Linux").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Log out").click()
    expect(devices.filter(has_text="Firefox")).to_have_count(0)
    expect(devices).to_have_count(1)
    lent.goto(f"{away.url}/films")
    expect(lent.get_by_role("heading", level=1, name="Log in with Telegram")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", level=1, name="You")).to_be_visible()
    other.close()
    page.close()


def test_the_same_build_on_another_origin(
    browser: Browser, away: CutOff, films: dict[str, str], tmp_path: Path
) -> None:
    """Log-in by the code, both ways to play, subtitles, and what is new by events, under the policy of `_headers`."""
    text = tmp_path / "timed.en.srt"
    text.write_text(SUBTITLES, "utf-8")
    away.post(text, text.name)
    context = browser.new_context(service_workers="block")
    page, broken = context.new_page(), list[str]()
    page.on("console", lambda told: broken.append(told.text) if "Security Policy" in told.text else None)
    with elsewhere(PORT, away.url) as origin:
        page.goto(f"{origin}/films")
        away.log_in_by_code(command(page), number(page))
        expect(page.get_by_role("heading", level=1, name="Films")).to_be_visible(timeout=LONG * 1000)
        assert context.cookies() == []
        for way, path in films.items():
            page.goto(origin + path)
            wait(page, f"{VIDEO}?.dataset.way === '{way}' && {VIDEO}.readyState >= 2", seconds=LONG)
            page.evaluate(f"{VIDEO}.muted = true, {VIDEO}.play()")
            wait(page, f"{VIDEO}.currentTime > 0.5", seconds=LONG)
        choose(page, "Subtitles", "English")
        expect(captions(page)).to_have_text("Read beside the film", timeout=LONG * 1000)
        with page.expect_response(re.compile("/api/events")) as events:
            page.goto(f"{origin}/files")
        assert events.value.status == 200
        expect(page.locator(CARDS)).to_have_count(3)
        new = tmp_path / "later.srt"
        new.write_text(SUBTITLES, "utf-8")
        away.post(new, new.name)
        expect(page.locator(CARDS)).to_have_count(4, timeout=LONG * 1000)
    context.close()
    assert broken == []

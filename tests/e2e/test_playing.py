"""A film whose sound this browser does not take, played by the page: sounds and subtitles to choose from."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.browser import answer, desktop_only, wait, watch
from tests.support.demo import Demo

DUNES = "كثبان الرمل – Dunes.mkv"
VIDEO = "document.querySelector('video')"
LONG = 30


def choices(page: Page, demo: Demo) -> None:
    """Open the film and wait for what there is to choose."""
    watch(page, demo, DUNES)
    wait(page, "document.querySelector('.choices')", seconds=LONG)


def play(page: Page) -> None:
    page.evaluate(f"() => {{ {VIDEO}.muted = true; {VIDEO}.play().catch(() => {{}}); }}")


@desktop_only
def test_another_sound_is_played_by_the_script_and_subtitles_are_shown(page: Page, demo: Demo) -> None:
    """The AC-3 becomes AAC; time goes on from where the film was; a subtitle of the film is on the screen."""
    choices(page, demo)
    assert page.evaluate(f"{VIDEO}.dataset.way") == "direct"
    play(page)
    wait(page, f"{VIDEO}.currentTime > 1", seconds=LONG)
    expect(page.locator(".why summary")).to_have_text("How it plays: As it is")
    before = page.evaluate(f"{VIDEO}.currentTime")
    page.get_by_label("Sound").select_option(label="German – Deutsch")
    wait(page, f"{VIDEO}.dataset.way === 'hls.js' && {VIDEO}.currentTime > {before + 0.5}", seconds=LONG)
    expect(page.locator(".why summary")).to_have_text("How it plays: By HLS, with a script")
    page.get_by_label("Subtitles").select_option(label="English")
    shown = f"[...{VIDEO}.textTracks].some((t) => t.mode === 'showing' && t.cues?.length >= 5)"
    wait(page, shown, seconds=LONG)
    page.evaluate(f"{VIDEO}.currentTime = 7")
    active = f"[...{VIDEO}.textTracks].flatMap((t) => [...(t.activeCues ?? [])]).map((cue) => cue.text)"
    wait(page, f"({active}).includes('It moves a little every night,')", seconds=LONG)
    decoded = page.evaluate(f"{VIDEO}.webkitAudioDecodedByteCount")
    wait(page, f"{VIDEO}.webkitAudioDecodedByteCount > {decoded}", seconds=LONG)


@pytest.mark.parametrize("page", [(1280, 800), (390, 844)], indirect=True, ids=["desktop", "phone"])
def test_a_film_that_no_way_plays_is_refused_with_the_reason_and_a_player(page: Page, demo: Demo) -> None:
    reasons = {"direct": "The browser does not decode mpeg4.", "hls": "No.", "hls.js": "mpeg4 cannot be repackaged."}
    told = {"way": "player", "reasons": reasons, "audio": None,
            "subtitles": None, "seeks": True, "warning": ""}  # fmt: skip
    page.route("**/api/facts/**", lambda route: answer(route, {"tracks": [], "play": told}))
    watch(page, demo, DUNES)
    notice = page.locator(".stage .notice")
    expect(notice).to_contain_text("The browser does not decode mpeg4. mpeg4 cannot be repackaged.")
    assert (notice.get_by_role("link", name="Open in VLC").get_attribute("href") or "").startswith(
        f"vlc://{demo.url}/stream/"
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("page", [(1280, 800), (390, 844)], indirect=True, ids=["desktop", "phone"])
def test_the_head_of_a_films_page_is_one_row(page: Page, demo: Demo) -> None:
    """The way to the start page, the one back to the list, and the account."""
    choices(page, demo)
    middles = page.evaluate(
        "['#brand', '#back', '#account'].map((one) => document.querySelector(one).getBoundingClientRect())"
        ".map((box) => (box.top + box.bottom) / 2)"
    )
    assert max(middles) - min(middles) < 2
    expect(page.get_by_role("link", name="StreamVault")).to_be_visible()


@desktop_only
def test_a_film_that_must_not_seek_says_so_and_has_no_bar_to_seek_with(page: Page, demo: Demo) -> None:
    """Open groups of pictures: the browser would stop there."""

    def warn(route: Route) -> None:
        reply = route.fetch()
        body = reply.json()
        if body.get("play"):
            body["play"] |= {"seeks": False, "warning": "Seek in a player such as VLC."}
        route.fulfill(response=reply, json=body)

    page.route("**/api/facts/**", warn)
    choices(page, demo)
    expect(page.locator(".said")).to_have_text("Seek in a player such as VLC.")
    play(page)
    wait(page, f"{VIDEO}.currentTime > 0.3", seconds=LONG)
    at = page.evaluate(f"{VIDEO}.currentTime")
    page.locator("h1").press("l")
    assert page.evaluate(f"{VIDEO}.currentTime") < at + 9


@desktop_only
def test_a_server_that_is_busy_is_asked_again_and_the_viewer_is_told(page: Page, demo: Demo) -> None:
    busy = [503, 503]

    def refuse(route: Route) -> None:
        if busy:
            answer(route, {"detail": "busy"}, status=busy.pop(), headers={"Retry-After": "1"})
        else:
            route.continue_()

    page.route("**/master.m3u8*", refuse)
    choices(page, demo)
    page.get_by_label("Sound").select_option(label="German – Deutsch")
    expect(page.locator(".said")).to_contain_text("tries again by itself", timeout=LONG * 1000)
    wait(page, f"{VIDEO}.readyState >= 3", seconds=LONG)
    expect(page.locator(".said")).to_be_hidden()

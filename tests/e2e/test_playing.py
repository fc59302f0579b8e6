"""A film whose sound this browser does not take, played by the page: its sounds, subtitles and versions."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.browser import answer, desktop_only, items, wait, watch
from tests.support.demo import Demo
from tests.support.player import LONG, VIDEO, captions, choose, chosen, opener, play, region, said, statistics, trouble
from tests.support.player_films import AURORA, DUNES, GERMAN, RIDGE, open_film, told

WORK = {"key": "f:dunes", "title": "Dunes", "seasons": []}
ONLY_FIRST = "The browser plays only the first sound of the file."


@desktop_only
def test_another_sound_is_played_by_the_script_and_subtitles_are_shown(page: Page, demo: Demo) -> None:
    """The AC-3 becomes AAC; time goes on from where the film was; a subtitle of the film is on the screen."""
    open_film(page, demo)
    assert page.evaluate(f"{VIDEO}.dataset.way") == "direct"
    play(page)
    wait(page, f"{VIDEO}.currentTime > 1", seconds=LONG)
    before = page.evaluate(f"{VIDEO}.currentTime")
    choose(page, "Sound", GERMAN)
    wait(page, f"{VIDEO}.dataset.way === 'hls.js' && {VIDEO}.currentTime > {before + 0.5}", seconds=LONG)
    choose(page, "Subtitles", "English")
    page.evaluate(f"{VIDEO}.currentTime = 7")
    expect(captions(page)).to_have_text(["It moves a little every night,"], timeout=LONG * 1000)
    decoded = page.evaluate(f"{VIDEO}.webkitAudioDecodedByteCount")
    wait(page, f"{VIDEO}.webkitAudioDecodedByteCount > {decoded}", seconds=LONG)


@desktop_only
def test_the_statistics_tell_how_a_film_plays_and_why_not_as_it_is(page: Page, demo: Demo) -> None:
    open_film(page, demo)
    page.keyboard.press("i")
    expect(statistics(page)).to_contain_text("As it is", timeout=LONG * 1000)
    choose(page, "Sound", GERMAN)
    expect(statistics(page)).to_contain_text("By HLS, with a script", timeout=LONG * 1000)
    expect(statistics(page)).to_contain_text("The browser does not decode the sound, ac3 (ac-3)")


@pytest.mark.parametrize("page", [(1280, 800), (390, 844)], indirect=True, ids=["desktop", "phone"])
def test_a_film_that_no_way_plays_is_refused_with_the_reason_and_a_player(page: Page, demo: Demo) -> None:
    """Before anything of it is asked for: nothing begins that would fail."""
    reasons = {"direct": "The browser does not decode mpeg4.", "hls": "No.", "hls.js": "mpeg4 cannot be repackaged."}
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/api/facts/**", lambda route: answer(route, told("player", reasons=reasons)))
    watch(page, demo, DUNES)
    card = trouble(page)
    expect(card).to_contain_text("The browser does not decode mpeg4. mpeg4 cannot be repackaged.")
    expect(card.get_by_role("link", name="Download")).to_be_visible()
    vlc = card.get_by_role("link", name="Open in VLC").get_attribute("href") or ""
    assert vlc.startswith(f"vlc://{demo.url}/stream/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [url for url in asked if "/stream/" in url or "/hls/" in url] == []


@desktop_only
def test_another_version_is_played_of_a_film_that_this_browser_cannot_play(page: Page, demo: Demo) -> None:
    """The best that plays: not one that does not, nor another episode; one that was never read is asked for first."""
    all_files, refused = items(page, demo), told("player", reasons={"direct": "The browser does not decode mpeg4."})
    facts = {**all_files[RIDGE]["facts"], "work": "f:dunes", "season": None, "episode": None}

    def version(name: str, way: str, **more: object) -> dict[str, object]:
        return {**all_files[name], "facts": {**facts, **more}, "plays": {"way": way, "reason": "", "codecs": ["opus"]}}

    mine = all_files[DUNES]
    listed = [version(DUNES, "player"), version(AURORA, "direct", episode=2), version(AURORA, "player"),
              version(RIDGE, "unknown")]  # fmt: skip
    own = f"/{mine['chat_id']}/{mine['message_id']}"
    asked: list[str] = []

    def works(route: Route) -> None:
        asked.append(route.request.url)
        answer(route, {**WORK, "files": listed})

    page.route(f"**/api/facts{own}**", lambda route: answer(route, refused))
    page.route(f"**/api/catalog{own}**", lambda route: answer(route, {**route.fetch().json(), "facts": facts}))
    page.route("**/api/works/**", works)
    watch(page, demo, DUNES)
    words = f"The browser does not decode mpeg4. This is another version: {RIDGE}."
    expect(page.get_by_role("status").filter(has_text=words)).to_be_visible(timeout=LONG * 1000)
    ridge = all_files[RIDGE]
    here = f"/stream/{ridge['chat_id']}/{ridge['message_id']}"
    wait(page, f"{VIDEO}?.currentSrc.includes('{here}') && {VIDEO}.readyState >= 1", seconds=LONG)
    play(page)
    wait(page, f"{VIDEO}.currentTime > 0.3", seconds=LONG)
    assert ["client=true" in url and "takes=opus" in url for url in asked] == [False, True]


@pytest.mark.parametrize("page", [(1280, 800), (390, 844)], indirect=True, ids=["desktop", "phone"])
def test_the_head_of_a_films_page_is_one_row(page: Page, demo: Demo) -> None:
    """The way to the start page, and all that stands beside it."""
    open_film(page, demo)
    expect(page.get_by_role("link", name="StreamVault").filter(visible=True)).to_have_count(1)
    middles = page.evaluate(
        "[...document.querySelectorAll('header :is(a, button)')].filter((one) => one.checkVisibility())"
        ".map((one) => one.getBoundingClientRect()).map((box) => (box.top + box.bottom) / 2)"
    )
    assert len(middles) > 1
    assert max(middles) - min(middles) < 2


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
    open_film(page, demo)
    expect(said(page)).to_have_text("Seek in a player such as VLC.")
    assert page.evaluate(f"{VIDEO}.dataset.seeks") == "no"
    expect(page.get_by_role("slider", name="Position")).to_have_count(0)
    play(page)
    wait(page, f"{VIDEO}.currentTime > 0.3", seconds=LONG)
    at = page.evaluate(f"{VIDEO}.currentTime")
    page.locator("h1").press("l")
    assert page.evaluate(f"{VIDEO}.currentTime") < at + 9


@desktop_only
@pytest.mark.parametrize("refusal", ["player", "error"])
def test_a_sound_that_no_way_plays_leaves_the_film_and_the_panel_as_they_were(
    page: Page, demo: Demo, refusal: str
) -> None:
    def decide(route: Route) -> None:
        if "audio=2" not in route.request.url:
            answer(route, told("direct"))
        elif refusal == "error":
            answer(route, {"detail": "gone"}, status=500)
        else:
            answer(
                route, told("player", audio=2, reasons={"direct": ONLY_FIRST, "hls.js": "vp8 cannot be repackaged."})
            )

    page.route("**/api/facts/**", decide)
    watch(page, demo, AURORA)
    opener(page, "Sound").wait_for(timeout=LONG * 1000)
    play(page)
    wait(page, f"{VIDEO}.currentTime > 0.3", seconds=LONG)
    choose(page, "Sound", "Track 2")
    why = "The server does not answer" if refusal == "error" else f"{ONLY_FIRST} vp8 cannot be repackaged."
    expect(said(page)).to_contain_text(why)
    assert chosen(page, "Sound") == 0
    at = page.evaluate(f"{VIDEO}.currentTime")
    wait(page, f"!{VIDEO}.paused && {VIDEO}.currentTime > {at + 0.3}", seconds=LONG)


@desktop_only
def test_subtitles_stay_whatever_way_another_sound_is_played(page: Page, demo: Demo) -> None:
    """Within the script, back to the file as it is, and in the script again."""
    open_film(page, demo)
    choose(page, "Sound", GERMAN)
    wait(page, f"{VIDEO}.dataset.way === 'hls.js' && {VIDEO}.readyState >= 2", seconds=LONG)
    choose(page, "Subtitles", "English")
    page.evaluate(f"{VIDEO}.currentTime = 7")
    for sound, way in ((0, "direct"), (GERMAN, "hls.js"), (0, "direct")):
        expect(captions(page)).to_have_text(["It moves a little every night,"], timeout=LONG * 1000)
        choose(page, "Sound", sound)
        wait(page, f"{VIDEO}.dataset.way === '{way}' && {VIDEO}.readyState >= 2", seconds=LONG)
        wait(page, f"Math.abs({VIDEO}.currentTime - 7) < 0.2", seconds=LONG)
    expect(captions(page)).to_have_text(["It moves a little every night,"], timeout=LONG * 1000)


@pytest.mark.parametrize("page", [(1280, 800), (390, 844)], indirect=True, ids=["desktop", "phone"])
def test_the_title_stands_right_below_the_picture_with_and_without_a_choice(page: Page, demo: Demo) -> None:
    for name in (DUNES, RIDGE):
        watch(page, demo, name)
        wait(page, f"{VIDEO}?.dataset.way === 'direct' && {VIDEO}.readyState >= 1", seconds=LONG)
        picture, title = region(page).bounding_box(), page.locator("h1").bounding_box()
        assert picture is not None
        assert title is not None
        assert 0 < title["y"] - (picture["y"] + picture["height"]) < 40

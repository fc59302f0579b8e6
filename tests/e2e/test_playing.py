"""A film whose sound this browser does not take, played by the page: sounds and subtitles to choose from."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.browser import answer, desktop_only, items, wait, watch
from tests.support.demo import Demo

DUNES = "كثبان الرمل – Dunes.mkv"
VIDEO = "document.querySelector('video')"
AURORA = "极光之夜 · Aurora.webm"
RIDGE = "Ridge Line (2024).mp4"
SHOWN = f"[...{VIDEO}.textTracks].some((t) => t.mode === 'showing' && t.cues?.length >= 5)"
LONG = 30
ONLY_FIRST = "The browser plays only the first sound of the file."
TIMERS = """
const [set, clear] = [setTimeout, clearTimeout];
window.timers = new Map();
window.setTimeout = (what, delay, ...more) => {
  const id = set(what, delay, ...more);
  timers.set(id, delay);
  return id;
};
window.clearTimeout = (id) => { timers.delete(id); clear(id); };
"""


def choices(page: Page, demo: Demo) -> None:
    """Open the film and wait for what there is to choose."""
    watch(page, demo, DUNES)
    wait(page, "document.querySelector('.choices')", seconds=LONG)


def told(way: str, *, audio: int | None = 1, sounds: int = 2, reasons: dict[str, str] | None = None) -> dict[str, Any]:
    """Facts of a film with some sounds, and how to play it."""
    tracks = [{"index": at, "type": "audio" if at else "video", "codec_string": "", "language": "", "title": ""}
              for at in range(sounds + 1)]  # fmt: skip
    return {"tracks": tracks, "play": {"way": way, "reasons": reasons or {}, "audio": audio, "subtitles": None,
                                       "seeks": True, "warning": ""}}  # fmt: skip


def play(page: Page) -> None:
    page.evaluate(f"() => {{ {VIDEO}.muted = true; {VIDEO}.play().catch(() => {{}}); }}")


@desktop_only
def test_another_sound_is_played_by_the_script_and_subtitles_are_shown(page: Page, demo: Demo) -> None:
    """The AC-3 becomes AAC; time goes on from where the film was; a subtitle of the film is on the screen."""
    choices(page, demo)
    assert page.evaluate(f"{VIDEO}.dataset.way") == "direct"
    play(page)
    wait(page, f"{VIDEO}.currentTime > 1", seconds=LONG)
    expect(page.locator(".why summary")).to_have_count(0)
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
        answer(route, {"files": listed, "seasons": []})

    page.route(f"**/api/facts{own}**", lambda route: answer(route, refused))
    page.route(f"**/api/catalog{own}**", lambda route: answer(route, {**mine, "facts": facts}))
    page.route("**/api/works/**", works)
    watch(page, demo, DUNES)
    expect(page.locator(".stage + .said")).to_contain_text(
        f"The browser does not decode mpeg4. This is another version: {RIDGE}."
    )
    play(page)
    wait(page, f"{VIDEO}.currentTime > 0.3", seconds=LONG)
    ridge = all_files[RIDGE]
    assert f"/stream/{ridge['chat_id']}/{ridge['message_id']}" in page.evaluate(f"{VIDEO}.currentSrc")
    assert ["client=1" in url and "takes=opus" in url for url in asked] == [False, True]


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
@pytest.mark.parametrize(
    ("asked", "detail", "words"),
    [
        ("**/master.m3u8*", "the film is being looked into: come back in 2 s", "The film is being looked into."),
        ("**/*.m4s*", "Telegram does not answer.", "Telegram does not answer."),
        ("**/master.m3u8*", None, "The server is busy."),
    ],
)
def test_a_server_that_is_busy_is_asked_again_and_the_viewer_is_told_why(
    page: Page, demo: Demo, asked: str, detail: str | None, words: str
) -> None:
    busy = [503, 503]

    def refuse(route: Route) -> None:
        if busy:
            answer(route, {"detail": detail}, status=busy.pop(), headers={"Retry-After": "1"})
        else:
            route.continue_()

    page.route(asked, refuse)
    choices(page, demo)
    page.get_by_label("Sound").select_option(label="German – Deutsch")
    said = f"{words} This page tries again by itself."
    expect(page.locator(".said")).to_have_text(said, timeout=LONG * 1000)
    wait(page, f"{VIDEO}.readyState >= 3", seconds=LONG)
    expect(page.locator(".said")).to_be_hidden()


@desktop_only
def test_a_refusal_is_told_in_the_words_of_the_server(page: Page, demo: Demo) -> None:
    def refuse(route: Route) -> None:
        answer(route, {"detail": "This part of the film cannot be repackaged (damaged)"}, status=422)

    page.route("**/*.m4s*", refuse)
    choices(page, demo)
    page.get_by_label("Sound").select_option(label="German – Deutsch")
    told = page.get_by_text("This part of the film cannot be repackaged (damaged).", exact=False)
    expect(told.first).to_be_visible(timeout=LONG * 1000)


@desktop_only
@pytest.mark.parametrize("refusal", ["player", "error"])
def test_a_sound_that_no_way_plays_leaves_the_film_and_the_menu_as_they_were(
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
    page.get_by_label("Sound").wait_for(timeout=LONG * 1000)
    play(page)
    wait(page, f"{VIDEO}.currentTime > 0.3", seconds=LONG)
    page.get_by_label("Sound").select_option("2")
    why = "The server does not answer" if refusal == "error" else f"{ONLY_FIRST} vp8 cannot be repackaged."
    expect(page.locator(".said")).to_contain_text(why)
    expect(page.get_by_label("Sound")).to_have_value("1")
    at = page.evaluate(f"{VIDEO}.currentTime")
    wait(page, f"!{VIDEO}.paused && {VIDEO}.currentTime > {at + 0.3}", seconds=LONG)


@desktop_only
@pytest.mark.parametrize("outcome", ["hls.js", "direct", "none"])
def test_what_the_player_refuses_before_the_facts_are_there_waits_for_them(
    page: Page, demo: Demo, outcome: str
) -> None:
    """The stream says MP4 and is something else."""
    held: list[Route] = []
    page.route("**/api/facts/**", lambda route: held.append(route))
    page.route("**/stream/**", lambda route: route.fulfill(content_type="video/mp4", body=b"RIFF" + b"x" * 4000))
    with page.expect_request("**/api/facts/**"):
        watch(page, demo, RIDGE)
    wait(page, f"{VIDEO}.error", seconds=LONG)
    expect(page.locator(".said")).to_have_text("The server reads the film.")
    page.unroute("**/api/facts/**")
    facts = told(outcome, sounds=1)

    def reply(route: Route) -> None:
        answer(route, facts) if outcome != "none" else answer(route, {"detail": "no"}, status=422)

    page.route("**/api/facts/**", reply)
    for route in held:
        reply(route)
    if outcome == "hls.js":
        wait(page, f"{VIDEO}.readyState >= 2 && !{VIDEO}.error", seconds=LONG)
        expect(page.locator(".said")).to_be_hidden()
    else:
        expect(page.locator(".stage .notice")).to_contain_text("Not for this browser")


@desktop_only
@pytest.mark.parametrize("status", [202, 503])
def test_a_film_that_the_server_still_reads_is_tried_as_it_is_and_goes_on_as_decided(
    page: Page, demo: Demo, status: int
) -> None:
    reading = [True]

    def read(route: Route) -> None:
        if reading:
            answer(route, {"state": "reading"}, status=status, headers={"Retry-After": "1"})
        else:
            answer(route, told("hls.js"))

    page.route("**/api/facts/**", read)
    watch(page, demo, DUNES)
    expect(page.locator(".said")).to_have_text("The server reads the film.")
    wait(page, f"{VIDEO}.getAttribute('src')?.includes('/stream/') && {VIDEO}.readyState >= 2", seconds=LONG)
    expect(page.locator(".said")).to_be_hidden()
    reading.clear()
    wait(page, f"{VIDEO}.dataset.way === 'hls.js' && {VIDEO}.src.startsWith('blob:')", seconds=LONG)
    wait(page, f"{VIDEO}.readyState >= 2", seconds=LONG)


@desktop_only
def test_trying_again_begins_without_the_menus_of_before(page: Page, demo: Demo) -> None:
    page.route("**/api/facts/**", lambda route: answer(route, told("hls.js")))
    menus_first: list[Route] = []
    page.route("**/master.m3u8*", lambda route: menus_first.append(route))
    with page.expect_request("**/master.m3u8*"):
        watch(page, demo, DUNES)
    page.locator(".choices").wait_for(timeout=LONG * 1000)
    page.unroute("**/master.m3u8*")
    menus_first[0].fulfill(status=422, content_type="application/problem+json", body="{}")
    again = page.get_by_role("button", name="Try again")
    again.wait_for(timeout=LONG * 1000)
    expect(page.locator(".choices")).to_have_count(0)
    again.click()
    wait(page, f"{VIDEO} && {VIDEO}.readyState >= 2 && document.querySelector('.choices')", seconds=LONG)
    expect(page.locator(".choices")).to_have_count(1)


@desktop_only
def test_subtitles_stay_whatever_way_another_sound_is_played(page: Page, demo: Demo) -> None:
    """Within the script, back to the file as it is, and in the script again; the words above say how it plays."""
    choices(page, demo)
    expect(page.locator(".why details")).to_have_count(0)
    page.get_by_label("Sound").select_option(label="German – Deutsch")
    wait(page, f"{VIDEO}.dataset.way === 'hls.js' && {VIDEO}.readyState >= 2", seconds=LONG)
    expect(page.locator(".why summary")).to_have_text("How it plays: By HLS, with a script")
    page.get_by_label("Subtitles").select_option(label="English")
    wait(page, SHOWN, seconds=LONG)
    page.get_by_label("Sound").select_option(index=0)
    wait(page, f"{VIDEO}.dataset.way === 'direct' && {SHOWN} && {VIDEO}.querySelector('track')", seconds=LONG)
    expect(page.locator(".why details")).to_have_count(0)
    page.get_by_label("Sound").select_option(label="German – Deutsch")
    wait(page, f"{VIDEO}.dataset.way === 'hls.js' && {VIDEO}.readyState >= 2 && {SHOWN}", seconds=LONG)


@desktop_only
def test_a_busy_server_is_asked_again_when_it_says_and_not_once_another_way_is_taken(page: Page, demo: Demo) -> None:
    page.add_init_script(TIMERS)
    busy = {"Retry-After": "17"}
    page.route("**/master.m3u8*", lambda route: answer(route, {"detail": "busy"}, status=503, headers=busy))
    choices(page, demo)
    page.get_by_label("Sound").select_option(label="German – Deutsch")
    wait(page, "[...timers.values()].includes(17000)", seconds=LONG)
    page.get_by_label("Sound").select_option(index=0)
    wait(page, f"{VIDEO}.dataset.way === 'direct' && ![...timers.values()].includes(17000)", seconds=LONG)


@desktop_only
def test_the_description_stands_beside_the_picture_with_and_without_a_choice(page: Page, demo: Demo) -> None:
    place = "(name) => document.querySelector(name).getBoundingClientRect().toJSON()"
    with page.expect_response("**/subtitles/**") as listed:
        watch(page, demo, RIDGE)
    listed.value.finished()
    wait(page, f"{VIDEO}.dataset.way === 'direct'", seconds=LONG)
    expect(page.locator(".choices")).to_have_count(0)
    choices(page, demo)
    stage, about, bar = (page.evaluate(place, name) for name in (".stage", ".about", ".choices"))
    assert about["top"] == stage["top"]
    assert about["left"] > stage["right"]
    assert 0 < bar["top"] - stage["bottom"] < 40

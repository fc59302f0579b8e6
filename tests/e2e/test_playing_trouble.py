"""What a film does in the page when the server is busy, away, reads it still or refuses it: told, and tried again."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.browser import answer, desktop_only, wait, watch
from tests.support.demo import Demo
from tests.support.player import LONG, VIDEO, choose, chosen, opener, region, said, trouble
from tests.support.player_films import DUNES, GERMAN, RIDGE, open_film, told

READING = {
    202: "The server reads the film.",
    503: "The server is busy. This page tries again by itself.",
}
AWAY = "The server does not answer. Playing goes on by itself when it is back."
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


@desktop_only
@pytest.mark.parametrize(
    ("asked", "told_by"),
    [
        (
            "**/master.m3u8*",
            {
                "the film is being looked into: come back in 2 s": "The film is being looked into.",
                None: "The server is busy.",
            },
        ),
        ("**/*.m4s*", {"Telegram does not answer.": "Telegram does not answer."}),
    ],
    ids=["playlist", "segment"],
)
def test_a_server_that_is_busy_is_asked_again_and_the_viewer_is_told_why(
    page: Page, demo: Demo, asked: str, told_by: dict[str | None, str]
) -> None:
    busy = list(told_by)

    def refuse(route: Route) -> None:
        if busy:
            answer(route, {"detail": busy[0]}, status=503, headers={"Retry-After": "1"})
        else:
            route.continue_()

    page.route(asked, refuse)
    open_film(page, demo)
    choose(page, "Sound", GERMAN)
    for words in told_by.values():
        expect(said(page)).to_have_text(f"{words} This page tries again by itself.", timeout=LONG * 1000)
        del busy[0]
    wait(page, f"{VIDEO}.readyState >= 3", seconds=LONG)
    expect(said(page)).to_have_text("")


@desktop_only
def test_a_busy_server_is_asked_again_when_it_says_and_not_once_another_way_is_taken(page: Page, demo: Demo) -> None:
    page.add_init_script(TIMERS)
    busy = {"Retry-After": "17"}
    page.route("**/master.m3u8*", lambda route: answer(route, {"detail": "busy"}, status=503, headers=busy))
    open_film(page, demo)
    choose(page, "Sound", GERMAN)
    wait(page, "[...timers.values()].includes(17000)", seconds=LONG)
    choose(page, "Sound", 0)
    wait(page, f"{VIDEO}.dataset.way === 'direct' && ![...timers.values()].includes(17000)", seconds=LONG)


@desktop_only
def test_a_refusal_is_told_in_the_words_of_the_server(page: Page, demo: Demo) -> None:
    def refuse(route: Route) -> None:
        answer(route, {"detail": "This part of the film cannot be repackaged (damaged)"}, status=422)

    page.route("**/*.m4s*", refuse)
    open_film(page, demo)
    choose(page, "Sound", GERMAN)
    words = "This part of the film cannot be repackaged (damaged). Open it in a player such as VLC or mpv"
    expect(trouble(page)).to_contain_text(words, timeout=LONG * 1000)


@desktop_only
def test_trying_again_after_a_refusal_plays_and_offers_each_choice_once(page: Page, demo: Demo) -> None:
    page.route("**/api/facts/**", lambda route: answer(route, told("hls.js")))
    playlists: list[Route] = []
    page.route("**/master.m3u8*", lambda route: playlists.append(route))
    with page.expect_request("**/master.m3u8*"):
        watch(page, demo, DUNES)
    opener(page, "Sound").wait_for(timeout=LONG * 1000)
    page.unroute("**/master.m3u8*")
    playlists[0].fulfill(status=422, content_type="application/problem+json", body="{}")
    again = trouble(page).get_by_role("button", name="Try again")
    again.wait_for(timeout=LONG * 1000)
    expect(region(page).get_by_role("button", name="Sound", exact=True)).to_have_count(0)
    again.click()
    wait(page, f"{VIDEO}?.readyState >= 2", seconds=LONG)
    expect(trouble(page)).to_have_count(0)
    expect(opener(page, "Sound")).to_have_count(1)


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
    wait(page, f"{VIDEO}?.error", seconds=LONG)
    expect(said(page)).to_have_text("The server reads the film.")
    page.unroute("**/api/facts/**")
    facts = told(outcome, sounds=1)

    def reply(route: Route) -> None:
        answer(route, facts) if outcome != "none" else answer(route, {"detail": "no"}, status=422)

    page.route("**/api/facts/**", reply)
    for route in held:
        reply(route)
    if outcome == "hls.js":
        wait(page, f"{VIDEO}.readyState >= 2 && !{VIDEO}.error", seconds=LONG)
        expect(said(page)).to_have_text("")
    else:
        expect(trouble(page)).to_contain_text("This browser cannot play this film", timeout=LONG * 1000)


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
    expect(said(page)).to_have_text(READING[status])
    wait(page, f"{VIDEO}.getAttribute('src')?.includes('/stream/') && {VIDEO}.readyState >= 2", seconds=LONG)
    expect(said(page)).to_have_text("")
    reading.clear()
    wait(page, f"{VIDEO}.dataset.way === 'hls.js' && {VIDEO}.src.startsWith('blob:')", seconds=LONG)
    wait(page, f"{VIDEO}.readyState >= 2", seconds=LONG)


@desktop_only
@pytest.mark.parametrize(("status", "words"), [(0, AWAY), (503, READING[503])])
def test_a_film_goes_on_by_itself_when_the_server_is_back(page: Page, demo: Demo, status: int, words: str) -> None:
    """As it is: the element fails, and the server is looked at until it answers."""
    away = [True]

    def fail(route: Route) -> None:
        if not away:
            route.continue_()
        elif status:
            answer(route, {}, status=status, headers={"Retry-After": "1"})
        else:
            route.abort("connectionrefused")

    page.route("**/stream/**", fail)
    watch(page, demo, RIDGE)
    expect(said(page)).to_have_text(words, timeout=LONG * 1000)
    away.clear()
    wait(page, f"{VIDEO}.readyState >= 2 && !{VIDEO}.error", seconds=LONG)
    expect(said(page)).to_have_text("")
    expect(trouble(page)).to_have_count(0)


@desktop_only
def test_a_film_by_the_script_goes_on_by_itself_when_the_server_is_back(page: Page, demo: Demo) -> None:
    away = [True]
    page.route("**/*.m4s*", lambda route: route.abort("connectionrefused") if away else route.continue_())
    open_film(page, demo)
    choose(page, "Sound", GERMAN)
    expect(said(page)).to_have_text(AWAY, timeout=LONG * 1000)
    away.clear()
    wait(page, f"{VIDEO}.readyState >= 3", seconds=LONG)
    expect(said(page)).to_have_text("")
    expect(trouble(page)).to_have_count(0)


@desktop_only
def test_what_is_told_of_a_sound_that_is_refused_ends_with_the_next_choice(page: Page, demo: Demo) -> None:
    """Also where that is the sound that plays."""
    open_film(page, demo)
    refused = told("player", reasons={"direct": "Only the first sound."})
    page.route("**/api/facts/**", lambda route: answer(route, refused))
    before = chosen(page, "Sound")
    choose(page, "Sound", 1 - before)
    expect(said(page)).to_contain_text("Only the first sound.")
    page.unroute("**/api/facts/**")
    choose(page, "Sound", before)
    expect(said(page)).to_have_text("")


@desktop_only
def test_a_film_that_is_gone_is_told_so(page: Page, demo: Demo) -> None:
    page.route("**/stream/**", lambda route: answer(route, {"detail": "gone"}, status=410))
    watch(page, demo, RIDGE)
    expect(trouble(page)).to_contain_text("This file is no longer there", timeout=LONG * 1000)
    expect(trouble(page).get_by_role("button", name="Try again")).to_have_count(0)

"""Held: names that strangers give their files are text on every page, whatever they look like."""

import re
from itertools import product

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support import proof
from tests.support.browser import (
    CARDS,
    DESKTOP,
    FILMS,
    PHONE,
    desktop_only,
    go,
    items,
    like,
    pretend,
    settle,
    wait,
    watch,
)
from tests.support.demo import Demo

MARK = "window.struck=1"
PAYLOADS = (
    f"<script>{MARK}</script>",
    f"<img src=x onerror={MARK}>",
    f"<svg onload={MARK}>",
    f"<svg><script>{MARK}</script></svg>",
    f'"><script>{MARK}</script>',
    f"'><img src=x onerror={MARK}>",
    f"</title><script>{MARK}</script>",
    f"</textarea><script>{MARK}</script>",
    f"--><script>{MARK}</script>",
    f"]]><script>{MARK}</script>",
    f"<iframe srcdoc='<script>parent.{MARK}</script>'>",
    f"<body onload={MARK}>",
    f"<details open ontoggle={MARK}>",
    f"<a href=javascript:{MARK}>x</a>",
    f"javascript:{MARK}",
    f'" onmouseover="{MARK}',
    f"' autofocus onfocus='{MARK}",
    f"`;{MARK};`",
    f"${{{MARK}}}",
    f"{{{{{MARK}}}}}",
    f"<math><mtext><script>{MARK}</script>",
    f"<template><script>{MARK}</script></template>",
    f"<object data='data:text/html,<script>{MARK}</script>'>",
    f"<embed src='javascript:{MARK}'>",
    "<meta http-equiv=refresh content='0;url=//192.0.2.1'>",
    "<base href=//192.0.2.1/>",
    "<link rel=stylesheet href=//192.0.2.1/a.css>",
    "<style>*{display:none}</style>",
    "<form action=//192.0.2.1><input name=x>",
    "<!--",
    "<![CDATA[",
    "&lt;b&gt;&#60;script&#62;",
    "%3Cscript%3E",
    "a\x00b\x07c\x1b[31m.mp4",
    "line\nbreak\r\nX-Injected: 1.mp4",
    "../../../../etc/passwd",
    "C:\\Windows\\system32\\cmd.exe",
    "a/b?c#d&e=f%2f.mp4",
    "gpj.\u202e4pm.exe",
    "\ufeff\u200b\u200e.mp4",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L͠G̴̖͈" * 5,
    "\ud83d broken surrogate.mp4",
    "x" * 5000,
    "W" * 300 + ".mp4",
)


KINDS = ("video", "document", "audio", "photo")
PLACES = ("name", "title", "performer", "caption")
"""What of a file a stranger may have written."""
VIEWS = ("files", "files?view=compact", "files?view=list")


@pytest.fixture
def struck(page: Page) -> Page:
    """A page on which a dialog or a new window is a failure."""
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
    page.on("popup", lambda _: pytest.fail("another window"))
    return page


def assert_harmless(page: Page, demo: Demo) -> None:
    """Nothing ran, nothing that a name holds became an element, and the page is where it was."""
    assert page.evaluate("window.struck === undefined")
    assert page.url.startswith(demo.url)
    made = page.evaluate(
        "[...document.querySelectorAll('main script, main iframe, main object, main embed, main form, main base, "
        "main meta, main link, main style, main template, main math, main details[ontoggle], "
        '[onerror], [onload], [onfocus], [onmouseover], a[href^="javascript:" i]\')].map(e => e.outerHTML)'
    )
    assert made == []
    out = "[...document.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
    wide = page.evaluate(
        f"document.documentElement.scrollWidth <= innerWidth ? [] : {out}.map(e => e.outerHTML.slice(0, 150))"
    )
    assert wide == [], "something sticks out sideways"


def test_there_are_as_many_as_were_tried() -> None:
    assert len(set(PAYLOADS)) == 44


@pytest.mark.parametrize(
    ("page", "where"),
    [
        (size, where)
        for size, where in product((PHONE, DESKTOP), VIEWS)
        if proof.full() or size == PHONE or where == VIEWS[0]
    ],
    indirect=["page"],
)
def test_in_the_list(struck: Page, demo: Demo, where: str) -> None:
    first = items(struck, demo)[FILMS[0]]
    made = [
        {**first, "message_id": 10_000 + number, "name": name, "title": name, "performer": name, "caption": name}
        for number, name in enumerate(PAYLOADS)
    ]
    pretend(struck, made)
    struck.goto(f"{demo.url}/{where}")
    expect(struck.locator(CARDS).first).to_be_visible()
    seen: set[str] = set()
    for _ in PAYLOADS:
        settle(struck)
        seen.update(struck.locator(CARDS).evaluate_all("all => all.map((a) => a.pathname)"))
        assert_harmless(struck, demo)
        if len(seen) == len(made):
            break
        struck.evaluate("scrollBy({ top: innerHeight * 0.9, behavior: 'instant' })")
        wait(struck, DRAWN)
    assert len(seen) == len(made)


@desktop_only
def test_on_the_page_of_a_file(struck: Page, demo: Demo) -> None:
    """In `make proof` each in every place of the page of a film, by its address; else four of them at once in places of
    their own, on one page after another, of all kinds.
    """
    first = items(struck, demo)[FILMS[0]]
    step = 1 if proof.full() else len(PLACES)
    made = [
        {
            **{place: PAYLOADS[at + number % step] for number, place in enumerate(PLACES)},
            "stream_url": f"{first['stream_url']}?at={at}",
        }
        for at in range(0, len(PAYLOADS), step)
    ]
    for number, path in enumerate(like(struck, demo, first, made)):
        if proof.full() or number % 4 == 0:
            struck.goto(demo.url + path)
        else:
            go(struck, path)
        wait(struck, f"document.querySelector('main a[download][href*=\"at={number * step}&\"]')")
        expect(struck.locator("h1")).to_be_visible()
        settle(struck)
        assert_harmless(struck, demo)


@desktop_only
def test_names_are_text_and_never_markup(page: Page, demo: Demo) -> None:
    evil = '<img src=x onerror="document.title=1">"\'><script>document.title=1</script>.mp4'
    item = {**items(page, demo)[FILMS[0]], "name": evil, "caption": evil, "stream_url": "javascript:document.title=1"}
    pretend(page, [item])
    page.goto(f"{demo.url}/files")
    expect(page.locator(CARDS)).to_have_text(evil.removesuffix(".mp4"))
    page.locator(CARDS).click()
    wait(page, "location.pathname.startsWith('/watch/')")
    expect(page.locator("h1")).to_have_text(evil.removesuffix(".mp4"))
    expect(page.get_by_text(evil, exact=True)).to_be_visible()  # its text
    assert page.locator("h1 :not(bdi), main p img, main script").count() == 0
    assert page.title().startswith(evil.removesuffix(".mp4"))
    assert page.locator("[href^='javascript:'], [src^='javascript:']").count() == 0


DRAWN = """(() => {
    const cells = [...document.querySelectorAll('main li[data-cell]')];
    const seen = (li) => li.getBoundingClientRect().bottom > 0 && li.getBoundingClientRect().top < innerHeight;
    return cells.some(seen) && cells.filter(seen).every((li) => li.querySelector('a'));
})()"""
"""Every cell of the grid that is in sight shows its file."""
BLANK = ["   ", "\u200b\u2060", "\u3164.mp4", "\u00ad \u200e.mkv"]


@desktop_only
def test_a_name_that_shows_nothing_gives_way_to_something_that_is_seen(page: Page, demo: Demo) -> None:
    """X: on its card and on its page."""
    first, day = items(page, demo)[FILMS[0]], re.compile(r"^\w+ \d{1,2}, \d{4}$")
    captions: dict[str, str | re.Pattern[str]] = {"": day, "\u200b\n \nA walk by the sea": "A walk by the sea"}
    blank = {**first, "title": "\u200b ", "kind": "video"}
    tried = list(enumerate(product(BLANK, captions), 10_000))
    pretend(page, [{**blank, "message_id": at, "name": name, "caption": text} for at, (name, text) in tried])
    page.goto(f"{demo.url}/files")
    for at, (_, text) in tried:
        card = page.locator(f"main li[data-cell] a[href*='/watch/{first['chat_id']}/{at}']")
        expect(card).to_have_text(captions[text])
        card.click()
        wait(page, f"location.pathname.endsWith('/{at}')")
        expect(page.locator("h1")).to_have_text(captions[text])
        page.go_back()


TURNING = ("\u202e", "\u202a", "\u2067", "\u200f", "\u061c")


@desktop_only
@pytest.mark.parametrize("signs", TURNING if proof.full() else ["".join(TURNING)], ids=ascii)
def test_names_that_turn_the_text_around_them_are_shown_without_it(page: Page, demo: Demo, signs: str) -> None:
    """19: on cards, in titles, tooltips and details."""

    def turn(route: Route) -> None:
        given = route.fetch()
        route.fulfill(response=given, body=given.text().replace("Ridge", f"Ridge{signs}"))

    page.route(re.compile("/api/catalog"), turn)
    page.goto(f"{demo.url}/files")
    expect(page.locator(CARDS, has_text="Ridge").first).to_be_visible()
    settle(page)
    assert not set(signs) & set(page.content())
    watch(page, demo, "Ridge Line (2024).mp4")
    expect(page.locator("h1")).to_contain_text("Ridge")
    settle(page)
    assert "Ridge" in page.title()
    assert not set(signs) & set(page.title() + page.content())
    page.unroute_all(behavior="wait")  # a list may still be on its way

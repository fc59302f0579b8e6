"""Held: names that strangers give their files are text on every page, whatever they look like."""

import json
import re
from functools import partial

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.browser import DESKTOP, items
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


def test_in_the_list(struck: Page, demo: Demo) -> None:
    [first, *_] = items(struck, demo).values()
    made = [
        {**first, "message_id": 10_000 + number, "name": name, "title": name, "performer": name, "caption": name}
        for number, name in enumerate(PAYLOADS)
    ]
    answer = json.dumps({"items": made, "next_cursor": None, "corrected": None})
    struck.route(re.compile(r"/api/catalog(\?|$)"), partial(_answer, answer))
    struck.goto(demo.url)
    expect(struck.locator(".card:not(.ghost)")).to_have_count(len(made))
    assert_harmless(struck, demo)


@pytest.mark.parametrize("page", [DESKTOP], indirect=True, ids=["desktop"])
def test_on_the_page_of_a_file(struck: Page, demo: Demo) -> None:
    [first, *_] = items(struck, demo).values()
    place = re.compile(rf"/api/catalog/{first['chat_id']}/{first['message_id']}(\?|$)")
    for name in PAYLOADS:
        made = {**first, "name": name, "title": name, "performer": name, "caption": name}
        struck.route(place, partial(_answer, json.dumps(made)))
        struck.goto(f"{demo.url}/watch/{first['chat_id']}/{first['message_id']}")
        expect(struck.locator("h1")).to_be_visible()
        assert_harmless(struck, demo)
        struck.unroute(place)


def _answer(body: str, route: Route) -> None:
    route.fulfill(status=200, content_type="application/json", body=body)

"""Every page of the web UI, as the demo's owner: accessible in both themes and directions, and well laid out."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.test_demo_login import log_in
from tests.support import proof
from tests.support.browser import DESKTOP, PHONE, catalog, fits, go, items, wait
from tests.support.demo import Demo
from tests.support.every_page import SECTIONS, of_the_demo
from tests.support.layout import WATCH_SHIFTS, shifts, small_controls
from tests.support.player import LONG
from tests.support.player_films import DUNES

AXE = Path(__file__).parents[2] / "webui" / "node_modules" / "axe-core" / "axe.min.js"
Look = tuple[Literal["dark", "light"], str, tuple[int, int]]
LOOKS: tuple[Look, ...] = (
    ("dark", "en", DESKTOP), ("light", "ar", PHONE), ("light", "en", DESKTOP), ("dark", "ar", PHONE),
)  # fmt: skip
WAITS = "document.querySelector('main :is([aria-busy=true], [data-waits])')"
"""A part of the page that is still being loaded."""
SEEN = LOOKS if proof.full() else LOOKS[:2]
"""In `make proof` all pages are looked at in each look, otherwise each page in one of the first two."""


@pytest.fixture(scope="module")
def kept(browser: Browser, demo: Demo) -> Any:
    """What a browser keeps in which the owner has logged in."""
    context = browser.new_context()
    page = context.new_page()
    log_in(page, demo)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(params=SEEN, ids=lambda look: "-".join(map(str, look[:2])))
def look(request: pytest.FixtureRequest) -> Look:
    """The theme, the language and the size of the page."""
    found: Look = request.param
    return found


@pytest.fixture
def owner(look: Look, browser: Browser, kept: Any) -> Iterator[Page]:
    """The owner's page in one of the looks, in which axe may be loaded. Whatever of it fails is said on its console."""
    theme, language, (width, height) = look
    context = browser.new_context(
        bypass_csp=True, color_scheme=theme, storage_state=kept, service_workers="block", reduced_motion="reduce",
        viewport={"width": width, "height": height},
    )  # fmt: skip
    context.add_init_script(f"localStorage.setItem('sv.language', {json.dumps(language)})")
    context.add_init_script(WATCH_SHIFTS)
    page, failed = context.new_page(), list[str]()
    page.on("console", lambda said: failed.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert [text for text in failed if not text.startswith("Failed to load resource")] == []


def violations(page: Page, part: str = "html") -> list[str]:
    """What axe finds, of any impact, in a part of the page: a CSS selector."""
    page.evaluate(AXE.read_text("utf-8"))
    look = "part => axe.run(document.querySelector(part), { resultTypes: ['violations'] })"
    found = page.evaluate(look, part)["violations"]
    return [f"{one['id']}: {one['nodes'][0]['target']} {one['nodes'][0]['failureSummary']}" for one in found]


def settled(page: Page) -> None:
    """The page has its heading, and nothing on it is still being loaded: rows further down are when they come near."""
    expect(page.locator("h1").first).to_be_attached()
    wait(page, f"({WAITS}?.scrollIntoView({{ block: 'center', behavior: 'instant' }}), {WAITS} === null)")
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")


def share(all_of_them: Sequence[str], look: Look) -> Sequence[str]:
    """What is visited in one of the looks."""
    return all_of_them if proof.full() else all_of_them[SEEN.index(look) :: len(SEEN)]


def change_to(page: Page, path: str) -> None:
    """Another page within the same document."""
    before = page.title()
    page.evaluate("window.shifts = []")
    go(page, path)
    wait(page, f"document.title !== {json.dumps(before)}")
    settled(page)


def test_axe_finds_nothing_and_nothing_sticks_out_moves_or_is_too_small_to_hit(
    owner: Page, look: Look, demo: Demo
) -> None:
    faults: dict[str, list[str]] = {}
    film = next(one for one in catalog(owner, demo) if one["facts"] and one["facts"]["work"])
    paths = (*SECTIONS, f"/work/{film['facts']['work']}", f"/watch/{film['chat_id']}/{film['message_id']}")
    for path in share(paths, look):
        owner.goto(demo.url + path)
        if path == "/":
            expect(owner.locator("main a[href='/photos']")).to_be_attached()  # of its last row, a part loaded later
        settled(owner)
        found = shifts(owner) + small_controls(owner) + violations(owner)
        if not owner.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            found.append("it is wider than the window")
        if found:
            faults[path] = found
    assert not faults, json.dumps(faults, indent=1)


def test_axe_finds_nothing_on_what_one_opens_in_a_section(owner: Page, look: Look, demo: Demo) -> None:
    """A channel, a collection, an album, an artist; the viewers of pictures and documents, which lie over a page."""
    faults: dict[str, list[str]] = {}
    paths = of_the_demo(owner, demo)
    owner.goto(f"{demo.url}/library")
    settled(owner)
    for name in share(("channel", "collection", "album", "artist", "picture", "reader"), look):
        change_to(owner, paths[name])
        part = "dialog" if name in ("picture", "reader") else "html"
        expect(owner.locator(part).last).to_be_visible()
        found = small_controls(owner) + violations(owner, part)
        found += shifts(owner) if part == "html" else []  # the page below a viewer is not seen
        if not fits(owner):
            found.append("it is wider than the window")
        if found:
            faults[name] = found
    assert not faults, json.dumps(faults, indent=1)


def test_axe_finds_nothing_in_the_panels_of_the_player(owner: Page, demo: Demo) -> None:
    film = items(owner, demo)[DUNES]
    owner.goto(f"{demo.url}/watch/{film['chat_id']}/{film['message_id']}")
    openers = owner.locator("[data-controls] button[aria-haspopup=dialog]")
    expect(openers).to_have_count(3, timeout=LONG * 1000)  # sound, subtitles, settings
    faults: dict[str, list[str]] = {}
    for number in range(3):
        openers.nth(number).focus()  # what has the focus is shown
        owner.keyboard.press("Enter")
        expect(owner.locator("[role=dialog]")).to_be_visible()
        if found := violations(owner, "[role=dialog]"):
            faults[str(number)] = found
        owner.keyboard.press("Escape")
    assert not faults, json.dumps(faults, indent=1)


def test_the_language_turns_the_page(owner: Page, demo: Demo) -> None:
    owner.goto(demo.url)
    settled(owner)
    language, direction = owner.evaluate("[document.documentElement.lang, document.documentElement.dir]")
    assert (language, direction) in (("en", "ltr"), ("ar", "rtl"))
    names = owner.locator("nav a:visible").all_inner_texts()
    arabic = [bool(re.search(r"[\u0600-\u06ff]", name)) for name in names if name.strip()]
    assert arabic
    assert set(arabic) == {language == "ar"}

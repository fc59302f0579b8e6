"""Headless Chromium, driven through Playwright, and what tests ask of its pages."""

import io
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal

import pytest
from PIL import Image
from playwright.sync_api import Browser, Error, Page, Route, expect, sync_playwright

from tests.support.demo import Demo
from tests.support.programs import program
from tests.support.proof import full

expect.set_options(timeout=30_000)  # milliseconds that a machine with other work may need for what a page shows at once

DESKTOP, PHONE = (1280, 800), (390, 844)
FILMS = ("Ridge Line (2024).mp4", "Ночной прилив (late moov).mp4", "极光之夜 · Aurora.webm")
API = re.compile(r"/api/catalog(\?|$)")
"""The items of a list."""
COUNTS = re.compile(r"/api/catalog/(histogram|facets)(\?|$)")
"""How many items a list has, by date and by what they are."""
LISTS = re.compile(r"/api/(catalog(/histogram|/facets)?|works)(\?|$)")
CARDS = "main li[data-cell] a[href*='/watch/']"
"""The links of the cards in a grid, of which only those near the view are there."""
PLAYS = "(document.querySelector('video, audio')?.readyState >= 1)"
REFUSES = "(document.querySelector('[role=alert][data-trouble]') !== null)"
desktop_only = pytest.mark.parametrize("page", [DESKTOP], indirect=True, ids=["desktop"])
_SIZES = {"desktop": DESKTOP, "phone": PHONE} if full() else {"desktop": DESKTOP}
any_size = pytest.mark.parametrize("page", list(_SIZES.values()), indirect=True, ids=list(_SIZES))
"""For what is the same at both sizes, but for how it looks: `make proof` tries both."""

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
_WITHOUT = (
    # for each window, a hidden page for what is typed into its address bar; a process for the page after the next
    "WebUIOmniboxPopup", "WebUIOmniboxFullPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess",
    # of Playwright's own list, which this one replaces
    "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying",
    "OptimizationHints", "PaintHolding", "PreconnectToSearch", "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
)  # fmt: skip
"""Features of Chromium that no page sees: without the first four, a window costs half the processor time."""
MOTION: Literal["reduce", "no-preference"] = "no-preference" if full() else "reduce"
"""Outside `make proof` pages move nothing: each picture on the way is drawn by the processor."""


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """The machine's own Chromium, which plays H.264 and AAC; Playwright's download is not used."""
    path, without = program("chromium"), f"--disable-features={','.join(_WITHOUT)}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, headless=True, args=[*_ARGUMENTS, without, *arguments]
        )
        try:
            yield browser
        finally:
            browser.close()


def catalog(page: Page, demo: Demo) -> list[dict[str, Any]]:
    """All files, the newest first."""
    listed = page.request.get(f"{demo.url}/api/catalog?limit=200").json()
    assert listed["next_cursor"] is None
    return list(listed["items"])


def items(page: Page, demo: Demo) -> dict[str, dict[str, Any]]:
    """The catalog by file name: of several files with one name, one."""
    return {item["name"]: item for item in catalog(page, demo)}


def watch(page: Page, demo: Demo, name: str) -> dict[str, Any]:
    """Open the player of a file."""
    item = items(page, demo)[name]
    page.goto(f"{demo.url}/watch/{item['chat_id']}/{item['message_id']}")
    return item


def is_picture(png: bytes) -> bool:
    """Whether a screenshot shows something: many colours, none of which fills most of it."""
    with Image.open(io.BytesIO(png)) as image:
        colours = image.convert("RGB").resize((64, 64)).getcolors(64 * 64)
    assert colours is not None
    return len(colours) > 100 and max(count for count, _ in colours) < 64 * 64 * 0.5


_SHOWN = """() => {
    const media = document.querySelector("video, audio");
    const played = media && ["readyState", "networkState", "currentTime", "paused", "src"].map((one) => media[one]);
    const busy = [...document.querySelectorAll("[aria-busy=true], [data-waits]")].map((one) => one.outerHTML);
    const [text, waits] = [document.body.innerText, busy.join(" ")].map((one) => one.slice(0, 2000));
    return { url: location.href, text, played, way: media?.dataset.way, waits };
}"""
"""What tells why a page is not as a test expects."""


def wait(page: Page, condition: str, *, seconds: float = 30) -> None:
    """Return once a JavaScript condition holds. Playwright's own waiting evaluates text, which the policy forbids."""
    loop = """async (seconds) => {
        const late = performance.now() + seconds * 1000;
        while (!(CONDITION)) {
            if (performance.now() > late) throw new Error("never: CONDITION");
            await new Promise((done) => setTimeout(done, 20));
        }
    }"""
    try:
        page.evaluate(
            loop.replace("never: CONDITION", json.dumps(condition)[1:-1]).replace("CONDITION", condition), seconds
        )
    except Error as error:
        raise AssertionError(f"{error}\nThe page: {page.evaluate(_SHOWN)}") from error


def go(page: Page, path: str) -> None:
    """Another address within the web UI, as a link in it leads there: the document is not loaded anew."""
    page.evaluate("path => history.pushState(null, '', path)", path)


def settle(page: Page) -> None:
    """Return once the page has drawn what it asked for. Its connection for events stays open, so no network is idle."""
    wait(page, "document.querySelector('h1') && !document.querySelector('[aria-busy=true]')", seconds=20)


def fits(page: Page) -> bool:
    """Whether nothing sticks out sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def command(page: Page) -> str:
    """What the log-in page says to send to the bot."""
    return page.locator("code", has_text="/login ").inner_text()


def number(page: Page) -> int:
    """The number that the log-in page says to choose in the bot."""
    return int(page.get_by_text("Your number").locator("..").inner_text().split()[-1])


def like(page: Page, demo: Demo, item: dict[str, Any], changes: Iterable[dict[str, Any]]) -> list[str]:
    """Files that are this one but for some changes; the paths of their pages, between which `go` leads."""
    here, paths = f"/api/facts/{item['chat_id']}", []
    page.route(f"**{here}/**", lambda route: route.continue_(url=f"{demo.url}{here}/{item['message_id']}"))
    for number, changed in enumerate(changes, 10_000):
        made = {**item, "origins": [], "message_id": number, **changed}
        place = f"{item['chat_id']}/{number}"
        page.route(re.compile(rf"/api/catalog/{place}(\?|$)"), partial(answer, body=made))
        paths.append(f"/watch/{place}")
    return paths


def pretend(page: Page, files: list[dict[str, Any]]) -> None:
    """Lists say that these are all files that there are, and their pages show them."""
    months = [{"key": "2026-01", "count": len(files), "offset": 0}] if files else []
    facets: dict[str, list[object]] = {
        name: [] for name in ("kinds", "chats", "years", "resolutions", "languages", "tags")
    }
    counts = {"corrected": None, "total": len(files), "exact": True, "buckets": months, **facets}
    page.route(COUNTS, lambda route: answer(route, counts))
    page.route(API, lambda route: answer(route, {"items": files, "next_cursor": None, "corrected": None}))
    for file in files:
        place = re.compile(rf"/api/catalog/{file['chat_id']}/{file['message_id']}(\?|$)")
        page.route(place, partial(answer, body={**file, "origins": []}))


def answer(route: Route, body: object, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
    """Let the API say something that the demo does not."""
    kind = "application/json" if status < 400 else "application/problem+json"
    route.fulfill(status=status, content_type=kind, headers=headers or {}, body=json.dumps(body))

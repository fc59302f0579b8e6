"""5: no page fetches anything from elsewhere: each is opened with every network closed but the way to the server."""

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Response, expect
from starlette.responses import JSONResponse

from streamvault.http.middleware.problem_page import for_reader
from tests.support import proof
from tests.support.browser import MOTION, PLAYS, REFUSES, chromium, items, settle, wait
from tests.support.demo import Demo

NOBODY = {"type": "http", "method": "GET", "headers": [(b"accept", b"text/html")]}
PAGES = (
    "/",
    "/search?q=night",
    "/films",
    "/series",
    "/music",
    "/photos",
    "/documents",
    "/files?kind=audio",
    "/channels",
    "/settings",
    "/login",
    "/docs",
    "/nothing/here",
    "/watch/-1001/1",
    "/stream/-1001/1",
    "/stream/x",
    "/readyz",
)
FILES = (
    "Ridge Line (2024).mp4", "01 First Light.mp3", "كثبان الرمل – Dunes.mkv", "极光之夜 · Aurora.webm",
)  # fmt: skip
PROBLEMS = (400, 401, 403, 404, 405, 408, 410, 413, 414, 421, 422, 429, 431, 500, 502, 503)
OWN = re.compile(r"'(none|self|sha256-[A-Za-z0-9+/=]+)'|data:|blob:|sandbox|allow-[a-z-]+")
"""What a policy may name: nothing of another origin, and nothing that a page could be made to run.

`blob:` is what the page itself has made: sources and a worker of hls.js, pictures, fonts out of films, documents.
"""
BLOBS = ("media-src", "worker-src", "img-src", "font-src", "frame-src")


@pytest.fixture(scope="module")
def browser(demo: Demo) -> Iterator[Browser]:
    """A Chromium whose every connection but those to the demo goes to a port on which nobody listens."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        proxy = f"--proxy-server=http://127.0.0.1:{nobody.getsockname()[1]}"
        with chromium(proxy, f"--proxy-bypass-list=<-loopback>;{demo.url.removeprefix('http://')}") as running:
            yield running


@dataclass(frozen=True, slots=True)
class Asked:
    """A page, the addresses that it asks for (what a policy blocks counts as asked), and the policies it was given."""

    page: Page
    urls: list[str]
    policies: list[tuple[str, str]]


def policy_of(response: Response) -> str:
    return response.headers.get("content-security-policy", "")


def _scope(fixture_name: str, config: pytest.Config) -> Literal["function", "module"]:
    return "function" if proof.full() else "module"


@pytest.fixture(scope=_scope)
def watched(browser: Browser) -> Iterator[Asked]:
    """In `make proof` for each test a new one, of a browser that keeps nothing; otherwise one that visits all."""
    context = browser.new_context(service_workers="allow" if proof.full() else "block", reduced_motion=MOTION)
    page = context.new_page()
    asked = Asked(page, [], [])
    page.on("request", lambda request: asked.urls.append(request.url))
    page.on("response", lambda response: asked.policies.append((response.url, policy_of(response))))
    page.on("console", lambda message: asked.urls.append(message.text) if "Security Policy" in message.text else None)
    page.on("pageerror", lambda error: asked.urls.append(str(error)))
    yield asked
    context.close()


@pytest.fixture
def asked(watched: Asked, demo: Demo) -> Iterator[Asked]:
    """The page, which has not asked for anything yet; in the end, all that it has asked for is of the demo."""
    watched.urls.clear()
    watched.policies.clear()
    yield watched
    assert watched.urls
    assert [url for url in watched.urls if not url.startswith((f"{demo.url}/", "data:", "blob:"))] == []
    assert watched.policies
    for url, policy in watched.policies:
        for directive in filter(None, policy.split(";")):
            name, *sources = directive.split()
            assert "blob:" not in sources or name in BLOBS, url
            assert [source for source in sources if not OWN.fullmatch(source)] == [], url


def test_the_network_is_closed_but_for_the_server(browser: Browser, demo: Demo) -> None:
    page = browser.new_page()
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    elsewhere = ("http://192.0.2.1/", "http://localhost:9/", "https://cdn.example.org/a.js")
    page.goto(f"{demo.url}/readyz")
    for url in elsewhere:
        page.evaluate("url => { new Image().src = url }", url)
    page.wait_for_event("requestfailed", predicate=lambda _: set(failed) >= set(elsewhere))
    page.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_nobody_else(asked: Asked, demo: Demo, path: str) -> None:
    page = asked.page
    page.goto(demo.url + path)
    if page.locator("script[type=module]").count():  # the web UI, whose connection for events stays open
        settle(page)
    else:
        page.wait_for_load_state("networkidle")
    assert page.locator("body").inner_text().strip()


@pytest.mark.parametrize("name", FILES)
def test_a_film_or_song_asks_nobody_else(asked: Asked, demo: Demo, name: str) -> None:
    page = asked.page
    item = items(page, demo)[name]
    page.goto(f"{demo.url}/watch/{item['chat_id']}/{item['message_id']}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    wait(page, f"{PLAYS} || {REFUSES}")
    assert any("/stream/" in url for url in asked.urls)


@pytest.mark.parametrize("status", PROBLEMS)
def test_an_error_page_asks_nobody_else(asked: Asked, demo: Demo, status: int) -> None:
    page = asked.page
    detail = "<img src=//192.0.2.1/x> <script src=https://cdn.example.org/a.js></script> @import url(//192.0.2.1)"
    answer = for_reader(JSONResponse({"title": "Problem", "status": status, "detail": detail}, status), dict(NOBODY))
    url = f"{demo.url}/problem"
    page.route(url, lambda route: route.fulfill(status=status, headers=dict(answer.headers), body=bytes(answer.body)))
    page.goto(url)
    page.wait_for_load_state("networkidle")
    expect(page.locator("h1")).to_have_text(detail)
    page.unroute(url)

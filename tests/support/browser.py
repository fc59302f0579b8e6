"""Headless Chromium, driven through Playwright, and what tests ask of its pages."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.support.demo import Demo
from tests.support.programs import program

DESKTOP, PHONE = (1280, 800), (390, 844)
FILMS = ("Ridge Line (2024).mp4", "Ночной прилив (late moov).mp4", "极光之夜 · Aurora.webm")
API = re.compile(r"/api/catalog(\?|$)")
desktop_only = pytest.mark.parametrize("page", [DESKTOP], indirect=True, ids=["desktop"])

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


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """The machine's own Chromium, which plays H.264 and AAC; Playwright's download is not used."""
    path = program("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=[*_ARGUMENTS, *arguments])
        try:
            yield browser
        finally:
            browser.close()


def items(page: Page, demo: Demo) -> dict[str, dict[str, Any]]:
    """The catalog by file name."""
    listed = page.request.get(f"{demo.url}/api/catalog?limit=200").json()["items"]
    return {item["name"]: item for item in listed}


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


def wait(page: Page, condition: str, *, seconds: float = 10) -> None:
    """Return once a JavaScript condition holds. Playwright's own waiting evaluates text, which the policy forbids."""
    loop = """async (seconds) => {
        const late = performance.now() + seconds * 1000;
        while (!(CONDITION)) {
            if (performance.now() > late) throw new Error("never: CONDITION");
            await new Promise((done) => setTimeout(done, 20));
        }
    }"""
    page.evaluate(
        loop.replace("never: CONDITION", json.dumps(condition)[1:-1]).replace("CONDITION", condition), seconds
    )


def answer(route: Route, body: object, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
    """Let the API say something that the demo does not."""
    kind = "application/json" if status < 400 else "application/problem+json"
    route.fulfill(status=status, content_type=kind, headers=headers or {}, body=json.dumps(body))

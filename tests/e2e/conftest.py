"""One running demo for all tests that look at it, a browser for each module; the media are kept between test runs."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, Page

from streamvault.demo.media import ensure_media
from tests.support.browser import DESKTOP, MOTION, PHONE, chromium
from tests.support.demo import Demo, demo_folder, nobody_else, running_demo


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """A running `streamvault demo`; two processes run all tests that ask for it (DEMO in tests/conftest.py)."""
    folder = demo_folder()
    with nobody_else(folder), ThreadPoolExecutor(1) as pool:  # Playwright runs a loop in this thread
        pool.submit(lambda: asyncio.run(ensure_media(folder / "media"))).result()
    with running_demo(folder) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A running Chromium."""
    with chromium() as running:
        yield running


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of one size, on which no script may fail and no policy may be broken.

    Without a service worker: what one fetches, no test can answer in the server's place.
    """
    width, height = getattr(request, "param", DESKTOP)
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark",
        reduced_motion=MOTION,
        service_workers="block",
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Security Policy" in message.text else None)
    yield page
    context.close()
    assert faults == []

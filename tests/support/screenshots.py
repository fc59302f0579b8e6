"""Takes the pictures of README.md and docs/WEB_UI.md in a demo of its own.

    python -m tests.support.screenshots docs

They show what is there: run it again when the pages have changed.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, StorageState

from tests.support.browser import chromium, wait
from tests.support.demo import demo_folder, nobody_else, running_demo

DESK, PHONE = (1280, 800), (390, 844)
_STILL = """document.querySelector('main h1') && [...document.images].every((image) => {
    const box = image.getBoundingClientRect();
    return image.complete || box.top > innerHeight || box.left > innerWidth || box.bottom < 0;
})"""
_VIDEO = "document.querySelector('video')"


def main(folder: Path) -> None:
    """Write the pictures into `folder`."""
    media = demo_folder()
    with nobody_else(media), running_demo(media) as demo, chromium() as browser:
        owner = _owner(browser, re.findall(r"http\S+/login/\S+", demo.printed)[0])
        for name, size, theme, path in (
            ("screenshot", DESK, "dark", "/"),
            ("web-ui-films", DESK, "light", "/films"),
            ("web-ui-music", DESK, "dark", "/music"),
            ("web-ui-manage", DESK, "dark", "/manage"),
            ("web-ui-phone", PHONE, "light", "/"),
        ):
            with _page(browser, size, theme, owner) as page:
                page.goto(demo.url + path)
                _shoot(page, folder / f"{name}.png")
        with _page(browser, DESK, "dark", owner) as page:
            page.goto(f"{demo.url}/films?q=Dunes")
            page.get_by_role("main").get_by_role("link").filter(has_text="Dunes").first.click()
            wait(page, f"{_VIDEO}?.currentTime > 0", seconds=30)
            page.keyboard.press("k")
            page.mouse.move(640, 400)
            _shoot(page, folder / "web-ui-player.png")


def _owner(browser: Browser, link: str) -> StorageState:
    """What a browser keeps in which the demo's owner has logged in."""
    with _page(browser, DESK, "dark", None) as page:
        page.goto(link)
        page.get_by_role("button").first.click()
        wait(page, "location.pathname === '/'")
        return page.context.storage_state()


@contextmanager
def _page(browser: Browser, size: tuple[int, int], theme: str, state: StorageState | None) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        storage_state=state,
        reduced_motion="reduce",
    )
    try:
        yield context.new_page()
    finally:
        context.close()


def _shoot(page: Page, path: Path) -> None:
    wait(page, _STILL)
    page.wait_for_timeout(1500)  # rows and charts that come after the first picture
    wait(page, _STILL)
    page.screenshot(path=path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

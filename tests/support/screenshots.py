"""Takes the pictures of README.md and docs/WEB_UI.md in a demo of its own, or of every page to be looked at.

    python -m tests.support.screenshots docs
    python -m tests.support.screenshots every FOLDER [LOOK or PAGE ...]

The first ones show what is there: run it again when the pages have changed. The others are of each page on a phone, a
desk and a TV in both themes, and once in Arabic: FOLDER/LOOK/PAGE.png.
"""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, StorageState

from tests.support.browser import chromium, go, wait
from tests.support.demo import Demo, demo_folder, nobody_else, running_demo
from tests.support.every_page import SECTIONS, of_the_demo

DESK, PHONE, TV = (1280, 800), (390, 844), (1920, 1080)
LOOKS = {
    f"{name}-{theme}": (size, theme, "en")
    for name, size in (("phone", PHONE), ("desk", DESK), ("tv", TV))
    for theme in ("dark", "light")
} | {"phone-arabic": (PHONE, "light", "ar")}
_STILL = """document.querySelector('h1') && [...document.images].every((image) => {
    const box = image.getBoundingClientRect();
    return image.complete || box.top > innerHeight || box.left > innerWidth || box.bottom < 0;
})"""
_VIDEO = "document.querySelector('video')"


def every(folder: Path, wanted: Sequence[str]) -> None:
    """Write pictures of the pages, and in the looks, with these names; of all where none is named."""
    looks = [look for look in LOOKS if look in wanted] or list(LOOKS)
    pages = [name for name in wanted if name not in LOOKS]
    media = demo_folder()
    with nobody_else(media), running_demo(media) as demo, chromium() as browser:
        owner = _owner(browser, re.findall(r"http\S+/login/\S+", demo.printed)[0])
        with _page(browser, DESK, "dark", owner) as page:
            paths = _paths(page, demo)
        for look in looks:
            chosen = {name: path for name, path in paths.items() if not pages or name in pages}
            _see_all(browser, demo, look, owner, chosen, folder / look)
            if not pages or "login" in pages:
                _see_all(browser, demo, look, None, {"login": "/login"}, folder / look)


def _see_all(
    browser: Browser, demo: Demo, look: str, state: StorageState | None, paths: dict[str, str], folder: Path
) -> None:
    """Pictures of these pages in one look, each the next one in the same document."""
    size, theme, language = LOOKS[look]
    with _page(browser, size, theme, state, language) as page:
        page.goto(demo.url)
        for name, path in paths.items():
            _see(page, path, folder / f"{name}.png")
            if name == "films":
                page.mouse.wheel(0, 500)  # what sticks to the top lies over the list
                _shoot(page, folder / "films-scrolled.png")


def _paths(page: Page, demo: Demo) -> dict[str, str]:
    """Every page by its name."""
    sections = {re.sub(r"\W+", "-", path).strip("-") or "home": path for path in SECTIONS}
    return sections | {"leech": "/leech"} | of_the_demo(page, demo)


def _see(page: Page, path: str, picture: Path) -> None:
    go(page, path)
    wait(page, f"location.pathname === {json.dumps(path.partition('?')[0])}")
    if path.startswith("/watch/"):
        wait(page, f"{_VIDEO}?.currentTime > 0", seconds=30)
        page.keyboard.press("k")  # and the controls are shown
    _shoot(page, picture)


def main(folder: Path) -> None:
    """Write the pictures of the documents into `folder`."""
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
            page.goto(f"{demo.url}/files?q=Dunes")
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
def _page(
    browser: Browser, size: tuple[int, int], theme: str, state: StorageState | None, language: str = "en"
) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        storage_state=state,
        reduced_motion="reduce",
        service_workers="block",
        is_mobile=size == PHONE,
        has_touch=size == PHONE,
    )
    context.add_init_script(f"localStorage.setItem('sv.language', {json.dumps(language)})")
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
    if sys.argv[1] == "every":
        every(Path(sys.argv[2]), sys.argv[3:])
    else:
        main(Path(sys.argv[1]))

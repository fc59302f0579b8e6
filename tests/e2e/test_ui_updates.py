"""The installed web UI: it can be installed, and an open page offers the build that the server has meanwhile."""

import asyncio
import re
from dataclasses import dataclass, replace

from playwright.sync_api import Page, expect

from streamvault.http.web import PAGE, Ui, UiFile, open_ui
from tests.support.browser import chromium, wait
from tests.support.relay import Taps, tapped
from tests.support.serving import Bench, serving
from tests.support.ui import folder_of, the_built_ui

LATER = '<meta name="build" content="later">'
"""In the document of the second build."""


@dataclass
class Serving:
    """A server of which the files may be replaced, behind a relay."""

    files: dict[str, UiFile]
    taps: Taps
    loop: asyncio.AbstractEventLoop

    def start_anew(self, files: dict[str, UiFile]) -> None:
        """As after an upgrade: other files, and all connections were lost."""
        self.files |= files
        for tap in self.taps.all:
            self.loop.call_soon_threadsafe(tap.cut)


def later_build(ui: Ui) -> dict[str, UiFile]:
    """What differs in a second build, but for the files whose names tell their content."""
    document, worker = (ui.files[name].read("identity").decode() for name in (PAGE, "sw.js"))
    made = {
        PAGE: document.replace("<head>", f"<head>{LATER}"),
        "sw.js": re.sub(r'const VERSION = "\w+"', 'const VERSION = "later"', worker),
    }
    assert made["sw.js"] != worker
    built = open_ui(folder_of({name: text.encode() for name, text in made.items()}))
    assert built is not None
    return dict(built.files)


def opened(page: Page, url: str) -> None:
    """The page is there, its service worker answers for it, and the server tells it what is new."""
    page.goto(url)
    wait(page, "navigator.serviceWorker.controller !== null")
    with page.expect_response(re.compile("/api/events")):
        page.reload()
    expect(page.locator("h1").first).to_be_attached()


def upgraded(serving: Serving, ui: Ui) -> None:
    with chromium() as browser:
        page = browser.new_page()
        opened(page, f"http://127.0.0.1:{serving.taps.port}/films")
        inspector = page.context.new_cdp_session(page)
        errors = inspector.send("Page.getInstallabilityErrors")["installabilityErrors"]
        assert {error["errorId"] for error in errors} <= {"in-incognito"}
        assert inspector.send("Page.getAppManifest")["errors"] == []
        serving.start_anew(later_build(ui))
        offer = page.get_by_role("status").filter(has_text="There is a new version of this page")
        expect(offer).to_be_visible()
        assert page.locator("meta[name=build]").count() == 0  # nobody is interrupted
        offer.get_by_role("button", name="Reload").click()
        expect(page.locator("meta[name=build]")).to_have_attribute("content", "later")
        expect(page.get_by_role("heading", level=1, name="Films")).to_be_visible()
        expect(offer).to_have_count(0)


async def test_it_can_be_installed_and_offers_a_new_build_to_an_open_page() -> None:
    bench, ui = Bench(public_access=True), the_built_ui()
    files = dict(ui.files)
    bench.ui = replace(ui, files=files)
    async with serving(bench), tapped("127.0.0.1", bench.address[1]) as taps:
        await asyncio.to_thread(upgraded, Serving(files, taps, asyncio.get_running_loop()), ui)

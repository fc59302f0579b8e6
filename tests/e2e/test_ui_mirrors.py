"""Mirrors in the web UI: made, followed with their lag, asked about, and removed."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from playwright.sync_api import Browser, Page, expect

from tests.e2e.test_ui_leech import well_made
from tests.e2e.test_ui_pages import settled
from tests.support.browser import DESKTOP, MOTION, PHONE
from tests.support.forks import run
from tests.support.layout import WATCH_SHIFTS
from tests.support.mirrored import fill
from tests.support.server import environment_for, server_process
from tests.support.stack import HOME_DC, chat_id_of, emulator_world
from tests.support.ui import the_built_ui

LONG = 30_000


@dataclass
class Mirroring:
    """A server, an owner's token for the page, and the numbers of two channels."""

    url: str
    token: str
    source: int
    target: int


@asynccontextmanager
async def mirroring(folder: Path) -> AsyncIterator[Mirroring]:
    async with emulator_world() as world, server_process(world, folder, entry=HOME_DC) as server:
        await fill(world, world.films, count=12)
        await server.start()
        await server.ready()
        command = ["token", "create", "page", "--can", "read,leech,people,index"]
        code, out, error = await run(command, cwd=folder, env=environment_for(world, folder, entry=HOME_DC))
        assert code == 0, error
        yield Mirroring(server.url, out.split()[-1], chat_id_of(world.films), chat_id_of(world.vault))
        await server.stop()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirroring]:
    the_built_ui()
    with (
        start_blocking_portal() as portal,  # Playwright holds this thread
        portal.wrap_async_context_manager(mirroring(tmp_path_factory.mktemp("mirroring"))) as running,
    ):
        yield running


@pytest.fixture
def page(browser: Browser, stage: Mirroring) -> Iterator[Page]:
    """An owner's page, in which axe may be loaded."""
    context = browser.new_context(
        bypass_csp=True, color_scheme="dark", extra_http_headers={"Authorization": f"Bearer {stage.token}"},
        viewport={"width": DESKTOP[0], "height": DESKTOP[1]}, service_workers="block", reduced_motion=MOTION,
    )  # fmt: skip
    context.add_init_script(WATCH_SHIFTS)
    yield context.new_page()
    context.close()


def test_a_mirror_is_made_followed_and_removed(page: Page, stage: Mirroring) -> None:
    page.goto(f"{stage.url}/manage")
    settled(page)
    page.get_by_role("navigation", name="Sections of Manage").get_by_role("link", name="Mirrors").click()
    expect(page.get_by_text("No channel is mirrored yet")).to_be_visible()
    source, target = (page.get_by_role("textbox", name=name) for name in ("Copy from", "Copy to"))
    source.fill("films")
    target.fill(str(stage.target))
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("status").filter(has_text="Name both channels")).to_be_visible()
    source.fill(str(stage.target))
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("status").filter(has_text="the same channel")).to_be_visible()
    source.fill(str(stage.source))
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("status").filter(has_text="The mirror is made")).to_be_visible(timeout=LONG)

    row = page.get_by_role("list", name="Mirrors").get_by_role("listitem").filter(has_text="Films")
    expect(row).to_contain_text("Up to date", timeout=LONG)
    expect(row).to_contain_text("messages copied")
    expect(row.get_by_text("behind")).to_have_count(0)
    row.get_by_text("messages left out").click()
    expect(row).to_contain_text("1 × quiz")
    assert well_made(page) == []
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert well_made(page) == []

    page.get_by_role("button", name="Remove the mirror Films to Vault").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No channel is mirrored yet")).to_be_visible(timeout=LONG)

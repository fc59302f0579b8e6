"""Ways of a person through the web UI: what was begun on one device goes on on another."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.test_demo_login import log_in
from tests.support.browser import wait
from tests.support.demo import Demo

VIDEO = "document.querySelector('video')"


@pytest.fixture
def device(browser: Browser, demo: Demo) -> BrowserContext:
    """A browser in which the owner has logged in."""
    context = browser.new_context(service_workers="block")
    log_in(context.new_page(), demo)
    return context


def found_by_typing(page: Page, demo: Demo, typed: str, name: str) -> None:
    """The page that Enter opens after typing into the palette."""
    page.goto(demo.url)
    expect(page.locator("h1").first).to_be_attached()
    page.keyboard.press("/")
    page.keyboard.type(typed)
    expect(page.get_by_role("option").first).to_contain_text(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def test_a_film_is_found_by_typing_and_goes_on_on_another_device(browser: Browser, demo: Demo) -> None:
    first, second = browser.new_context(service_workers="block"), browser.new_context(service_workers="block")
    for context in (first, second):
        log_in(context.new_page(), demo)
    page = first.pages[0]
    found_by_typing(page, demo, "night ti", "Night Tide")
    page.get_by_role("link", name=re.compile("^(Play|Resume)")).first.click()
    wait(page, f"{VIDEO}?.currentTime > 0", seconds=20)
    page.evaluate(f"{VIDEO}.currentTime = 12")
    wait(page, f"!{VIDEO}.seeking && {VIDEO}.currentTime > 12")
    with page.expect_response(re.compile("/api/watch/")):
        page.keyboard.press("k")
    left = page.evaluate(f"{VIDEO}.currentTime")
    other = second.pages[0]
    found_by_typing(other, demo, "night ti", "Night Tide")
    other.get_by_role("link", name=re.compile("^Resume")).first.click()
    wait(other, f"{VIDEO}?.readyState >= 2", seconds=20)
    assert other.evaluate(f"{VIDEO}.currentTime") == pytest.approx(left, abs=3)
    for context in (first, second):
        context.close()


def test_play_of_a_series_goes_to_the_next_episode_that_was_not_watched(device: BrowserContext, demo: Demo) -> None:
    page = device.pages[0]
    found_by_typing(page, demo, "quiet orch", "The Quiet Orchard")
    play = page.get_by_role("link", name=re.compile(r"^(Play|Resume) S\d+ E\d+")).first
    expect(play).to_have_accessible_name(re.compile("S1 E2"))
    page.get_by_role("button", name="Mark season as watched").click()
    expect(page.get_by_role("button", name="Mark season as not watched")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(play).to_have_accessible_name(re.compile("S1 E2"))
    page.goto(f"{demo.url}/history")
    page.get_by_role("link", name="Watched", exact=True).click()
    expect(page.get_by_role("list", name="Watched")).to_contain_text("The Quiet Orchard · S1 E1")
    page.goto(demo.url)
    expect(page.get_by_role("region", name="Next up")).to_contain_text("The Quiet Orchard · S1 E2")
    device.close()


def test_a_collection_is_made_and_filled(device: BrowserContext, demo: Demo) -> None:
    page = device.pages[0]
    found_by_typing(page, demo, "dunes", "Dunes")
    page.get_by_role("button", name="Add to collection").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("Deserts")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Deserts").first).to_be_visible()
    listed = page.evaluate("fetch('/api/collections').then((answer) => answer.json())")["collections"]
    assert [one["files"] for one in listed if one["name"] == "Deserts"] == [1]
    device.close()

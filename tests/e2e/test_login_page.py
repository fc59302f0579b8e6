"""The log-in page in Chromium: by code, by one-time link, and how a log-in ends otherwise."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from streamvault.access.identity import Person
from streamvault.access.login import LOGIN_SECONDS, Logins
from tests.support.browser import any_size, command, fits, number
from tests.support.serving import Bench
from tests.support.threaded import Threaded, in_thread
from tests.support.ui import the_built_ui

ADA = Person(11111111, "Ada")


@dataclass
class Served(Threaded):
    """A server of which ADA is an owner; `ahead` are seconds by which its clock is ahead."""

    ahead: list[float]

    def answer(self, page: Page, *, right: bool = True) -> None:
        """Answer in the bot what the page asks for."""
        code = command(page).removeprefix("/login ")

        async def answer() -> None:
            logins = self.bench.logins
            pending = await logins.asked(code, ADA)
            assert pending is not None
            number = shown if right else next(one for one in pending.numbers if one != shown)
            await logins.answer(pending.code, ADA, key=pending.key, number=number)

        shown = number(page)
        self.run(answer())


@pytest.fixture
def served() -> Iterator[Served]:
    ahead: list[float] = []

    def bench() -> Bench:
        bench = Bench(public_access=False, owner_ids=frozenset({ADA.id}))
        bench.ui = the_built_ui()
        bench.logins = Logins(bench.records, lambda: time.time() + sum(ahead))
        return bench

    with in_thread(bench) as running:
        yield Served(running.bench, running.loop, running.url, ahead)


def is_shown(page: Page) -> None:
    """The page shows a code, a number and the way into the bot, and fits into its width."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in with Telegram")
    expect(page.get_by_role("link", name="Open Telegram")).to_be_visible()
    assert command(page).startswith("/login ")
    assert number(page) > 0
    assert fits(page)


def logged_in_at_home(page: Page, served: Served) -> None:
    """The page is that of the library, and the server knows who sees it."""
    page.wait_for_url(f"{served.url}/")
    expect(page.get_by_role("navigation").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    assert page.request.get(f"{served.url}/api/me").json()["person"]["id"] == ADA.id


def is_nobody(page: Page, served: Served) -> bool:
    return page.request.get(f"{served.url}/api/me").json()["person"] is None


@pytest.mark.parametrize("path", ["/login", "/"])
def test_the_right_number_logs_in(page: Page, served: Served, path: str) -> None:
    page.goto(f"{served.url}{path}")
    is_shown(page)
    assert is_nobody(page, served)
    opens = page.get_by_role("link", name="Open Telegram")
    expect(opens).to_have_attribute("href", re.compile(r"^https://t\.me/vault_bot\?start=login_"))
    wide = page.viewport_size is not None and page.viewport_size["width"] > 768
    expect(page.get_by_role("img", name="QR code that opens the bot")).to_have_count(int(wide))  # a phone is the key
    served.answer(page)
    logged_in_at_home(page, served)


@any_size
def test_a_wrong_number_ends_it_and_a_new_code_begins_anew(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/login")
    is_shown(page)
    first = command(page)
    served.answer(page, right=False)
    expect(page.get_by_role("alert")).to_contain_text("The log-in was refused")
    expect(page.get_by_text("Your number")).to_have_count(0)
    page.get_by_role("button", name="Get a new code").click()
    is_shown(page)
    assert command(page) != first
    served.answer(page)
    logged_in_at_home(page, served)


@any_size
def test_a_code_that_nobody_answers_expires(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/login")
    is_shown(page)
    served.ahead.append(LOGIN_SECONDS)
    expect(page.get_by_role("alert")).to_contain_text("This code has expired")
    assert is_nobody(page, served)


@any_size
def test_a_one_time_link_needs_a_click_and_works_once(page: Page, served: Served) -> None:
    name = "Ada <b>& Co</b>"
    token = served.run(served.bench.once_links.new(Person(ADA.id, name)))
    page.goto(f"{served.url}/login/{token}")
    assert page.inner_text("h1") == f"Log in as {name}"
    assert "Chrome on Linux" in page.inner_text("main")
    assert is_nobody(page, served)
    page.click("button")
    logged_in_at_home(page, served)
    page.goto(f"{served.url}/login/{token}")
    assert page.inner_text("h1") == "This link is used up"


@any_size
def test_the_page_of_a_film_is_shown_after_the_log_in(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/watch/-1001500000001/6?t=5")
    is_shown(page)
    served.answer(page)
    expect(page.get_by_role("navigation").first).to_be_visible()
    assert page.url == f"{served.url}/watch/-1001500000001/6?t=5"
    assert not is_nobody(page, served)


@any_size
def test_without_the_bot_the_code_is_shown_alone(page: Page, served: Served) -> None:
    served.bench.bot_username = None
    page.goto(f"{served.url}/login")
    assert len(command(page)) > 10
    expect(page.get_by_text("The bot is not connected to Telegram just now.")).to_be_visible()
    expect(page.get_by_role("link", name="Open Telegram")).to_have_count(0)
    expect(page.get_by_role("img", name="QR code that opens the bot")).to_have_count(0)
    served.answer(page)
    logged_in_at_home(page, served)


@any_size
def test_two_tabs_of_one_browser_wait_apart(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/login")
    is_shown(page)
    other = page.context.new_page()
    other.goto(f"{served.url}/login")
    is_shown(other)
    served.answer(page)
    logged_in_at_home(page, served)
    served.answer(other)
    logged_in_at_home(other, served)

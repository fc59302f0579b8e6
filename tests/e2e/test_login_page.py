"""The log-in page in Chromium, at both sizes: by code, by one-time link, and how a log-in ends otherwise."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from streamvault.access.identity import Person
from streamvault.access.login import LOGIN_SECONDS, Logins
from tests.support.browser import wait
from tests.support.serving import Bench
from tests.support.threaded import Threaded, in_thread

ADA = Person(11111111, "Ada")


@dataclass
class Served(Threaded):
    """A server of which ADA is an owner; `ahead` are seconds by which its clock is ahead."""

    ahead: list[float]

    def answer(self, page: Page, *, right: bool = True) -> None:
        """Answer in the bot what the page asks for."""
        code = page.inner_text("#command").removeprefix("/login ")

        async def answer() -> None:
            logins = self.bench.logins
            pending = await logins.asked(code, ADA)
            assert pending is not None
            shown = int(page_number)
            number = shown if right else next(one for one in pending.numbers if one != shown)
            await logins.answer(pending.code, ADA, key=pending.key, number=number)

        page_number = page.inner_text("#number")
        self.run(answer())


@pytest.fixture
def served() -> Iterator[Served]:
    ahead: list[float] = []

    def bench() -> Bench:
        bench = Bench(public_access=False, owner_ids=frozenset({ADA.id}))
        bench.logins = Logins(bench.records, lambda: time.time() + sum(ahead))
        return bench

    with in_thread(bench) as running:
        yield Served(running.bench, running.loop, running.url, ahead)


def is_shown(page: Page) -> None:
    """The page shows a code and a QR code, and fits into its width."""
    wait(page, "document.querySelector('#picture path') !== null")
    assert page.inner_text("#number").isdigit()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def logged_in_at_home(page: Page, served: Served) -> None:
    """The page is that of the library, and the server knows who sees it."""
    page.wait_for_url(f"{served.url}/")
    page.wait_for_selector("#brand")
    assert page.request.get(f"{served.url}/api/me").json()["person"]["id"] == ADA.id


def is_nobody(page: Page, served: Served) -> bool:
    return page.request.get(f"{served.url}/api/me").json()["person"] is None


@pytest.mark.parametrize("path", ["/login", "/"])
def test_the_right_number_logs_in(page: Page, served: Served, path: str) -> None:
    page.goto(f"{served.url}{path}")
    is_shown(page)
    assert is_nobody(page, served)
    link = page.get_attribute("#open", "href")
    assert link is not None
    assert link.startswith("https://t.me/vault_bot?start=login_")
    assert page.get_attribute("#picture", "href") == link
    served.answer(page)
    logged_in_at_home(page, served)


def test_a_wrong_number_ends_it_and_a_new_code_begins_anew(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/login")
    is_shown(page)
    first = page.inner_text("#command")
    served.answer(page, right=False)
    page.wait_for_selector("#ended")
    assert "refused" in page.inner_text("#ended-title")
    assert not page.is_visible("#number")
    page.click("#again")
    wait(page, f"document.querySelector('#command').textContent !== '{first}'")
    is_shown(page)
    served.answer(page)
    logged_in_at_home(page, served)


def test_a_code_that_nobody_answers_expires(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/login")
    is_shown(page)
    served.ahead.append(LOGIN_SECONDS)
    page.wait_for_selector("#ended")
    assert "expired" in page.inner_text("#ended-title")
    assert is_nobody(page, served)


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


def test_the_page_of_a_film_is_shown_after_the_log_in(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/watch/-1001500000001/6?t=5")
    is_shown(page)
    served.answer(page)
    page.wait_for_selector("#brand")
    assert page.url == f"{served.url}/watch/-1001500000001/6?t=5"
    assert not is_nobody(page, served)


def test_without_the_bot_the_code_is_shown_alone(page: Page, served: Served) -> None:
    served.bench.bot_username = None
    page.goto(f"{served.url}/login")
    wait(page, "document.querySelector('#command').textContent.length > 10")
    assert not page.is_visible("#open")
    assert not page.is_visible("#picture")
    served.answer(page)
    logged_in_at_home(page, served)


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

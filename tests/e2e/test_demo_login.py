"""Logging in at the demo in Chromium, by both ways, and links for guests."""

import json
import re
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from streamvault.demo import club, habits
from tests.support.browser import any_size, command, desktop_only, fits, items, number
from tests.support.demo import Demo


class Telegram:
    """The demo's emulated Telegram, moved by its control API."""

    def __init__(self, demo: Demo) -> None:
        found = re.search(r"Its people at (\S+), .*the owner is (\d+), the bot (\d+)", demo.printed)
        assert found is not None, demo.printed
        self._url, self.owner, self.bot = found[1], int(found[2]), int(found[3])

    def ask(self, method: str, path: str, **body: Any) -> Any:
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(
            f"{self._url}{path}", data=data, method=method, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def messages(self) -> list[dict[str, Any]]:
        """What stands in the owner's private chats, the oldest first."""
        return list(self.ask("GET", f"/messages?account={self.owner}")["messages"])

    def send(self, text: str) -> None:
        """The owner writes to the bot."""
        self.ask("POST", "/send", sender=self.owner, recipient=self.bot, text=text)


def latest(page: Page, telegram: Telegram, part: str, *, after: int) -> dict[str, Any]:
    """The bot's message with `part` in it that came after message `after`."""
    for _ in range(200):
        for message in telegram.messages():
            if message["id"] > after and part in message["text"]:
                return message
        page.wait_for_timeout(50)
    raise AssertionError(telegram.messages())


def log_in(page: Page, demo: Demo) -> None:
    """As the owner, by a link of the bot."""
    telegram = Telegram(demo)
    before = telegram.messages()[-1]["id"]
    telegram.send("/login")
    link = re.search(r"http\S+/login/\S+", latest(page, telegram, "/login/", after=before)["text"])
    assert link is not None
    page.goto(link[0])
    page.get_by_role("button").first.click()
    page.wait_for_url(f"{demo.url}/")


def is_logged_in(page: Page) -> None:
    expect(page.get_by_role("link", name="Log in")).to_have_count(0)
    assert page.evaluate("fetch('/api/me').then((answer) => answer.json()).then((me) => me.role)") == "owner"
    page.locator("a[href='/settings']:visible").first.click()
    page.wait_for_url("**/settings")
    expect(page.get_by_role("list", name="Devices")).to_contain_text("this one")
    assert fits(page)


def test_by_the_code_that_the_page_shows(page: Page, demo: Demo) -> None:
    telegram = Telegram(demo)
    page.goto(f"{demo.url}/")
    page.get_by_role("link", name="Log in").click()
    shown, sent = str(number(page)), command(page)
    before = telegram.messages()[-1]["id"]
    telegram.send(sent)
    question = latest(page, telegram, "Chrom", after=before)
    [button] = [one for row in question["buttons"] for one in row if one["text"] == shown]
    telegram.ask(
        "POST", "/press", user=telegram.owner, account=telegram.owner, message=question["id"], data=button["data"]
    )
    page.wait_for_url(f"{demo.url}/")
    is_logged_in(page)
    page.get_by_role("button", name="Log out", exact=True).click()  # other devices may be logged in
    page.get_by_role("alertdialog").get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in")).to_be_visible()


@any_size
def test_by_the_link_that_the_bot_answers(page: Page, demo: Demo) -> None:
    telegram = Telegram(demo)
    before = telegram.messages()[-1]["id"]
    telegram.send("/login")
    answer = latest(page, telegram, "/login/", after=before)
    link = re.search(r"http\S+/login/\S+", answer["text"])
    assert link is not None
    page.goto(link[0])
    expect(page.locator("main")).to_contain_text("Chrom")
    page.get_by_role("button").first.click()
    page.wait_for_url(f"{demo.url}/")
    is_logged_in(page)
    page.context.clear_cookies()
    page.goto(link[0])
    expect(page.locator("main")).not_to_contain_text("Chrom")


@any_size
def test_a_link_is_made_opened_by_a_guest_used_up_and_revoked(page: Page, demo: Demo) -> None:
    """The demo is public, so only what the link itself says is looked at: the gate's own tests close the rest."""
    log_in(page, demo)
    film = next(item for item in items(page, demo).values() if item["kind"] == "video")
    asked = {"chat_id": film["chat_id"], "message_id": film["message_id"], "viewers": 1}
    made = page.request.post(f"{demo.url}/api/links", data=asked)
    assert made.status == 201, made.text()
    listed = page.request.get(f"{demo.url}/api/links").json()["items"]
    assert made.json()["id"] in [one["id"] for one in listed]
    guest = page.context.browser.new_context() if page.context.browser else page.context
    opened = guest.new_page()
    opened.goto(made.json()["watch_url"])
    opened.wait_for_selector("video")
    guest.close()
    assert page.request.delete(f"{demo.url}/api/links/{made.json()['id']}").status == 204
    assert made.json()["id"] not in page.request.get(f"{demo.url}/api/links").text()


@desktop_only
def test_its_owner_has_been_here_before(page: Page, demo: Demo) -> None:
    """Begun films, favourites, collections, links, a member, and a walk through a group with more to read."""
    log_in(page, demo)

    def told(path: str) -> Any:
        answer = page.request.get(demo.url + path)
        assert answer.ok, answer.text()
        return answer.json()

    begun = {recipe: share for recipe, share, _ in habits.WATCHED if share < 1}
    states = [item["watched"] for item in told("/api/watch")["items"]]
    assert len(states) == len(begun)
    shares = [state["position"] / state["duration"] for state in states]
    assert sorted(shares) == pytest.approx(sorted(begun.values()))
    assert len(told("/api/favourites")["items"]) == len(habits.FAVOURITES)
    collections = {one["name"]: one["files"] for one in told("/api/collections")["collections"]}
    assert collections == {name: len(members) for name, members in habits.COLLECTIONS.items()}
    assert {link["query"] for link in told("/api/links")["items"]} >= {"harbour lights"}
    assert [one["name"] for one in told("/api/people")["items"] if one["role"] == "member"] == ["Mira"]
    [walk] = told("/api/index")["walks"]
    assert walk["state"] in ("walking", "finished")
    assert walk["top"] > club.MESSAGES

"""Feeds by the API: followed, tried, answered, removed, by owners and members."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.feeds import service
from streamvault.leech.feeds.model import Enclosure, FeedState, Parsed, Pick
from tests.streamvault.http.routes.test_jobs import detail
from tests.support.feeds import MemoryFeeds, item
from tests.support.files import CHANNEL
from tests.support.site import FOREIGN, OTHER, Site, open_site
from tests.support.site_people import MEMBER, OWNER, Browser, logged_in, nobody

BEN = MEMBER + 1
ADDRESS = "https://example.org/rss"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    given: dict[str, Any] = {"leech_bot_token": "55:leech", "leech_channel": CHANNEL}
    async with open_site(public_access=False, owner_ids=(OWNER,), **given) as site:
        for person in (MEMBER, BEN):
            await site.access.people.invite(person, "Ann", can=["read", "leech"])
        yield site


def store(site: Site) -> MemoryFeeds:
    found = site.feeds._store
    assert isinstance(found, MemoryFeeds)
    return found


async def add(browser: Browser, *, status: int = 201, **more: Any) -> dict[str, Any]:
    answer = await browser.ask("POST", "/api/feeds", json={"address": ADDRESS, **more})
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def ids(browser: Browser) -> list[str]:
    answer = await browser.get("/api/feeds")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    return [one["id"] for one in answer.json()["items"]]


async def test_a_feed_is_followed_shown_and_removed(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    rules: dict[str, Any] = {"include": ["Garden"], "exclude": ["CAM"], "prefer": ["1080p"], "titles": True}
    feed = await add(owner, every=600, as_document=True, existing=True, **rules)
    assert {name: feed[name] for name in rules} == rules
    assert (feed["address"], feed["state"], feed["chat_id"], feed["person"]) == (ADDRESS, "active", CHANNEL, OWNER)
    assert (feed["every"], feed["as_document"], feed["question"], feed["error"]) == (600, True, None, None)
    assert (await owner.get(f"/api/feeds/{feed['id']}")).json() == feed
    assert (await add(owner, status=200))["id"] == feed["id"]
    assert await ids(owner) == [feed["id"]]
    assert (await owner.ask("DELETE", f"/api/feeds/{feed['id']}")).status_code == 204
    assert await ids(owner) == []
    assert "no such feed" in detail(await owner.ask("DELETE", f"/api/feeds/{feed['id']}"), 404)
    await site.access.audit.flush()
    told = [(one.what, one.person) for one in await site.access.audit.listed(limit=50)]
    assert {("feed added", OWNER), ("feed removed", OWNER)} <= set(told)


async def test_members_see_and_change_their_own(site: Site) -> None:
    owner, member, other = [await logged_in(site, person) for person in (OWNER, MEMBER, BEN)]
    mine, hers = await add(member), await add(other)
    assert mine["id"] != hers["id"]
    assert await ids(member) == [mine["id"]]
    assert set(await ids(owner)) == {mine["id"], hers["id"]}
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/retry")):
        assert "no such feed" in detail(await member.ask(method, f"/api/feeds/{hers['id']}{path}"), 404)
    answered = await member.ask("POST", f"/api/feeds/{hers['id']}/answer", json={"take": "all"})
    assert answered.status_code == 404
    assert (await owner.ask("DELETE", f"/api/feeds/{hers['id']}")).status_code == 204
    await site.access.people.invite(BEN + 1, "Eve", can=["read"])
    assert (await (await logged_in(site, BEN + 1)).get("/api/feeds")).status_code == 403
    assert (await nobody(site).get("/api/feeds")).status_code == 401


async def test_passwords_are_shown_nowhere(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    feed = await add(owner, address="https://user:p%40ss-word@example.org/rss")
    await site.access.audit.flush()
    shown = str(feed) + (await owner.get("/api/audit")).text + (await owner.get("/api/feeds")).text
    assert "https://example.org/rss" in shown
    for text in (shown, repr(store(site).stored)):
        assert "ss-word" not in text


async def test_trying_tells_what_would_be_taken_and_why_not(site: Site) -> None:
    member = await logged_in(site, MEMBER)
    secret = "https://user:p%40ss-word@h/3.mkv"
    items = (
        item(1, at=0), item(2, title="Film 2 CAM"), item(3, guid="y", link="", enclosures=()),
        item(4, enclosures=(Enclosure(secret),)),
    )  # fmt: skip
    site.feed_reader.answer = Parsed("Films\ud800", items)
    answer = await member.ask("POST", "/api/feeds/try", json={"address": ADDRESS, "exclude": ["cam"]})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["title"], body["more"]) == ("Films?", 0)
    assert [(one["taken"], one["why"], one["word"]) for one in body["items"]] == [
        (True, None, ""), (False, "excluded", "cam"), (False, "no file", ""), (True, None, ""),
    ]  # fmt: skip
    assert [one["address"] for one in body["items"]][::3] == ["https://files.example/1.mkv", "https://h/3.mkv"]
    assert (await ids(member), site.stored_jobs.stored) == ([], {})
    site.feed_reader.answer = Parsed("", tuple(item(n) for n in range(300)))
    answer = await member.ask("POST", "/api/feeds/try", json={"address": ADDRESS})
    assert (len(answer.json()["items"]), answer.json()["more"]) == (200, 100)


async def test_what_cannot_be_tried_or_followed_is_said(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = await logged_in(site, OWNER)
    for error, status in ((SourceFailed("host is away"), 424), (SourceRefused("host answers with a web page"), 400)):
        site.feed_reader.answer = error
        assert "host" in detail(await owner.ask("POST", "/api/feeds/try", json={"address": ADDRESS}), status)
    for path in ("/api/feeds", "/api/feeds/try"):
        refused: list[dict[str, Any]] = [
            {"address": "ftp://h/rss"}, {"address": "no"}, {"include": ["..."]},
        ]  # fmt: skip
        malformed: list[dict[str, Any]] = [
            {"address": ""}, {"include": ["x"] * 51}, {"include": ["x" * 101]}, {"more": 1},
        ]  # fmt: skip
        for wrong in refused:
            assert detail(await owner.ask("POST", path, json={"address": ADDRESS, **wrong}), 400)
        for wrong in malformed:
            assert (await owner.ask("POST", path, json={"address": ADDRESS, **wrong})).status_code == 422
    for beyond in (1, 10**9):
        answer = await owner.ask("POST", "/api/feeds", json={"address": ADDRESS, "every": beyond})
        assert answer.status_code == 422
    assert "does not serve" in detail(
        await owner.ask("POST", "/api/feeds", json={"address": ADDRESS, "chat_id": FOREIGN}), 404
    )
    assert (await add(owner, chat_id=OTHER))["chat_id"] == OTHER
    monkeypatch.setattr(service, "EACH", 1)
    assert "remove one" in detail(await owner.ask("POST", "/api/feeds", json={"address": ADDRESS}), 429)
    monkeypatch.setattr(service, "MAX_TRIED", 0)
    assert "being tried" in detail(await owner.ask("POST", "/api/feeds/try", json={"address": ADDRESS}), 429)


async def test_a_question_is_answered(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    id = (await add(owner))["id"]
    picks = tuple(Pick(f"{n:016x}", f"Film {n}", "") for n in range(12))
    store(site).stored[id] = replace(store(site).stored[id], question=picks)
    shown = (await owner.get(f"/api/feeds/{id}")).json()["question"]
    assert (shown["count"], shown["titles"]) == (12, [f"Film {n}" for n in range(11, 1, -1)])
    answer = await owner.ask("POST", f"/api/feeds/{id}/answer", json={"take": "newest"})
    assert (answer.status_code, answer.json()["question"], answer.json()["waiting"]) == (200, None, 10)
    assert "asks nothing" in detail(await owner.ask("POST", f"/api/feeds/{id}/answer", json={"take": "all"}), 409)
    assert (await owner.ask("POST", f"/api/feeds/{id}/answer", json={"take": "x"})).status_code == 422


async def test_a_stopped_feed_says_why_and_is_tried_again(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    id = (await add(owner))["id"]
    store(site).stored[id] = replace(store(site).stored[id], state=FeedState.STOPPED, error="gone (410)", failures=1)
    shown = (await owner.get(f"/api/feeds/{id}")).json()
    assert (shown["state"], shown["error"], shown["next_at"]) == ("stopped", "gone (410)", None)
    again = (await owner.ask("POST", f"/api/feeds/{id}/retry")).json()
    assert (again["state"], again["error"]) == ("active", None)
    assert again["next_at"] is not None


async def test_without_a_leech_bot_nothing_is_followed() -> None:
    async with open_site(public_access=False, owner_ids=(OWNER,)) as site:
        owner = await logged_in(site, OWNER)
        assert "LEECH_BOT_TOKEN" in detail(await owner.ask("POST", "/api/feeds", json={"address": ADDRESS}), 409)

"""Calls by the API: played, controlled, queued, told of; by whom."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from streamvault.access.call_chats import CallChat, CallChats
from streamvault.voice import transitions
from tests.support.files import CHANNEL, media_file
from tests.support.site import FOREIGN, OTHER, Site, open_site
from tests.support.site_people import MEMBER, OWNER, Browser, logged_in

CLUB = -1_001_987_654_321
SONG = media_file(1, name="Garden.mp3", kind="audio", mime_type="audio/mpeg", title="Garden", performer="Ann")
FILM = media_file(2, name="Film.mp4")
PAPER = media_file(3, name="Paper.pdf", kind="document", mime_type="application/pdf")
BEN = MEMBER + 1


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site(public_access=False, owner_ids=(OWNER,)) as site:
        await site.access.people.invite(MEMBER, "Ann", can=["read", "voice"], chats=[CHANNEL])
        await site.access.people.invite(BEN, "Ben", can=["read"])
        await site.put(SONG, FILM, PAPER, media_file(4, chat_id=OTHER, name="Other.mp4"))
        yield site


async def ask(browser: Browser, what: str, body: Any = None, *, method: str = "POST", status: int = 200) -> Any:
    answer = await browser.ask(method, f"/api/voice/{CLUB}{f'/{what}' if what else ''}", json=body)
    assert answer.status_code == status, answer.text[:500]
    return answer.json()


async def get(browser: Browser, path: str) -> Any:
    answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def named(*numbers: int) -> dict[str, Any]:
    return {"items": [{"chat_id": CHANNEL, "message_id": number} for number in numbers]}


async def plays(site: Site) -> None:
    """The worker has begun what was asked for."""
    await site.calls.change(CLUB, lambda call, now: transitions.begun(call, call.stream, now=now))


async def test_files_are_played_and_queued(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    assert (await ask(owner, "", method="GET"))["status"] == "idle"
    call = await ask(owner, "play", named(1, 2) | {"video": True})
    assert (call["status"], call["item"]["name"], call["item"]["video"]) == ("joining", "Ann – Garden", False)
    assert [(one["name"], one["video"], one["person"]) for one in call["queue"]] == [("Film.mp4", True, OWNER)]
    assert (await get(owner, "/api/voice"))["items"][0]["chat_id"] == CLUB
    at_once = await ask(owner, "play", named(2) | {"position": 41.5})
    assert (at_once["item"]["name"], at_once["position"]) == ("Film.mp4", 41.5)
    found = await ask(owner, "play", {"query": "garden"})
    assert [one["name"] for one in found["queue"]] == ["Film.mp4", "Ann – Garden"]
    link = await ask(owner, "play", {"url": f"https://tv.example.org/watch/{CHANNEL}/1?token=x"})
    assert len(link["queue"]) == 3


async def test_it_is_controlled(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    assert "Nothing plays" in (await ask(owner, "pause", status=409))["detail"]
    await ask(owner, "play", named(1, 2, 1))
    await plays(site)
    assert (await ask(owner, "pause"))["status"] == "paused"
    assert (await ask(owner, "seek", {"position": 30}))["position"] == 30.0
    assert (await ask(owner, "resume"))["status"] == "joining"
    assert (await ask(owner, "volume", {"volume": 80}))["volume"] == 80
    assert (await ask(owner, "loop", {"loop": "all"}))["loop"] == "all"
    assert len((await ask(owner, "shuffle"))["queue"]) == 2
    skipped = await ask(owner, "skip")
    assert len(skipped["queue"]) == 2, "what played comes behind"
    ids = [one["id"] for one in skipped["queue"]]
    ordered = await ask(owner, "queue", {"ids": ids[::-1]}, method="PUT")
    assert [one["id"] for one in ordered["queue"]] == ids[::-1]
    await ask(owner, "queue", {"ids": ids[:1]}, method="PUT", status=409)
    assert len((await ask(owner, f"queue/{ids[0]}", method="DELETE"))["queue"]) == 1
    await ask(owner, f"queue/{ids[0]}", method="DELETE", status=404)
    assert (await ask(owner, "queue", method="DELETE"))["queue"] == []
    stopped = await ask(owner, "stop")
    assert (stopped["status"], stopped["item"]) == ("idle", None)


async def test_chats_in_whose_calls_can_be_played_are_listed(site: Site) -> None:
    member, ben = await logged_in(site, MEMBER), await logged_in(site, BEN)
    assert (await get(member, "/api/voice/chats"))["items"] == []
    await CallChats(site.records).tell(7, [CallChat(CLUB - 1, "Hall", False)])
    await ask(member, "play", named(1))
    chats = (await get(member, "/api/voice/chats"))["items"]
    assert [(one["chat_id"], one["title"], one["open"]) for one in chats] == [
        (CLUB - 1, "Hall", False),
        (CLUB, "", True),
    ]
    assert (await ben.get("/api/voice/chats")).status_code == 403


async def test_what_cannot_be_played_says_why(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    for body, status, said in (
        ({}, 400, "either items"), (named(1) | {"query": "x"}, 400, "either items"), (named(3), 400, "neither sound"),
        ({"query": "cellar"}, 404, "found"), ({"url": "https://example.org/radio"}, 400, "own pages"),
        ({"items": [{"chat_id": FOREIGN, "message_id": 1}]}, 404, "No file"),
    ):  # fmt: skip
        assert said in (await ask(owner, "play", body, status=status))["detail"], body
    site.voice_missing = "Nothing can be played: install it."
    assert (await ask(owner, "play", named(1), status=409))["detail"] == site.voice_missing
    assert "voice" not in (await get(owner, "/api/me"))["server"]["features"]
    assert (await get(owner, "/api/voice"))["missing"] == site.voice_missing


async def test_who_may(site: Site) -> None:
    member, ben = await logged_in(site, MEMBER), await logged_in(site, BEN)
    assert "voice" in (await get(member, "/api/me"))["can"]
    assert "voice" in (await get(member, "/api/me"))["server"]["features"]
    await ask(member, "play", named(1))
    other = {"items": [{"chat_id": OTHER, "message_id": 4}]}
    await ask(member, "play", other, status=404)
    await ask(ben, "play", named(1), status=403)
    await ask(ben, "pause", status=403)
    await ask(ben, "", method="GET", status=403)
    many = named(*[1] * (transitions.MAX_OF_PERSON + 1))
    assert "each person" in (await ask(member, "play", many, status=429))["detail"]

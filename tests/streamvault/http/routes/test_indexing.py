"""Walks over HTTP: starting them, listing them, and the events."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from streamvault.access.identity import Right
from streamvault.http import event_source, event_stream
from streamvault.http.dependencies import MAX_FOLLOWERS_PER_ADDRESS
from streamvault.http.routes import indexing
from streamvault.http.slots import SharedSlots
from streamvault.indexing.backfill import Backfill
from streamvault.indexing.chats import OurChats
from streamvault.indexing.walks import Walks
from streamvault.media.model import Origin
from tests.support.files import CHANNEL
from tests.support.http_client import opened
from tests.support.serving import Bench, serving
from tests.support.sources import HastyClock
from tests.support.waiting import until
from tests.support.walks import Rows, ScriptedHistory, channel

EVENTS = "/api/index/events"
OWNER, MEMBER = 11111111, 22222222
READ: tuple[Right, ...] = ("read",)


class Site:
    """A served application with walks through one channel, and a client with a token for the server."""

    def __init__(self, bench: Bench, history: ScriptedHistory, client: httpx.AsyncClient, walks: Walks) -> None:
        self.bench = bench
        self.history = history
        self.client = client
        self.walks = walks

    async def begin(self, **body: Any) -> httpx.Response:
        return await self.client.post("/api/index", json=body)


@asynccontextmanager
async def open_site(*, slots: SharedSlots | None = None, **settings: Any) -> AsyncIterator[Site]:
    bench, history, rows, clock = Bench(**settings), ScriptedHistory(channel(250)), Rows(), HastyClock()
    backfill = Backfill(rows.catalog, history, clock=clock)
    walks = Walks(backfill, history, catalog=rows.catalog, chats=OurChats(rows.catalog), clock=clock)
    bench.walks = walks
    bench.event_slots = bench.event_slots if slots is None else slots
    working = asyncio.create_task(walks.run())
    try:
        async with (
            serving(bench) as served,
            httpx.AsyncClient(
                base_url="http://{}:{}".format(*served.address),
                headers={"Authorization": f"Bearer {bench.token(None)}"},
            ) as client,
        ):
            yield Site(served, history, client, walks)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as made:
        yield made


@pytest.mark.parametrize("chat", [CHANNEL, "@films"])
async def test_a_walk_is_started_and_listed(site: Site, chat: int | str) -> None:
    reply = await site.begin(chat_id=chat)
    assert reply.status_code == 202
    assert (reply.json()["chat_id"], reply.json()["state"]) == (CHANNEL, "queued")
    await until(lambda: not site.walks.busy(CHANNEL))
    shown = (await site.client.get("/api/index")).json()["walks"]
    assert [(one["done"], one["top"], one["files"], one["state"]) for one in shown] == [(250, 250, 125, "finished")]
    assert set(shown[0]) == set(indexing.Walk.model_fields)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"chat_id": CHANNEL - 1}, 404),
        ({"chat_id": "@strangers"}, 404),
        ({"chat_id": "films"}, 422),
        ({"chat_id": 7}, 422),
        ({"chat_id": True}, 422),
        ({"chat_id": -(1 << 63) - 1}, 422),
        ({"chat_id": "@films", "speed": "fast"}, 422),
        ({}, 422),
        ([], 422),
    ],
)
async def test_a_wrong_request_is_a_problem(site: Site, body: Any, status: int) -> None:
    reply = await site.client.post("/api/index", json=body)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert site.walks.states == ()


@pytest.mark.parametrize("public", [True, False])
async def test_starting_always_needs_a_token_for_the_server(public: bool) -> None:
    async with open_site(public_access=public) as site:
        for token, status in ((None, 401), ("wrong", 403), (site.bench.token(Origin(CHANNEL, 1)), 403)):
            headers = {"Authorization": f"Bearer {token}" if token else ""}
            reply = await site.client.post("/api/index", json={"chat_id": CHANNEL}, headers=headers)
            assert reply.status_code == status
            for path in ("/api/index", "/api/index/events" if not public else "/api/index"):
                assert (await site.client.get(path, headers=headers)).status_code == (200 if public else status)


async def test_events_have_the_present_state_and_every_change(site: Site) -> None:
    site.history.gate.clear()
    await site.begin(chat_id=CHANNEL)
    events: list[dict[str, Any]] = []
    async with site.client.stream("GET", "/api/index/events") as reply:
        assert reply.status_code == 200
        assert reply.headers["content-type"].startswith("text/event-stream")
        assert reply.headers["cache-control"] == "no-store"
        async for line in reply.aiter_lines():
            if line.startswith("data: "):
                events.append(json.loads(line.removeprefix("data: ")))
                site.history.gate.set()
                if events[-1]["state"] == "finished":
                    break
    assert events[0]["state"] in ("queued", "walking")
    assert events[-1]["done"] == 250
    await until(lambda: len(site.bench.events) == 0)


async def test_the_events_of_everything_tell_of_walks(site: Site) -> None:
    site.history.gate.clear()
    told: list[dict[str, Any]] = []
    async with site.client.stream("GET", "/api/events?topics=index") as reply:
        async for line in reply.aiter_lines():
            if line.startswith("data: "):
                told.append(json.loads(line.removeprefix("data: ")))
                if len(told) == 1:
                    await site.begin(chat_id=CHANNEL)
                site.history.gate.set()
                if told[-1]["walks"] and told[-1]["walks"][0]["state"] == "finished":
                    break
    assert told[0] == {"snapshot": True, "walks": []}
    assert not any(event["snapshot"] for event in told[1:])
    assert [one["done"] for one in told[-1]["walks"]] == [250]


async def test_head_of_the_events_has_no_events(site: Site) -> None:
    head = await site.client.head("/api/index/events")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")
    assert len(site.bench.events) == 0
    walks = await site.client.get("/api/index")
    assert (await site.client.head("/api/index")).headers["etag"] == walks.headers["etag"]


async def test_an_idle_event_stream_gets_heartbeats(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT", 0.01)
    async with site.client.stream("GET", "/api/index/events") as reply:
        seen = 0
        async for line in reply.aiter_lines():
            seen += line == ": still here"
            if seen == 3:
                break


async def test_a_client_that_reads_nothing_delays_nobody_and_is_removed_on_disconnect(site: Site) -> None:
    site.history.there = channel(4_000)
    async with opened(site.bench.address, "/api/index/events", receive_buffer=4096) as stuck:
        await site.begin(chat_id=CHANNEL)
        await until(lambda: not site.walks.busy(CHANNEL))
        assert len(site.bench.events) == 1
        stuck.hang_up()
        await until(lambda: len(site.bench.events) == 0)


def behind(address: str) -> dict[str, str]:
    """What a reverse proxy on the same machine says of its client."""
    return {"X-Forwarded-For": address}


@pytest.mark.parametrize(
    ("crowd", "other"), [("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8:0:1::1"), ("192.0.2.1", "2001:db8::1")]
)
async def test_event_streams_of_one_address_refuse_nobody_else(crowd: str, other: str) -> None:
    """17: idle followers."""
    async with open_site() as site, contextlib.AsyncExitStack() as stack:
        for _ in range(MAX_FOLLOWERS_PER_ADDRESS):
            await stack.enter_async_context(opened(site.bench.address, EVENTS, headers=behind(crowd)))
        refused = await site.client.get(EVENTS, headers=behind(crowd))
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
        assert refused.headers["content-type"] == "application/problem+json"
        served = await stack.enter_async_context(opened(site.bench.address, EVENTS, headers=behind(other)))
        assert served.reply.status == 200
        assert len(site.bench.events) == MAX_FOLLOWERS_PER_ADDRESS + 1


async def test_when_all_places_are_taken_a_new_address_gets_one_of_who_has_most() -> None:
    async with open_site(slots=SharedSlots(3, 2)) as site, contextlib.AsyncExitStack() as stack:
        first, second, third, fourth = [
            await stack.enter_async_context(opened(site.bench.address, EVENTS, headers=behind(f"192.0.2.{number}")))
            for number in (1, 1, 2, 3)
        ]
        assert [one.reply.status for one in (first, second, third, fourth)] == [200] * 4
        assert (await first.reader.read()).endswith(b"0\r\n\r\n"), "it was not ended in order"
        refused = await site.client.get(EVENTS, headers=behind("192.0.2.4"))
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
        assert len(site.bench.events) == 3


async def test_shutdown_ends_the_event_streams(site: Site) -> None:
    async with site.client.stream("GET", "/api/index/events") as reply:
        await until(lambda: len(site.bench.events) == 1)
        site.bench.events.end()
        assert [line async for line in reply.aiter_lines()] == [": walks", ""]


@pytest.mark.parametrize("path", [EVENTS, "/api/events?topics=index"])
async def test_a_member_whose_channels_are_reduced_is_told_of_no_walk_through_them(path: str) -> None:
    async with open_site(public_access=False, owner_ids=frozenset({OWNER})) as site:
        access, events = site.bench.access, site.bench.events
        await access.people.invite(MEMBER, "Ben", chats=[CHANNEL])
        _, token = await access.tokens.create(MEMBER, "tests", can=READ)
        headers = {"Authorization": f"Bearer {token}"}
        await site.begin(chat_id=CHANNEL)
        await until(lambda: not site.walks.busy(CHANNEL))
        [walk] = site.walks.states
        async with site.client.stream("GET", path, headers=headers) as reply:
            lines = reply.aiter_lines()
            assert f'"chat_id":{CHANNEL},' in await first_walk(lines)
            await access.people.invite(MEMBER, "Ben", chats=[CHANNEL - 7])
            await access.revoked()
            events.publish("index", replace(walk, done=7))  # while it is not known yet whose rights are others
            assert not any('"chat_id"' in line for line in [line async for line in lines])
        await until(lambda: len(events) == 0)
        async with site.client.stream("GET", path, headers=headers) as reply:
            await until(lambda: len(events) == 1)
            for chat_id in (CHANNEL, CHANNEL - 7):
                events.publish("index", replace(walk, chat_id=chat_id))
            seen = await first_walk(reply.aiter_lines())
        assert f'"chat_id":{CHANNEL - 7},' in seen
        assert f'"chat_id":{CHANNEL},' not in seen


async def first_walk(lines: AsyncIterator[str]) -> str:
    async for line in lines:
        if line.startswith("data: ") and '"chat_id"' in line:
            return line
    raise AssertionError("the stream has ended")


async def test_the_events_end_after_a_while_and_begin_with_each_walk_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.begin(chat_id=CHANNEL)
    await until(lambda: not site.walks.busy(CHANNEL))
    for _ in range(2):
        async with site.client.stream("GET", EVENTS) as reply:
            assert '"done":250,' in await first_walk(reply.aiter_lines())
    monkeypatch.setattr(event_source, "LONGEST", 0.01)
    async with asyncio.timeout(10), site.client.stream("GET", EVENTS) as reply:
        assert (await reply.aread()).startswith(b": walks\n\n")
    await until(lambda: len(site.bench.events) == 0)


async def test_the_description_has_examples(site: Site) -> None:
    schema = (await site.client.get("/openapi.json")).json()
    assert set(schema["paths"]["/api/index"]) == {"get", "post"}
    assert schema["paths"]["/api/index/events"]["get"]["responses"]["200"]["content"].keys() == {"text/event-stream"}
    for name in ("Walk", "WalkList", "IndexRequest"):
        assert schema["components"]["schemas"][name]["examples"]

"""Server-sent events of everything that changes: snapshots, changes, coming back, rights, ends."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import httpx
import pytest

from streamvault.access.identity import Right
from streamvault.access.service import Credentials, Found
from streamvault.catalog.base import Change
from streamvault.health.conditions import Cause
from streamvault.http import event_source as module
from streamvault.http import event_stream
from streamvault.http.event_hub import KEPT, EventHub
from streamvault.indexing.joining import JoiningCatalog
from streamvault.indexing.progress import Progress
from streamvault.indexing.stored import Stored
from streamvault.leech.model import State
from streamvault.leech.queue import Wanted
from streamvault.media.model import Origin
from streamvault.voice import transitions
from tests.contracts.voice_calls import item
from tests.support.catalogs import MemoryCatalog
from tests.support.files import CHANNEL, media_file
from tests.support.http_client import opened
from tests.support.serving import Bench, serving
from tests.support.waiting import until

OWNER, MEMBER = 11111111, 22222222
OTHER = CHANNEL - 1
Event = dict[str, Any]
WALK = Progress(CHANNEL, done=1, top=2, files=1, remaining_seconds=None, state="walking")


class Stand:
    """A closed server with two channels, on which an owner and others listen."""

    def __init__(self, bench: Bench, catalog: JoiningCatalog, client: httpx.AsyncClient) -> None:
        self.bench = bench
        self.catalog = catalog
        self.client = client

    async def token(self, person: int | None = OWNER, *can: Right) -> str:
        rights: tuple[Right, ...] = ("read", "index", "people", "leech", "voice")
        _, text = await self.bench.access.tokens.create(person, "tests", can=can or rights)
        return text

    @asynccontextmanager
    async def listen(self, topics: str, *, token: str = "", last: str = "") -> AsyncIterator[AsyncIterator[Event]]:
        headers = {
            "Authorization": f"Bearer {token or await self.token()}",
            **({"Last-Event-ID": last} if last else {}),
        }
        async with self.client.stream("GET", "/api/events", params={"topics": topics}, headers=headers) as answer:
            assert answer.status_code == 200, await answer.aread()
            yield parsed(answer.aiter_lines())


async def parsed(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    event: Event = {}
    async for line in lines:
        name, _, value = line.partition(": ")
        if name == "data":
            yield {"topic": event["event"], "id": event["id"], **json.loads(value)}
        event[name] = value


@pytest.fixture
async def stand(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stand]:
    monkeypatch.setattr(module, "GATHER", 0.0)
    bench = Bench(public_access=False, owner_ids=frozenset({OWNER}))
    bench.events = EventHub(every=0.01)
    bench.catalog = catalog = JoiningCatalog(MemoryCatalog())
    catalog.on_stored = partial(bench.events.publish, "catalog")
    for chat_id in (CHANNEL, OTHER):
        bench.finder.add(media_file(1, chat_id=chat_id), message_id=1)
    async with (
        serving(bench),
        httpx.AsyncClient(base_url="http://{}:{}".format(*bench.address)) as client,
    ):
        yield Stand(bench, catalog, client)
        bench.events.end()


def named(event: Event) -> dict[str, list[int]]:
    return {kind: [one["message_id"] for one in event[kind]] for kind in ("added", "changed", "removed")}


async def test_the_present_state_comes_first_and_then_what_changes(stand: Stand) -> None:
    await stand.catalog.put(media_file(1, size=7))
    async with stand.listen("index,catalog,jobs,voice") as events:
        first = [await anext(events) for _ in range(4)]
        assert {event["topic"]: event["snapshot"] for event in first} == dict.fromkeys(
            ("index", "catalog", "jobs", "voice"), True
        )
        by_topic = {event["topic"]: event for event in first}
        assert (by_topic["catalog"]["files"], by_topic["catalog"]["bytes"]) == (1, 7)
        assert by_topic["index"]["walks"] == by_topic["jobs"]["jobs"] == by_topic["voice"]["calls"] == []
        await stand.catalog.put(media_file(2))
        changed = await anext(events)
        assert (changed["topic"], changed["snapshot"], changed["more"]) == ("catalog", False, False)
        assert named(changed) == {"added": [2], "changed": [], "removed": []}
        await stand.catalog.put(media_file(2, name="new", edit_date=9))
        assert named(await anext(events)) == {"added": [], "changed": [2], "removed": []}
        await stand.catalog.remove(Origin(CHANNEL, 1))
        last = await anext(events)
        assert named(last) == {"added": [], "changed": [], "removed": [1]}
        assert len({event["id"] for event in (*first, changed, last)}) == 6


async def test_who_comes_back_gets_what_was_missed(stand: Stand) -> None:
    async with stand.listen("catalog") as events:
        seen = await anext(events)
    await stand.catalog.put(media_file(1))
    await stand.catalog.put(media_file(2))
    async with stand.listen("catalog,index", last=seen["id"]) as events:
        missed, new = await anext(events), await anext(events)
        assert (missed["snapshot"], named(missed)["added"]) == (False, [1, 2])
        assert (new["topic"], new["snapshot"]) == ("index", True)
    for number in range(3, 4 + KEPT):
        await stand.catalog.put(media_file(number))
    for last in (seen["id"], "", "x", "other.catalog:1", seen["id"].split(".")[0] + ".catalog:999", "a" * 300):
        async with stand.listen("catalog", last=last) as events:
            again = await anext(events)
            assert (again["snapshot"], again["files"]) == (True, 3 + KEPT)


async def test_many_changes_are_named_up_to_a_bound(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamvault.http.routes.event_topics.MOST_NAMED", 2)
    async with stand.listen("catalog") as events:
        await anext(events)
        for number in (3, 1, 2):
            stand.bench.finder.add(media_file(number), message_id=number)
        await stand.catalog.apply(Change(put=[media_file(number) for number in (3, 1, 2)]))
        event = await anext(events)
        assert (named(event)["added"], event["more"]) == ([1, 2], True)


async def test_jobs_of_this_process_and_of_workers_elsewhere(stand: Stand) -> None:
    queue = stand.bench.jobs
    first = (await queue.add(Wanted("https://host/1", CHANNEL, OWNER))).job
    gone = (await queue.add(Wanted("https://host/2", CHANNEL))).job
    await queue.cancel(gone.id)
    async with stand.listen("jobs") as events:
        snapshot = await anext(events)
        assert (snapshot["snapshot"], {job["id"] for job in snapshot["jobs"]}) == (True, {first.id, gone.id})
        await queue.pause(first.id)
        changed = await anext(events)
        assert (changed["snapshot"], [(job["id"], job["state"]) for job in changed["jobs"]]) == (
            False, [(first.id, "paused")],
        )  # fmt: skip
        stored = await queue.get(first.id)
        assert await queue._store.replace(replace(stored, state=State.DONE, bytes_done=5, updated=time.time()))
        changed = await anext(events)
        assert [(job["state"], job["bytes_done"]) for job in changed["jobs"]] == [("done", 5)]


async def test_calls_of_this_process_and_of_workers_elsewhere(stand: Stand) -> None:
    calls, club = stand.bench.calls, -1_001_987_654_321
    await calls.change(club, lambda call, now: transitions.added(call, [item("a")], now=now))
    async with stand.listen("voice") as events:
        snapshot = await anext(events)
        assert [(one["chat_id"], one["status"]) for one in snapshot["calls"]] == [(club, "joining")]
        await calls.change(club, lambda call, now: transitions.paused(call, now=now))
        changed = await anext(events)
        assert (changed["snapshot"], [one["status"] for one in changed["calls"]]) == (False, ["paused"])
        stored = await calls.get(club)
        assert await calls._store.replace(transitions.resumed(stored, now=time.time()))
        changed = await anext(events)
        assert [one["status"] for one in changed["calls"]] == ["joining"]


async def test_members_are_told_of_their_own_jobs(stand: Stand) -> None:
    queue = stand.bench.jobs
    await stand.bench.access.people.invite(MEMBER, can=["leech"])
    token = await stand.token(MEMBER, "leech")
    await queue.add(Wanted("https://host/1", CHANNEL, OWNER))
    async with stand.listen("jobs", token=token) as events:
        assert (await anext(events))["jobs"] == []
        await queue.add(Wanted("https://host/2", CHANNEL, OWNER))
        mine = (await queue.add(Wanted("https://host/3", CHANNEL, MEMBER))).job
        assert [job["id"] for job in (await anext(events))["jobs"]] == [mine.id]


@pytest.mark.parametrize("topics", ["", "jobs,films", "Index", "index,,catalog", "index;catalog"])
async def test_an_unknown_topic_is_a_problem_that_names_those_there_are(stand: Stand, topics: str) -> None:
    headers = {"Authorization": f"Bearer {await stand.token()}"}
    answer = await stand.client.get("/api/events", params={"topics": topics}, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    for topic in ("jobs", "index", "voice", "catalog", "accounts", "streams"):
        assert topic in answer.json()["detail"]
    assert (await stand.client.get("/api/events", headers=headers)).status_code == 422


async def test_topics_are_for_those_who_may_see_them(stand: Stand) -> None:
    await stand.bench.access.people.invite(MEMBER, "Ben", chats=[OTHER])
    member = await stand.token(MEMBER, "read")
    for topics, others in (
        ("streams", "streams"), ("catalog,streams,jobs", "streams, jobs"), ("voice", "voice"), ("jobs,index", "jobs"),
    ):  # fmt: skip
        answer = await stand.client.get(
            "/api/events", params={"topics": topics}, headers={"Authorization": f"Bearer {member}"}
        )
        assert answer.status_code == 403
        assert answer.json()["detail"].endswith(f"Not for you: {others}.")
    for token, status in (("", 401), ("wrong", 403), (stand.bench.token(Origin(CHANNEL, 1)), 403)):
        headers = {"Authorization": f"Bearer {token}" if token else ""}
        answer = await stand.client.get("/api/events", params={"topics": "catalog"}, headers=headers)
        assert answer.status_code == status
    await stand.catalog.put(media_file(1))
    async with stand.listen("catalog", token=member) as events:
        assert (await anext(events))["files"] == 0
        await stand.catalog.put(media_file(2))
        await stand.catalog.put(media_file(3, chat_id=OTHER))
        assert (await anext(events))["added"] == [{"chat_id": OTHER, "message_id": 3}]


async def test_accounts_tell_of_conditions_and_name_them_to_few(stand: Stand) -> None:
    await stand.bench.access.people.invite(MEMBER, "Ben")
    conditions = stand.bench.readiness.conditions
    member = await stand.token(MEMBER, "read")
    async with stand.listen("accounts") as events, stand.listen("accounts", token=member) as theirs:
        assert (await anext(events))["conditions"] == (await anext(theirs))["conditions"] == []
        conditions.begin("flood", Cause("Telegram demands a wait", "bot 1 waits", until=9e9), subject="bot 1")
        [shown], [hidden] = (await anext(events))["conditions"], (await anext(theirs))["conditions"]
        assert (shown["what"], shown["subject"], shown["until"], shown["detail"]) == (
            "flood",
            "bot 1",
            9e9,
            "bot 1 waits",
        )
        assert (hidden["what"], hidden["subject"], hidden["detail"]) == ("flood", "", "Telegram demands a wait")
        conditions.end("flood", subject="bot 1")
        assert (await anext(events))["conditions"] == (await anext(theirs))["conditions"] == []


async def test_streams_tell_owners_who_watches_what(stand: Stand) -> None:
    file = media_file(5, name="Film.mp4", size=4 << 20)
    path = stand.bench.finder.add(file, message_id=5)
    await stand.bench.access.people.invite(MEMBER, "Ben")
    headers = {"Authorization": f"Bearer {await stand.token(MEMBER, 'read', 'playback')}"}
    async with stand.listen("streams") as events:
        first = await anext(events)
        assert (first["snapshot"], first["active"], first["bytes"], first["viewers"]) == (True, 0, 0, [])
        async with opened(stand.bench.address, path, headers=headers, receive_buffer=4096):
            seen = await anext(events)
            while not (seen["viewers"] and seen["viewers"][0]["bytes"]):
                seen = await anext(events)
            [one] = seen["viewers"]
            assert (one["who"], one["chat_id"], one["message_id"], one["name"]) == (
                f"person:{MEMBER}", CHANNEL, 5, "Film.mp4",
            )  # fmt: skip
            assert 0 < one["bytes"] <= seen["bytes"] < file.size
            assert seen["active"] == 1
        while seen["viewers"]:
            seen = await anext(events)
        assert seen["active"] == 0


async def test_a_film_by_hls_is_told_as_a_stream(stand: Stand) -> None:
    file = media_file(5, name="Film.mkv")
    streams = stand.bench.active_streams
    async with stand.listen("streams") as events:
        await anext(events)
        streams.segment(f"person:{MEMBER}", file.origin, file, count=4096)
        seen = await anext(events)
        [one] = seen["viewers"]
        assert (seen["active"], one["who"], one["name"], one["bytes"]) == (1, f"person:{MEMBER}", "Film.mkv", 4096)
        streams.segment(f"person:{MEMBER}", file.origin, file, count=1)
        assert (await anext(events))["viewers"][0]["bytes"] == 4097


async def test_what_is_taken_away_ends_at_once(stand: Stand) -> None:
    await stand.bench.access.people.invite(MEMBER, "Ben")
    member = await stand.token(MEMBER, "read")
    async with stand.listen("catalog", token=member) as events:
        await anext(events)
        await stand.bench.access.remove(MEMBER)
        assert [event async for event in events] == []
    answer = await stand.client.get(
        "/api/events", params={"topics": "catalog"}, headers={"Authorization": f"Bearer {member}"}
    )
    assert answer.status_code == 403
    async with stand.listen("catalog") as events:
        await anext(events)
        stand.bench.events.end()
        assert [event async for event in events] == []
    await until(lambda: len(stand.bench.events) == 0)


async def test_a_revocation_ends_those_alone_whose_rights_are_others_by_it(stand: Stand) -> None:
    access = stand.bench.access
    for person in (MEMBER, MEMBER + 1, MEMBER + 2):
        await access.people.invite(person, "Ben")
    tokens = [await stand.token(MEMBER + number, "read") for number in range(3)]
    async with (
        stand.listen("catalog", token=tokens[0]) as removed,
        stand.listen("catalog", token=tokens[1]) as reduced,
        stand.listen("catalog", token=tokens[2]) as kept,
    ):
        last = [await anext(events) for events in (removed, reduced, kept)][1]
        await access.people.invite(MEMBER + 1, "Ben", chats=[OTHER])
        await access.remove(MEMBER)
        await stand.catalog.put(media_file(1))
        assert [event async for event in removed] == [event async for event in reduced] == []
        assert named(await anext(kept))["added"] == [1]
    async with stand.listen("catalog", token=tokens[1], last=last["id"]) as events:
        again = await anext(events)
        assert (again["snapshot"], again["files"]) == (True, 0), "other rights begin with the present state"


async def test_rights_that_are_reduced_while_it_is_asked_who_this_is_hold_from_the_start(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = stand.bench.access
    await access.people.invite(MEMBER, "Ben")
    member = await stand.token(MEMBER, "read")
    await stand.catalog.put(media_file(1))
    identify, times = access.identify, list[int]()

    async def reduced(given: Credentials, origin: Origin | None) -> Found:
        found = await identify(given, origin)
        times.append(1)
        if len(times) == 1:
            await access.people.invite(MEMBER, "Ben", chats=[OTHER])
            await access.revoked()
        return found

    monkeypatch.setattr(access, "identify", reduced)
    async with stand.listen("catalog", token=member) as events:
        assert (await anext(events))["files"] == 0
        await stand.catalog.put(media_file(2))
        await stand.catalog.put(media_file(3, chat_id=OTHER))
        assert (await anext(events))["added"] == [{"chat_id": OTHER, "message_id": 3}]


@pytest.mark.parametrize("chats", [[OTHER], None])
async def test_nothing_is_told_until_it_is_known_whose_rights_are_others(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, chats: list[int] | None
) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT", 0.01)
    access = stand.bench.access
    await access.people.invite(MEMBER, "Ben")
    headers = {"Authorization": f"Bearer {await stand.token(MEMBER, 'read')}"}
    identify, gate = access.identify, asyncio.Event()

    async def held_back(given: Credentials, origin: Origin | None) -> Found:
        await gate.wait()
        return await identify(given, origin)

    async with stand.client.stream("GET", "/api/events?topics=catalog", headers=headers) as answer:
        lines = answer.aiter_lines()
        await first(lines, "data: ")
        monkeypatch.setattr(access, "identify", held_back)
        if chats is not None:
            await access.people.invite(MEMBER, "Ben", chats=chats)
        await access.revoked()
        await stand.catalog.put(media_file(1))
        for _ in range(5):
            assert not (await first(lines, ": still here", "data: ")).startswith("data: ")
        gate.set()
        rest = [line async for line in lines] if chats else [await first(lines, "data: ")]
    assert [line for line in rest if '"message_id":1' in line] == ([] if chats else rest)


async def first(lines: AsyncIterator[str], *begins: str) -> str:
    """The next line that begins so."""
    async with asyncio.timeout(10):
        async for line in lines:
            if line.startswith(begins):
                return line
    raise AssertionError("the stream has ended")


@pytest.mark.parametrize("end", ["removal", "server"])
async def test_who_reads_nothing_outlives_no_end(stand: Stand, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    monkeypatch.setattr(event_stream, "GRACE", 0.01)
    monkeypatch.setattr("streamvault.http.routes.event_topics.MOST_NAMED", 1 << 20)
    bench = stand.bench
    await bench.access.people.invite(MEMBER, "Ben")
    headers = {"Authorization": f"Bearer {await stand.token(MEMBER, 'read')}"}
    async with opened(bench.address, "/api/events?topics=catalog", headers=headers, receive_buffer=4096) as stuck:
        await stuck.reader.readuntil(b"snapshot")
        bench.events.publish("catalog", Stored(added=frozenset(Origin(CHANNEL, 10**9 + n) for n in range(200_000))))
        await stuck.reader.readuntil(b"added")
        if end == "removal":
            await bench.access.remove(MEMBER)
        else:
            bench.events.end()
        await until(lambda: len(bench.events) == len(bench.event_slots) == 0)
    await until(lambda: len(bench.table) == 0)


async def test_a_chat_that_comes_or_goes_is_told_to_those_who_may_see_it(stand: Stand) -> None:
    await stand.bench.access.people.invite(MEMBER, "Ben", chats=[OTHER])
    member = await stand.token(MEMBER, "read")
    third = CHANNEL - 2
    nothing = {"snapshot": False, "added": [], "changed": [], "removed": [], "more": True}
    async with stand.listen("catalog") as events, stand.listen("catalog", token=member) as theirs:
        await anext(events)
        await anext(theirs)
        for change in (
            stand.catalog.forget_chat(CHANNEL),
            stand.catalog.remember_chat(third, "x"),
            stand.catalog.forget_chat(OTHER),
        ):
            await change
            assert (await anext(events)).items() >= nothing.items()
        assert (await anext(theirs)).items() >= nothing.items()
        await stand.catalog.put(media_file(9, chat_id=OTHER))
        assert named(await anext(theirs))["added"] == [9], "it was told of one chat alone"


async def test_who_may_not_see_what_changes_misses_nothing_by_it(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    await stand.bench.access.people.invite(MEMBER, "Ben", chats=[OTHER])
    member = await stand.token(MEMBER, "read")
    headers = {"Authorization": f"Bearer {member}"}
    monkeypatch.setattr(event_stream, "HEARTBEAT", 0.02)
    path = "/api/events?topics=catalog"
    async with stand.client.stream("GET", path, headers=headers) as answer:
        lines = answer.aiter_lines()
        await first(lines, "data: ")
        beat = ""
        for last in (KEPT, KEPT + 9):  # no more than are kept before the next heartbeat
            for number in range(stand.bench.events.number("catalog"), last):
                await stand.catalog.put(media_file(number + 1))
            while not beat.endswith(f"catalog:{last}"):
                beat = (await first(lines, "id: ")).removeprefix("id: ")
    async with stand.listen("catalog", token=member, last=beat) as events:
        await stand.catalog.put(media_file(1, chat_id=OTHER))
        assert (await anext(events))["snapshot"] is False
    monkeypatch.setattr(event_stream, "HEARTBEAT", 60)
    async with stand.client.stream("GET", path, headers=headers) as answer:
        lines = answer.aiter_lines()
        begun = await first(lines, "id: ")
        stand.bench.events.end()
        assert [line async for line in lines if line.startswith("id: ")] == [begun], "it stands before the end, too"


async def test_readers_are_told_of_accounts_when_what_they_may_see_is_another_state(stand: Stand) -> None:
    await stand.bench.access.people.invite(MEMBER, "Ben")
    member = await stand.token(MEMBER, "read")
    conditions = stand.bench.readiness.conditions
    async with stand.listen("accounts") as events, stand.listen("accounts", token=member) as theirs:
        await anext(events)
        await anext(theirs)
        conditions.begin("flood", Cause("Telegram demands a wait", "bot 1 waits", until=9e9), subject="bot 1")
        assert len((await anext(events))["conditions"]) == len((await anext(theirs))["conditions"]) == 1
        conditions.begin("flood", Cause("Telegram demands a wait", "bot 2 waits", until=9e9), subject="bot 2")
        assert len((await anext(events))["conditions"]) == 2
        conditions.end("flood", subject="bot 1")
        conditions.end("flood", subject="bot 2")
        assert (await anext(theirs))["conditions"] == []


async def test_streams_are_told_while_another_topic_is_busy(stand: Stand) -> None:
    async with stand.listen("streams,index") as events:
        await anext(events)
        await anext(events)
        for count in range(1, 4):
            stand.bench.metrics.bytes_total.labels(tier="memory").inc(9)
            told = False
            while not told:
                stand.bench.events.publish("index", WALK)
                event = await anext(events)
                told = event["topic"] == "streams"
            assert event["bytes"] == 9 * count


async def test_a_stream_ends_with_its_token_and_after_a_while(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST", 0.01)
    async with asyncio.timeout(10), stand.listen("catalog") as events:
        assert [event["snapshot"] async for event in events] in ([], [True])
    await until(lambda: len(stand.bench.events) == 0)


async def test_a_stream_outlasts_a_failure_of_the_database_and_tells_of_the_rest(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.01)
    store = MemoryCatalog()
    store.broken = True
    stand.catalog.counts = store.counts
    async with stand.listen("catalog,index") as events:
        assert (await anext(events))["topic"] == "index"
        store.broken = False
        assert (await anext(events))["topic"] == "catalog"


async def test_head_has_no_events(stand: Stand) -> None:
    head = await stand.client.head(
        "/api/events", params={"topics": "catalog"}, headers={"Authorization": f"Bearer {await stand.token()}"}
    )
    assert (head.status_code, head.content, len(stand.bench.events)) == (200, b"", 0)
    assert head.headers["content-type"].startswith("text/event-stream")

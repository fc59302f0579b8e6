"""What processes count for limits is added up, and the bytes of a day outlive a process."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from streamvault.access.limits import LimitReached, Limits
from streamvault.access.usage import STREAMS_LAST, Usage, UsageStore
from streamvault.access.usage_mongo import COLLECTION, STREAMS, MongoUsage
from streamvault.access.usage_sqlite import SqliteUsage
from streamvault.errors import CatalogError
from streamvault.storage.mongo import MongoDatabase
from tests.support.mongo import leaves_sockets, mongo_server

pytestmark = leaves_sockets


@asynccontextmanager
async def stores(engine: str, folder: Path) -> AsyncIterator[tuple[UsageStore, UsageStore]]:
    """The store as two processes see it."""
    if engine == "sqlite":
        async with SqliteUsage(folder / "file.db") as one, SqliteUsage(folder / "file.db") as other:
            yield one, other
        return
    async with (
        mongo_server(folder, keeps=False) as mongo,
        MongoDatabase(mongo.url) as first,
        MongoDatabase(mongo.url) as second,
        MongoUsage(first) as one_node,
        MongoUsage(second) as other_node,
    ):
        yield one_node, other_node


class Away:
    """A store that fails."""

    shared = True

    async def add(self, counter: str, window: int, counts: Mapping[str, int]) -> dict[str, int]:
        raise CatalogError("away")

    async def load(self, counter: str, window: int, *, most: int) -> dict[str, int]:
        raise CatalogError("away")

    async def streams(self, node: str, counts: Mapping[str, int], *, now: float) -> dict[str, int]:
        raise CatalogError("away")

    async def purge(self, windows: Mapping[str, int]) -> None:
        raise CatalogError("away")


@pytest.mark.parametrize("engine", ["sqlite", "mongodb"])
async def test_counts_are_added_up_by_window_and_the_highest_are_loaded(tmp_path: Path, engine: str) -> None:
    async with stores(engine, tmp_path) as (one, other):
        assert await one.add("bytes", 5, {"a": 10, "address:192.0.2.1": 1 << 40}) == {
            "a": 10,
            "address:192.0.2.1": 1 << 40,
        }
        assert await other.add("bytes", 5, {"a": 5, "b": 7}) == {"a": 15, "b": 7}
        assert await one.add("bytes", 6, {"a": 1}) == {"a": 1}
        assert await one.add("requests", 5, {"a": 2}) == {"a": 2}
        assert await other.load("bytes", 5, most=2) == {"address:192.0.2.1": 1 << 40, "a": 15}
        await one.purge({"bytes": 6, "requests": 5})
        assert (await one.load("bytes", 5, most=9), await one.load("bytes", 6, most=9)) == ({}, {"a": 1})
        assert await one.load("requests", 5, most=9) == {"a": 2}


async def test_nodes_of_a_cluster_share_a_limit(tmp_path: Path) -> None:
    async with stores("mongodb", tmp_path) as (one, other):
        nodes = [(limits := Limits(rate=10, clock=lambda: 1e9), Usage(store, limits)) for store in (one, other)]
        for limits, usage in nodes:
            for _ in range(5):
                limits.request("a")
            await usage.exchange()
        first, last = nodes
        with pytest.raises(LimitReached):
            last[0].request("a")
        last[0].request("b")
        first[0].request("a")  # a node learns of the others' when it has counted one itself
        await first[1].exchange()
        with pytest.raises(LimitReached):
            first[0].request("a")


@pytest.mark.parametrize("engine", ["sqlite", "mongodb"])
async def test_the_bytes_of_a_day_outlive_a_process(tmp_path: Path, engine: str) -> None:
    async with stores(engine, tmp_path) as (one, other):
        before, after = (Limits(day=100, rate=5, clock=lambda: 1e9) for _ in range(2))
        assert before.sent("a", 100)
        assert before.sent("b", 99)
        await Usage(one, before).exchange()
        await Usage(other, after).load()
        with pytest.raises(LimitReached):
            async with after.stream("a"):
                pass
        async with after.stream("b"):
            assert after.sent("b", 1)


async def test_nodes_of_a_cluster_share_the_streams_at_once(tmp_path: Path) -> None:
    now = [1e9]
    async with stores("mongodb", tmp_path) as both:
        made = [Limits(streams=3, patience=0.01, clock=lambda: now[0]) for _ in both]
        one, other = [Usage(store, limits, clock=lambda: now[0]) for store, limits in zip(both, made, strict=True)]
        async with AsyncExitStack() as held:
            for limits in (made[0], made[0], made[1]):
                await held.enter_async_context(limits.stream("a"))
            for usage in (one, other, one):
                await usage.exchange()
            for limits in made:
                with pytest.raises(LimitReached):
                    await held.enter_async_context(limits.stream("a"))
                await held.enter_async_context(limits.stream("b"))
            await held.aclose()
            for usage in (other, one):
                await usage.exchange()
            for _ in range(3):
                await held.enter_async_context(made[0].stream("a"))
            await one.exchange()
            await other.exchange()
            assert made[1].slots.taken("a") == 3
            now[0] += STREAMS_LAST + 1  # the first node died
            await other.exchange()
            assert made[1].slots.taken("a") == 0


async def test_streams_that_go_on_are_one_document_written_again_only_before_it_ends(tmp_path: Path) -> None:
    async with mongo_server(tmp_path) as mongo, MongoDatabase(mongo.url) as server, MongoUsage(server) as usage:
        documents = server.database[STREAMS]
        counts = {"a": 2, "address:192.0.2.1": 1, "$b.c": 3}

        async def ends(at: float, counts: Mapping[str, int]) -> list[float]:
            """When each document ends, after a node has said `counts`."""
            assert await usage.streams("node", counts, now=at) == {}
            assert await usage.streams("other", {}, now=at) == counts
            return [one["until"] async for one in documents.find()]

        first = [1e9 + STREAMS_LAST]
        assert [await ends(1e9 + second, counts) for second in range(5)] == [first] * 5
        assert await ends(1e9 + STREAMS_LAST / 2, counts) == [1e9 + STREAMS_LAST * 1.5]
        assert await ends(1e9 + 6, {**counts, "a": 1}) == [1e9 + 6 + STREAMS_LAST]
        assert await ends(1e9 + 2, {**counts, "a": 1}) == [1e9 + 2 + STREAMS_LAST], "the clock was set back"
        assert await ends(1e9 + 3, {}) == []


async def test_windows_and_ends_of_streams_are_found_by_indexes(tmp_path: Path) -> None:
    async with mongo_server(tmp_path) as mongo, MongoDatabase(mongo.url) as server, MongoUsage(server):
        for collection, expected in ((COLLECTION, ["counter", "number", "count"]), (STREAMS, ["until"])):
            found = await server.database[collection].index_information()
            assert expected in [[name for name, _ in index["key"]] for index in found.values()]


async def test_while_the_database_is_away_nothing_counted_is_lost() -> None:
    limits = Limits(rate=9, streams=2, patience=0.01, clock=lambda: 1e9)
    limits.slots.elsewhere = {"a": 2}
    counted = limits.counters["requests"]
    counted.add("a", 3)
    usage = Usage(Away(), limits)
    with pytest.raises(CatalogError):
        await usage.exchange()
    async with limits.stream("a"):
        counted.add("a")
    assert (counted.get("a"), counted.take_unshared(9)) == (4, {"a": 4})

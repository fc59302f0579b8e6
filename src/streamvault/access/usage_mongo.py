"""Counts for limits in MongoDB, where all nodes of a cluster add theirs."""

import time
from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from pymongo import IndexModel, UpdateOne

from streamvault.access.usage import STREAMS_LAST
from streamvault.storage.mongo import MongoDatabase

COLLECTION, STREAMS = "usage", "usage_streams"
INDEXES = [IndexModel([("counter", 1), ("number", 1), ("count", -1)], name="by_window")]
STREAM_INDEXES = [IndexModel([("until", 1)], name="by_until")]

PURGE_AFTER = 3600.0
"""Seconds after which what a process that died said of its streams is deleted."""

TELL_AGAIN = STREAMS_LAST / 2
"""Seconds after which a process says again how many streams it has, though nothing has changed."""

MOST_KEYS, MOST_NODES = 5000, 100
"""Keys that a process tells of, and processes that are read."""


class MongoUsage:
    """See UsageStore. Two commands for each `add`: writes with upsert, and one read. `streams` reads, and writes the
    document of the process where that is needed. An async context manager that creates the indexes.
    """

    shared = True

    def __init__(self, server: MongoDatabase) -> None:
        self._server = server
        self._told: dict[str, tuple[dict[str, int], float]] = {}
        """What each process has said of its streams, and when."""

    async def __aenter__(self) -> Self:
        """Raises CatalogError while the server does not answer."""
        await self._server.run(self._documents.create_indexes(INDEXES))
        await self._server.run(self._server.database[STREAMS].create_indexes(STREAM_INDEXES))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to do: the connection is the MongoDatabase's."""

    @property
    def _documents(self) -> Any:
        return self._server.database[COLLECTION]

    async def add(self, counter: str, window: int, counts: Mapping[str, int]) -> dict[str, int]:
        """See UsageStore."""
        return await self._server.run(self._add(counter, window, counts))

    async def load(self, counter: str, window: int, *, most: int) -> dict[str, int]:
        """See UsageStore."""
        return await self._server.run(self._load(counter, window, most))

    async def streams(self, node: str, counts: Mapping[str, int], *, now: float) -> dict[str, int]:
        """See UsageStore."""
        return await self._server.run(self._streams(node, counts, now))

    async def purge(self, windows: Mapping[str, int]) -> None:
        """See UsageStore."""
        await self._server.run(self._purge(windows))

    async def _add(self, counter: str, window: int, counts: Mapping[str, int]) -> dict[str, int]:
        ids = {f"{counter} {window} {key}": key for key in counts}
        updates = [
            UpdateOne(
                {"_id": id},
                {"$inc": {"count": counts[key]}, "$setOnInsert": {"counter": counter, "number": window, "key": key}},
                upsert=True,
            )
            for id, key in ids.items()
        ]
        await self._documents.bulk_write(updates, ordered=False)
        found = self._documents.find({"_id": {"$in": list(ids)}}, {"count": 1})
        return {ids[one["_id"]]: one["count"] async for one in found}

    async def _load(self, counter: str, window: int, most: int) -> dict[str, int]:
        found = self._documents.find({"counter": counter, "number": window}).sort("count", -1).limit(most)
        return {one["key"]: one["count"] async for one in found}

    async def _streams(self, node: str, counts: Mapping[str, int], now: float) -> dict[str, int]:
        documents = self._server.database[STREAMS]
        known, written = self._told.get(node, ({}, now))
        if counts != known or (counts and not 0 <= now - written < TELL_AGAIN):
            self._told.pop(node, None)  # whether a write that fails took effect is not known
            if counts:
                pairs = Counter(counts).most_common(MOST_KEYS)
                said = {"until": now + STREAMS_LAST, "counts": pairs}
                await documents.update_one({"_id": node}, {"$set": said}, upsert=True)
            else:
                await documents.delete_one({"_id": node})
            self._told[node] = dict(counts), now
        others = Counter[str]()
        async for one in documents.find({"until": {"$gt": now}}).limit(MOST_NODES):
            if one["_id"] != node:
                others.update(dict(one["counts"]))
        return dict(others)

    async def _purge(self, windows: Mapping[str, int]) -> None:
        await self._server.database[STREAMS].delete_many({"until": {"$lt": time.time() - PURGE_AFTER}})
        for counter, window in windows.items():
            await self._documents.delete_many({"counter": counter, "number": {"$lt": window}})

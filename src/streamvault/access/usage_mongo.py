"""Counts for limits in MongoDB, where all nodes of a cluster add theirs."""

import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from pymongo import DeleteOne, UpdateOne

from streamvault.access.usage import STREAMS_LAST
from streamvault.storage.mongo import MongoDatabase

COLLECTION, STREAMS = "usage", "usage_streams"

PURGE_AFTER = 3600.0
"""Seconds after which what a process that died said of its streams is deleted."""

MOST_STREAMS = 5000
"""Keys with streams of other processes that are read."""


class MongoUsage:
    """See UsageStore. Two commands for each `add` and `streams`: writes with upsert, and one read."""

    shared = True

    def __init__(self, server: MongoDatabase) -> None:
        self._server = server
        self._told: dict[str, set[str]] = {}
        """The documents of streams that were written, by process."""

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
        until, told = now + STREAMS_LAST, self._told.setdefault(node, set())
        ids = {f"{node} {key}": key for key in counts}
        updates: list[UpdateOne | DeleteOne] = [
            UpdateOne(
                {"_id": id}, {"$set": {"node": node, "key": key, "count": counts[key], "until": until}}, upsert=True
            )
            for id, key in ids.items()
        ]
        updates += [DeleteOne({"_id": id}) for id in told - ids.keys()]
        if updates:
            told |= ids.keys()
            await documents.bulk_write(updates, ordered=False)
            self._told[node] = set(ids)
        others = Counter[str]()
        found = documents.find({"node": {"$ne": node}, "until": {"$gt": now}}).limit(MOST_STREAMS)
        async for one in found:
            others[one["key"]] += one["count"]
        return dict(others)

    async def _purge(self, windows: Mapping[str, int]) -> None:
        await self._server.database[STREAMS].delete_many({"until": {"$lt": time.time() - PURGE_AFTER}})
        for counter, window in windows.items():
            await self._documents.delete_many({"counter": counter, "number": {"$lt": window}})

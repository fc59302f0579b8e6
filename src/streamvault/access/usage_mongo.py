"""Counts for limits in MongoDB, where all nodes of a cluster add theirs."""

from collections.abc import Mapping
from typing import Any

from pymongo import UpdateOne

from streamvault.storage.mongo import MongoDatabase

COLLECTION = "usage"


class MongoUsage:
    """See UsageStore. Two commands for each `add`: increments with upsert, and one read."""

    shared = True

    def __init__(self, server: MongoDatabase) -> None:
        self._server = server

    @property
    def _documents(self) -> Any:
        return self._server.database[COLLECTION]

    async def add(self, counter: str, window: int, counts: Mapping[str, int]) -> dict[str, int]:
        """See UsageStore."""
        return await self._server.run(self._add(counter, window, counts))

    async def load(self, counter: str, window: int, *, most: int) -> dict[str, int]:
        """See UsageStore."""
        return await self._server.run(self._load(counter, window, most))

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

    async def _purge(self, windows: Mapping[str, int]) -> None:
        for counter, window in windows.items():
            await self._documents.delete_many({"counter": counter, "number": {"$lt": window}})

"""What was read of media files, in a MongoDB collection of its own, by file_unique_id."""

from collections.abc import Collection, Mapping
from typing import Any

from pymongo.errors import DuplicateKeyError

from streamvault.catalog.probes import MOST_LISTED, StoredProbe
from streamvault.storage.mongo import MongoDatabase

COLLECTION = "probes"


class MongoProbes:
    """Probes in an open MongoDatabase."""

    def __init__(self, server: MongoDatabase) -> None:
        self._server = server

    async def get(self, file_unique_id: str) -> StoredProbe | None:
        """See Probes."""
        found = await self._server.run(self._server.database[COLLECTION].find_one({"_id": file_unique_id}))
        return StoredProbe(found["version"], found["facts"], bytes(found["keys"])) if found else None

    async def facts(self, file_unique_ids: Collection[str], *, version: int) -> Mapping[str, str]:
        """See Probes."""
        if not file_unique_ids:
            return {}
        return await self._server.run(self._facts(sorted(file_unique_ids), version))

    async def put(self, file_unique_id: str, probe: StoredProbe) -> None:
        """See Probes."""
        await self._server.run(self._put(file_unique_id, probe))

    async def _facts(self, names: list[str], version: int) -> Mapping[str, str]:
        short = {"$lte": [{"$strLenCP": "$facts"}, MOST_LISTED]}
        query = {"_id": {"$in": names}, "version": version, "$expr": short}
        return {row["_id"]: row["facts"] async for row in self._server.database[COLLECTION].find(query, {"facts": 1})}

    async def _put(self, name: str, probe: StoredProbe) -> None:
        database = self._server.database
        if await database["files"].find_one({"file_unique_id": name}, {"_id": 1}) is None:
            return
        new = {"version": probe.version, "facts": probe.facts, "keys": probe.keys}
        older = {"_id": name, "version": {"$lte": probe.version}}
        try:
            await database[COLLECTION].update_one(older, {"$set": new}, upsert=True)
        except DuplicateKeyError:
            return  # a newer one is stored


async def replaced(files: Any, ids: Collection[str], names: Collection[str], *, session: Any) -> list[str]:
    """The files of these documents other than `names`: the ones that may be held by no message afterwards."""
    if not ids:
        return []
    rows = files.find(
        {"_id": {"$in": list(ids)}, "file_unique_id": {"$nin": list(names)}}, {"file_unique_id": 1}, session=session
    )
    return list({row["file_unique_id"] async for row in rows})


async def remove_orphans(database: Any, names: Collection[str], *, session: Any) -> None:
    """Delete what was read of those of these files that no message holds any more."""
    if not names:
        return
    rows = database["files"].find(
        {"file_unique_id": {"$in": list(names)}}, {"_id": 0, "file_unique_id": 1}, session=session
    )
    held = {row["file_unique_id"] async for row in rows}
    if orphans := [name for name in names if name not in held]:
        await database[COLLECTION].delete_many({"_id": {"$in": orphans}}, session=session)

"""The files that users have hidden, in MongoDB: a part of the personal data."""

from collections.abc import Sequence
from typing import Any

from pymongo import UpdateOne

from streamvault.catalog.mongo.personal_rows import personal_id, user_key
from streamvault.catalog.personal import MAX_HIDDEN, HiddenRecord, check_hidden
from streamvault.storage.mongo import MongoDatabase

_AT_ONCE = 500
_Database = Any  # pymongo's AsyncDatabase


class MongoHidden:
    """The methods of Personal for what is hidden."""

    _server: MongoDatabase

    async def hidden(self, user: str) -> frozenset[str]:
        """See Personal."""
        found = self._server.database["hidden"].find({"user": user_key(user)}, {"file": 1})
        return frozenset(row["file"] for row in await self._server.run(found.to_list()))

    async def hidden_among(self, user: str, file_unique_ids: Sequence[str]) -> frozenset[str]:
        """See Personal."""
        wanted = {"_id": {"$in": [personal_id(user, file) for file in file_unique_ids]}}
        rows = await self._server.run(self._server.database["hidden"].find(wanted, {"file": 1}).to_list())
        return frozenset(row["file"] for row in rows)

    async def forget_hidden(self, user: str, file_unique_ids: Sequence[str]) -> None:
        """See Personal."""
        files = self._server.database["hidden"]
        for start in range(0, len(file_unique_ids), _AT_ONCE):
            some = file_unique_ids[start : start + _AT_ONCE]
            await self._server.run(files.delete_many({"_id": {"$in": [personal_id(user, file) for file in some]}}))

    async def set_hidden(self, user: str, file_unique_id: str, *, hidden: bool) -> None:
        """See Personal."""
        files, id = self._server.database["hidden"], personal_id(user, file_unique_id)

        async def set_hidden() -> None:
            if not hidden:
                await files.delete_one({"_id": id})
            elif await files.find_one({"_id": id}, {"_id": 1}) is None:
                check_hidden(await files.count_documents({"user": user_key(user)}, limit=MAX_HIDDEN))
                await add_hidden(self._server.database, [HiddenRecord(user, file_unique_id)])

        await self._server.run(set_hidden())


async def add_hidden(database: _Database, found: Sequence[HiddenRecord]) -> None:
    """Hide these files; idempotent."""
    writes = [
        UpdateOne(
            {"_id": personal_id(one.user, one.file_unique_id)},
            {"$setOnInsert": {"user": user_key(one.user), "file": one.file_unique_id}},
            upsert=True,
        )
        for one in found
    ]
    if writes:
        await database["hidden"].bulk_write(writes, ordered=False)

"""The personal data in MongoDB; mongo/schema creates the indexes."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from streamvault.catalog.mongo.hidden import MongoHidden
from streamvault.catalog.mongo.personal_move import move
from streamvault.catalog.mongo.personal_rows import next_number, personal_id, user_key, watched_of
from streamvault.catalog.mongo.restoring import put_watched, restore
from streamvault.catalog.personal import (
    MAX_COLLECTIONS,
    MAX_MEMBERS,
    Collection,
    CollectionRecord,
    FavouriteRecord,
    HiddenRecord,
    PersonalRecord,
    Watched,
    WatchedRecord,
    check_collections,
    check_members,
    name_taken,
)
from streamvault.storage.mongo import CALL_TIMEOUT, MongoDatabase

INDEXES = {
    "watched": [IndexModel([("user", 1), ("finished", 1), ("updated", -1)], name="by_time")],
    "favourites": [IndexModel([("user", 1), ("place", -1)], name="by_place")],
    "hidden": [IndexModel([("user", 1)], name="by_user")],
    "collections": [IndexModel([("user", 1), ("name", 1)], name="by_name", unique=True)],
}
_AT_ONCE, _COLLECTIONS_AT_ONCE = 500, 20
_PER_SECOND = 20
"""Documents per second that a slow server stores; sets the time limit of `restore`."""


class MongoPersonal(MongoHidden):
    """The Personal in the MongoDatabase of an open MongoCatalog."""

    def __init__(self, server: MongoDatabase) -> None:
        self._server = server

    async def watched(self, user: str, file_unique_ids: Sequence[str]) -> dict[str, Watched]:
        """See Personal."""
        ids = [personal_id(user, file) for file in file_unique_ids]
        rows = await self._server.run(self._in("watched").find({"_id": {"$in": ids}}).to_list())
        return {row["file"]: watched_of(row) for row in rows}

    async def watching(
        self, user: str, limit: int, *, finished: bool = False, after: tuple[int, str] | None = None
    ) -> tuple[Watched, ...]:
        """See Personal."""
        wanted: dict[str, Any] = {"user": user_key(user), "finished": finished}
        if after is not None:
            updated, file = after
            wanted["$or"] = [{"updated": {"$lt": updated}}, {"updated": updated, "file": {"$gt": file}}]
        found = self._in("watched").find(wanted).sort([("updated", -1), ("file", 1)]).limit(limit)
        return tuple(map(watched_of, await self._server.run(found.to_list(limit))))

    async def set_watched(self, user: str, state: Watched) -> None:
        """See Personal."""
        await self._server.run(put_watched(self._server.database, [WatchedRecord(user, state)]))

    async def clear_watched(self, user: str, file_unique_id: str) -> None:
        """See Personal."""
        await self._server.run(self._in("watched").delete_one({"_id": personal_id(user, file_unique_id)}))

    async def favourites(self, user: str, limit: int, before: int | None = None) -> tuple[tuple[int, str], ...]:
        """See Personal."""
        wanted: dict[str, Any] = {"user": user_key(user)} | ({} if before is None else {"place": {"$lt": before}})
        found = self._in("favourites").find(wanted).sort([("place", -1)]).limit(limit)
        return tuple((row["place"], row["file"]) for row in await self._server.run(found.to_list(limit)))

    async def favourites_among(self, user: str, file_unique_ids: Sequence[str]) -> frozenset[str]:
        """See Personal."""
        ids = [personal_id(user, file) for file in file_unique_ids]
        rows = await self._server.run(self._in("favourites").find({"_id": {"$in": ids}}, {"file": 1}).to_list())
        return frozenset(row["file"] for row in rows)

    async def set_favourite(self, user: str, file_unique_id: str, *, like: bool) -> None:
        """See Personal."""
        id, favourites = personal_id(user, file_unique_id), self._in("favourites")

        async def set_favourite() -> None:
            if not like:
                await favourites.delete_one({"_id": id})
            elif await favourites.find_one({"_id": id}, {"_id": 1}) is None:
                new = {
                    "user": user_key(user),
                    "file": file_unique_id,
                    "place": await next_number(self._server.database, "favourites"),
                }
                await favourites.update_one({"_id": id}, {"$setOnInsert": new}, upsert=True)

        await self._server.run(set_favourite())

    async def collections(self, user: str) -> tuple[Collection, ...]:
        """See Personal."""
        found = (
            self._in("collections")
            .find({"user": user_key(user)}, {"members": 0})
            .sort([("name", 1)])
            .limit(MAX_COLLECTIONS)
        )
        rows = await self._server.run(found.to_list(MAX_COLLECTIONS))
        return tuple(Collection(row["_id"], row["name"], row["files"]) for row in rows)

    async def create_collection(self, user: str, name: str) -> int:
        """See Personal."""

        async def create() -> int:
            await self._check_room(user)
            new: dict[str, Any] = {
                "_id": await next_number(self._server.database, "collections"),
                "user": user_key(user),
                "name": name,
                "members": [],
                "files": 0,
            }
            try:
                await self._in("collections").insert_one(new)
            except DuplicateKeyError as error:
                raise name_taken(name) from error
            return int(new["_id"])

        return await self._server.run(create())

    async def rename_collection(self, user: str, collection: int, name: str) -> bool:
        """See Personal."""

        async def rename() -> bool:
            collections = self._in("collections")
            holder = await collections.find_one({"user": user_key(user), "name": name}, {"_id": 1})
            if holder is not None and holder["_id"] != collection:
                raise name_taken(name)
            try:  # another process may take the name meanwhile
                answer = await collections.update_one(
                    {"_id": collection, "user": user_key(user)}, {"$set": {"name": name}}
                )
            except DuplicateKeyError as error:
                raise name_taken(name) from error
            return bool(answer.matched_count)

        return await self._server.run(rename())

    async def delete_collection(self, user: str, collection: int) -> bool:
        """See Personal."""
        answer = await self._server.run(self._in("collections").delete_one({"_id": collection, "user": user_key(user)}))
        return bool(answer.deleted_count)

    async def members(self, user: str, collection: int) -> tuple[str, ...] | None:
        """See Personal."""
        found = await self._server.run(self._in("collections").find_one({"_id": collection, "user": user_key(user)}))
        return None if found is None else tuple(found["members"])

    async def set_member(self, user: str, collection: int, file_unique_id: str, *, member: bool) -> bool:
        """See Personal."""
        mine = {"_id": collection, "user": user_key(user)}
        if member:
            free = {**mine, "members": {"$nin": [file_unique_id]}, "files": {"$lt": MAX_MEMBERS}}
            change = {"$push": {"members": file_unique_id}, "$inc": {"files": 1, "revision": 1}}
        else:
            free = {**mine, "members": file_unique_id}
            change = {"$pull": {"members": file_unique_id}, "$inc": {"files": -1, "revision": 1}}

        async def include() -> bool:
            collections = self._in("collections")
            if (await collections.update_one(free, change)).matched_count:
                return True
            found = await collections.find_one(mine)
            if found is not None and member and file_unique_id not in found["members"]:
                check_members(MAX_MEMBERS + 1, MAX_MEMBERS)
            return found is not None

        return await self._server.run(include())

    async def move(self, user: str, to: str) -> int:
        """See Personal."""
        return await move(self._server, user, to)

    async def dump(self) -> AsyncIterator[PersonalRecord]:
        """See Personal."""
        async for row in self._rows("watched", [("_id", 1)], limit=_AT_ONCE):
            yield WatchedRecord(json.loads(row["user"]), watched_of(row))
        # the index by place, read backwards: the favourites of each user are in order
        async for row in self._rows("favourites", [("user", -1), ("place", 1)], limit=_AT_ONCE):
            yield FavouriteRecord(json.loads(row["user"]), row["file"])
        async for row in self._rows("collections", [("user", 1), ("name", 1)], limit=_COLLECTIONS_AT_ONCE):
            yield CollectionRecord(json.loads(row["user"]), row["_id"], row["name"], tuple(row["members"]))
        async for row in self._rows("hidden", [("_id", 1)], limit=_AT_ONCE):
            yield HiddenRecord(json.loads(row["user"]), row["file"])

    async def restore(self, found: Sequence[PersonalRecord]) -> None:
        """See Personal."""

        await self._server.run(restore(self._server.database, found), within=CALL_TIMEOUT + len(found) / _PER_SECOND)

    async def _rows(self, name: str, order: list[tuple[str, int]], *, limit: int) -> AsyncIterator[dict[str, Any]]:
        """Every document of a collection in this order, which must be unique; read `limit` at a time."""
        wanted: dict[str, Any] = {}
        while rows := await self._server.run(self._in(name).find(wanted).sort(order).limit(limit).to_list(limit)):
            for row in rows:
                yield row
            wanted = _behind(rows[-1], order)

    async def _check_room(self, user: str) -> None:
        mine = {"user": user_key(user)}
        count = await self._in("collections").count_documents(mine, limit=MAX_COLLECTIONS)
        check_collections(count, MAX_COLLECTIONS)

    def _in(self, name: str) -> Any:
        return self._server.database[name]


def _behind(row: dict[str, Any], order: list[tuple[str, int]]) -> dict[str, Any]:
    """The filter for the documents after `row` in this order of one or two fields."""
    ways = [{name: {"$gt" if way > 0 else "$lt": row[name]}} for name, way in order]
    if len(ways) == 1:
        return ways[0]
    return {"$or": [ways[0], {order[0][0]: row[order[0][0]], **ways[1]}]}

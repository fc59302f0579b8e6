"""Gives the personal data of one user to another one, in MongoDB.

Without a transaction everything is stored at the new user before it is deleted at the old one, so that after an error
or a crash it is at one of them or at both, and the next move finishes it. The files of a collection are replaced if its
revision, which every change of them increments, is the one that was read.
"""

import contextlib
from collections.abc import Sequence
from typing import Any

from pymongo import DeleteOne, UpdateOne
from pymongo.errors import DuplicateKeyError

from streamvault.catalog.mongo.hidden import add_hidden
from streamvault.catalog.mongo.personal_rows import personal_id, user_key, watched_of
from streamvault.catalog.mongo.restoring import put_watched
from streamvault.catalog.personal import MAX_COLLECTIONS, MAX_MEMBERS, HiddenRecord, WatchedRecord
from streamvault.errors import CatalogError
from streamvault.storage.mongo import CALL_TIMEOUT, MongoDatabase

_AT_ONCE = 100
_SECONDS = CALL_TIMEOUT + 10
"""For two writes of _AT_ONCE documents each on a slow server."""
_TRIES = 50
"""Of one collection; two suffice unless others change it at the same time."""
_Document = dict[str, Any]


async def move(server: MongoDatabase, user: str, to: str) -> int:
    """See Personal."""
    if user == to:
        return 0
    for step in (_move_watched, _move_favourites, _move_hidden):
        while await server.run(step(server.database, user, to), within=_SECONDS):
            pass
    collections, left = server.database["collections"], 0
    found = collections.find({"user": user_key(user)}, {"_id": 1}).sort([("_id", 1)]).limit(MAX_COLLECTIONS)
    for row in await server.run(found.to_list(MAX_COLLECTIONS)):
        left += not await _move_collection(server, row["_id"], user_key(user), user_key(to))
    return left


async def _move_watched(database: Any, user: str, to: str) -> int:
    """Move some watch states; how many there were."""
    rows = await database["watched"].find({"user": user_key(user)}).limit(_AT_ONCE).to_list(_AT_ONCE)
    if rows:
        await put_watched(database, [WatchedRecord(to, watched_of(row)) for row in rows])
        gone = [DeleteOne({"_id": row["_id"], "updated": row["updated"]}) for row in rows]
        await database["watched"].bulk_write(gone, ordered=False)
    return len(rows)


async def _move_favourites(database: Any, user: str, to: str) -> int:
    """Move some favourites, which keep their places; how many there were."""
    favourites = database["favourites"]
    rows = await favourites.find({"user": user_key(user)}).limit(_AT_ONCE).to_list(_AT_ONCE)
    if rows:
        writes = []
        for row in rows:
            new = {"user": user_key(to), "file": row["file"], "place": row["place"]}
            writes.append(UpdateOne({"_id": personal_id(to, row["file"])}, {"$setOnInsert": new}, upsert=True))
        await favourites.bulk_write(writes, ordered=False)
        await favourites.delete_many({"_id": {"$in": [row["_id"] for row in rows]}})
    return len(rows)


async def _move_hidden(database: Any, user: str, to: str) -> int:
    """Move some of what is hidden; how many there were."""
    rows = await database["hidden"].find({"user": user_key(user)}).limit(_AT_ONCE).to_list(_AT_ONCE)
    if rows:
        await add_hidden(database, [HiddenRecord(to, row["file"]) for row in rows])
        await database["hidden"].delete_many({"_id": {"$in": [row["_id"] for row in rows]}})
    return len(rows)


async def _move_collection(server: MongoDatabase, id: int, user: str, to: str) -> bool:
    """Move a collection, or those of its files that fit into the one of the same name; whether nothing is left."""
    for _ in range(_TRIES):
        moved = await server.run(_move_some(server.database["collections"], id, user, to), within=_SECONDS)
        if moved is not None:
            return moved
    raise CatalogError("a collection changes too often to be moved: try again")


async def _move_some(collections: Any, id: int, user: str, to: str) -> bool | None:
    """One try of _move_collection; None if something changed meanwhile."""
    mine = await collections.find_one({"_id": id, "user": user})
    if mine is None:
        return True
    other = await collections.find_one({"user": to, "name": mine["name"]})
    if other is not None:
        return await _join(collections, mine, other)
    if await collections.count_documents({"user": to}, limit=MAX_COLLECTIONS) >= MAX_COLLECTIONS:
        return False
    same = {"_id": id, "user": user, "name": mine["name"]}
    with contextlib.suppress(DuplicateKeyError):  # the other user has just given this name to another collection
        return bool((await collections.update_one(same, {"$set": {"user": to}})).matched_count) or None
    return None


async def _join(collections: Any, mine: _Document, other: _Document) -> bool | None:
    """Move files to another collection; whether all fitted, and the empty one is deleted. None as _move_some."""
    room = max(0, MAX_MEMBERS - len(other["members"]))
    new = _without(mine["members"], other["members"])[:room]
    together = other["members"] + new
    if new and not (await collections.update_one(_unchanged(other), _files(together))).matched_count:
        return None
    rest = _without(mine["members"], together)
    if not rest:
        return bool((await collections.delete_one(_unchanged(mine))).deleted_count) or None
    if rest == mine["members"]:
        return False
    return False if (await collections.update_one(_unchanged(mine), _files(rest))).matched_count else None


def _without(files: Sequence[str], others: Sequence[str]) -> list[str]:
    there = frozenset(others)
    return [file for file in files if file not in there]


def _unchanged(row: _Document) -> _Document:
    """The filter for a collection with the same files; the revision changes with them, and may be missing."""
    return {"_id": row["_id"], "user": row["user"], "revision": row.get("revision")}


def _files(files: Sequence[str]) -> _Document:
    return {"$set": {"members": list(files), "files": len(files)}, "$inc": {"revision": 1}}

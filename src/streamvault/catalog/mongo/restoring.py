"""Stores exported personal data in MongoDB, in batches."""

from collections.abc import Sequence
from typing import Any

from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from streamvault.catalog.mongo.hidden import add_hidden
from streamvault.catalog.mongo.personal_rows import next_number, personal_id, user_key, watched_fields
from streamvault.catalog.personal import (
    MAX_COLLECTIONS,
    MAX_MEMBERS,
    CollectionRecord,
    FavouriteRecord,
    HiddenRecord,
    PersonalRecord,
    WatchedRecord,
    check_collections,
    check_members,
)

_COLLECTIONS_AT_ONCE = 20
"""Of collections, which may have thousands of members each."""
_DUPLICATE = 11000
_Database = Any

_Name = tuple[str, str]
"""A user_key, and the name of a collection."""


async def restore(database: _Database, found: Sequence[PersonalRecord]) -> None:
    """See Personal. What was stored before an error stays."""
    await put_watched(database, [one for one in found if isinstance(one, WatchedRecord)])
    await _add_favourites(database, [one for one in found if isinstance(one, FavouriteRecord)])
    await add_hidden(database, [one for one in found if isinstance(one, HiddenRecord)])
    collections = [one for one in found if isinstance(one, CollectionRecord)]
    for start in range(0, len(collections), _COLLECTIONS_AT_ONCE):
        await _add_collections(database, collections[start : start + _COLLECTIONS_AT_ONCE])


async def put_watched(database: _Database, found: Sequence[WatchedRecord]) -> None:
    """Store watch states, except where a later one is stored."""
    writes = []
    for one in found:
        not_later = {"_id": personal_id(one.user, one.state.file_unique_id), "updated": {"$lte": one.state.updated}}
        writes.append(UpdateOne(not_later, {"$set": watched_fields(one)}, upsert=True))
    if not writes:
        return
    try:
        await database["watched"].bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        # the _id of a later state is taken
        if {one["code"] for one in error.details["writeErrors"]} != {_DUPLICATE}:
            raise


async def _add_favourites(database: _Database, found: Sequence[FavouriteRecord]) -> None:
    """Append those that are new, in order."""
    if not found:
        return
    place = await next_number(database, "favourites", by=len(found)) - len(found)
    writes = []
    for number, one in enumerate(found, 1):
        new = {"user": user_key(one.user), "file": one.file_unique_id, "place": place + number}
        writes.append(UpdateOne({"_id": personal_id(one.user, one.file_unique_id)}, {"$setOnInsert": new}, upsert=True))
    await database["favourites"].bulk_write(writes)


async def _add_collections(database: _Database, found: Sequence[CollectionRecord]) -> None:
    """Add the files to the users' collections of these names, which are created where there are none."""
    wanted: dict[_Name, list[CollectionRecord]] = {}
    for one in found:
        wanted.setdefault((user_key(one.user), one.name), []).append(one)
    known = await _known(database, list(wanted))
    new = {name: records[0].id for name, records in wanted.items() if name not in known}
    members = {
        name: list(dict.fromkeys([*known.get(name, (0, []))[1], *(file for one in records for file in one.files)]))
        for name, records in wanted.items()
    }
    for files in members.values():
        check_members(len(files), MAX_MEMBERS)
    await _check_room(database, list(new))
    ids = await _free_ids(database, new) if new else {}
    writes: list[Any] = []
    for name, files in members.items():
        held = {"members": files, "files": len(files)}
        if name in ids:
            writes.append(InsertOne({"_id": ids[name], "user": name[0], "name": name[1], **held}))
        else:
            writes.append(UpdateOne({"_id": known[name][0], "user": name[0]}, {"$set": held, "$inc": {"revision": 1}}))
    await database["collections"].bulk_write(writes)


async def _known(database: _Database, names: Sequence[_Name]) -> dict[_Name, tuple[int, list[str]]]:
    """The ids and members of those of these collections that are stored."""
    known: dict[_Name, tuple[int, list[str]]] = {}
    for user in dict.fromkeys(user for user, _ in names):
        some = {"user": user, "name": {"$in": [name for other, name in names if other == user]}}
        async for row in database["collections"].find(some):
            known[user, row["name"]] = row["_id"], row["members"]
    return known


async def _check_room(database: _Database, new: Sequence[_Name]) -> None:
    """Raise ValueError when a user would have too many collections with the new ones."""
    for user in dict.fromkeys(user for user, _ in new):
        count = await database["collections"].count_documents({"user": user}, limit=MAX_COLLECTIONS)
        check_collections(count + sum(other == user for other, _ in new) - 1, MAX_COLLECTIONS)


async def _free_ids(database: _Database, wanted: dict[_Name, int]) -> dict[_Name, int]:
    """An id for each new collection: the wanted one, unless that is taken, else one that was never used."""
    rows = database["collections"].find({"_id": {"$in": list(wanted.values())}}, {"_id": 1})
    used = {row["_id"] async for row in rows}
    ids: dict[_Name, int] = {}
    for name, id in wanted.items():
        if id not in used:
            used.add(id)
            ids[name] = id
    highest = {"$max": {"last": max(wanted.values())}}
    await database["counters"].update_one({"_id": "collections"}, highest, upsert=True)
    others = [name for name in wanted if name not in ids]
    if others:
        last = await next_number(database, "collections", by=len(others))
        ids |= dict(zip(others, range(last - len(others) + 1, last + 1), strict=True))
    return ids

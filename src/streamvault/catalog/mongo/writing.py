"""How files get into MongoDB, a batch at a time."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pymongo import DeleteOne, InsertOne, UpdateOne

from streamvault.catalog.base import Change, row_key
from streamvault.catalog.mongo.rows import Document, document, facts_of, file_of, id_of, learned, replacing, text_words
from streamvault.media.model import MediaFile, Origin
from streamvault.media.name_facts import Facts

_ON_THE_LOOP = 20  # so few files are read here; more would hold up every stream
_AT_ONCE = 500
_Database = Any  # pymongo's AsyncDatabase, AsyncCollection, AsyncClientSession
_Files = Any
_Session = Any

Versions = Mapping[Origin, Sequence[tuple[MediaFile, list[str]]]]
"""The versions of each message, in order, with their words."""


async def prepare(files: Sequence[MediaFile]) -> Versions:
    """What needs no database. ValueError for a thumbnail."""
    if any(file.key.thumb_size for file in files):
        raise ValueError("a catalog holds files, not their thumbnails")
    return await asyncio.to_thread(_read, files) if len(files) > _ON_THE_LOOP else _read(files)


async def store(database: _Database, prepared: Versions, change: Change, *, session: _Session = None) -> None:
    """Do all of `change`; its files are `prepared`. The marks come last.

    Without a transaction (`session` None) an end in the middle leaves a part of it. Nothing of it is wrong, the marks
    tell that it was not finished, and doing it again changes nothing that is done already.
    """
    files = database["files"]
    gone = set(change.gone)
    kept = {origin: versions for origin, versions in prepared.items() if origin not in gone}
    writes: list[Any] = [DeleteOne({"_id": id_of(origin)}) for origin in change.gone]
    writes += await _puts(files, kept, session=session)
    if writes:
        await files.bulk_write(writes, ordered=False, session=session)
    marks = [_mark(name, value) for name, value in change.marks.items()]
    if marks:
        await database["marks"].bulk_write(marks, session=session)


async def store_facts(database: _Database, facts: Mapping[str, Facts]) -> None:
    """Put what names tell into every document of these files. One that is missed is unread still."""
    files = database["files"]
    names = list(facts)
    for start in range(0, len(names), _AT_ONCE):
        some = {"file_unique_id": {"$in": names[start : start + _AT_ONCE]}}
        writes: list[UpdateOne] = []
        async for row in files.find(some, {"terms": 0}, batch_size=_AT_ONCE):
            writes.append(_learning(row, facts[row["file_unique_id"]]))
            if len(writes) == _AT_ONCE:
                await files.bulk_write(writes, ordered=False)
                writes.clear()
        if writes:
            await files.bulk_write(writes, ordered=False)


async def store_tiny(database: _Database, tiny: Mapping[str, bytes]) -> None:
    """Put tiny pictures into every document of these files that has none."""
    for name, picture in tiny.items():
        without = {"file_unique_id": name, "tiny": {"$exists": False}}
        await database["files"].update_many(without, {"$set": {"tiny": picture}})


@dataclass(frozen=True, slots=True)
class _Old:
    """What is stored of a message."""

    key: int
    date: int
    edited: int


async def free_keys(files: _Files, wanted: Sequence[int], *, session: _Session = None) -> list[int]:
    """These keys, or in place of those that are taken the next free ones."""
    taken = {row["key"] async for row in files.find({"key": {"$in": list(wanted)}}, {"key": 1}, session=session)}
    found = []
    for key in wanted:
        while key in taken:
            key += 1
            if key not in taken and await files.find_one({"key": key}, {"key": 1}, session=session):
                taken.add(key)
        taken.add(key)
        found.append(key)
    return found


def _read(files: Sequence[MediaFile]) -> Versions:
    versions: dict[Origin, list[tuple[MediaFile, list[str]]]] = {}
    for file in files:
        versions.setdefault(file.origin, []).append((file, [] if file.part_of else text_words(file)))
    return versions


async def _puts(files: _Files, versions: Versions, *, session: _Session) -> list[Any]:
    """What stores the latest version of each message; a stored one is replaced unless it is newer."""
    stored = await _stored(files, versions, session=session)
    latest = [(file, found, stored.get(file.origin)) for file, found in _latest(versions, stored)]
    known = await _known(files, {file.key.file_unique_id for file, _, _ in latest}, session=session)
    keys = iter(await free_keys(files, [row_key(file) for file, _, old in latest if old is None], session=session))
    writes: list[Any] = []
    for file, found, old in latest:
        facts, tiny = known.get(file.key.file_unique_id, (None, b""))
        row = document(file, facts, key=next(keys) if old is None else old.key, found=found, tiny=tiny)
        if old is None:
            writes.append(InsertOne(row))
        else:
            same = {"_id": row["_id"], "key": old.key, "edited": {"$lte": row["edited"]}}
            writes.append(UpdateOne(same, replacing(row)))
    return writes


async def _stored(files: _Files, origins: Collection[Origin], *, session: _Session) -> dict[Origin, _Old]:
    if not origins:
        return {}
    ids = {id_of(origin): origin for origin in origins}
    rows = files.find({"_id": {"$in": list(ids)}}, {"key": 1, "date": 1, "edited": 1}, session=session)
    return {ids[row["_id"]]: _Old(row["key"], row["date"], row["edited"]) async for row in rows}


def _latest(versions: Versions, stored: Mapping[Origin, _Old]) -> Iterable[tuple[MediaFile, list[str]]]:
    """The version of each message that is left when all are put one after the other, if any changes something."""
    for origin, several in versions.items():
        old = stored.get(origin)
        date, edited = (old.date, old.edited) if old else (several[0][0].date, -1)
        last = None
        for file, found in several:
            if (file.edit_date or 0) >= edited:
                edited, last = file.edit_date or 0, (replace(file, date=date), found)
        if last is not None:
            yield last


async def _known(
    files: _Files, unique_ids: Collection[str], *, session: _Session
) -> dict[str, tuple[Facts | None, bytes]]:
    """What the names of files tell that are stored already, and the tiny pictures that we made of them."""
    if not unique_ids:
        return {}
    learned = [{"facts": {"$exists": True}}, {"tiny": {"$exists": True}}]
    some = {"file_unique_id": {"$in": list(unique_ids)}, "$or": learned}
    found: dict[str, tuple[Facts | None, bytes]] = {}
    async for row in files.find(some, {"file_unique_id": 1, "facts": 1, "tiny": 1}, session=session):
        facts, tiny = found.get(row["file_unique_id"], (None, b""))
        found[row["file_unique_id"]] = facts or facts_of(row), tiny or row.get("tiny", b"")
    return found


def _learning(row: Document, facts: Facts) -> UpdateOne:
    file = file_of(row)
    found = [] if file.part_of else text_words(file)
    same = {"_id": row["_id"], "file_unique_id": file.key.file_unique_id}
    return UpdateOne(same, {"$set": learned(file, facts, found=found)})


def _mark(name: str, value: str | None) -> Any:
    if value is None:
        return DeleteOne({"_id": name})
    return UpdateOne({"_id": name}, {"$set": {"value": value}}, upsert=True)

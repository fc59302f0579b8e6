"""Writes files into MongoDB in batches."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from pymongo import DeleteOne, InsertOne, UpdateMany, UpdateOne

from streamvault.catalog.albums import Album, Member, albums_of, texts, with_new
from streamvault.catalog.base import Change, Entry, UnparsedName, row_key
from streamvault.catalog.mongo import probes
from streamvault.catalog.mongo.lists import BY_FILE
from streamvault.catalog.mongo.rows import (
    Document,
    album_term,
    decided_fields,
    document,
    entry,
    facts_fields,
    facts_of,
    file_of,
    id_of,
    place,
    replacing,
    text_fields,
    text_words,
)
from streamvault.catalog.versions import Versions, computed, latest_versions, next_free, prepare_versions
from streamvault.errors import StoredMeanwhile
from streamvault.media.classification import in_album
from streamvault.media.model import MediaFile, Origin
from streamvault.media.name_facts import NameFacts

_AT_ONCE = 500
_Database = Any  # pymongo's AsyncDatabase, AsyncCollection, AsyncClientSession
_Files = Any
_Session = Any

Prepared = Versions[list[str]]


async def prepare(files: Sequence[MediaFile]) -> Prepared:
    """The versions of each message with their words. Raises ValueError for a thumbnail."""
    return await prepare_versions(files, lambda file: text_words(Entry(file)))


async def store(database: _Database, prepared: Prepared, change: Change, *, session: _Session = None) -> None:
    """Store `change`, whose files are `prepared`; the marks last.

    Without a transaction (`session` None) an interruption leaves a part of the change stored. Each stored document is
    complete, the marks show that the change was not finished, and storing it again is idempotent.
    """
    files = database["files"]
    gone = set(change.gone)
    await _check(files, change.unchanged, session=session)
    kept = {origin: versions for origin, versions in prepared.items() if origin not in gone}
    writes: list[Any] = [DeleteOne({"_id": id_of(origin)}) for origin in change.gone]
    writes += await _puts(files, kept, gone=gone, unchanged=change.unchanged, session=session)
    ids, names = [id_of(origin) for origin in {*gone, *kept}], {file.key.file_unique_id for file in change.put}
    replaced = await probes.replaced(files, ids, names, session=session)
    if writes:
        await files.bulk_write(writes, ordered=False, session=session)
    await probes.remove_orphans(database, replaced, session=session)
    marks = [_mark(name, value) for name, value in change.marks.items()]
    if marks:
        await database["marks"].bulk_write(marks, session=session)


async def _check(files: _Files, unchanged: Mapping[Origin, MediaFile], *, session: _Session) -> None:
    """Raise StoredMeanwhile unless these messages still have these files."""
    if unchanged:
        rows = files.find({"_id": {"$in": [id_of(origin) for origin in unchanged]}}, {"terms": 0}, session=session)
        if {file.origin: file for file in [file_of(row) async for row in rows]} != unchanged:
            raise StoredMeanwhile("a message was stored meanwhile")


async def store_facts(database: _Database, facts: Mapping[str, NameFacts], parsed: Sequence[UnparsedName]) -> None:
    """Put the facts into every document of these files, see Catalog; one that is stored meanwhile keeps its own."""
    files = database["files"]
    fronts = await fronts_of(files, [one.file_unique_id for one in parsed])
    now = {name: (row.get("name", ""), row["kind"]) for name, row in fronts.items()}
    renamed = {one.file_unique_id for one in parsed if now.get(one.file_unique_id) != (one.name, one.kind)}
    names = [name for name in facts if name not in renamed]
    for start in range(0, len(names), _AT_ONCE):
        some = {"file_unique_id": {"$in": names[start : start + _AT_ONCE]}}
        rows: list[Document] = []
        async for row in files.find(some, {"terms": 0}, batch_size=_AT_ONCE):
            rows.append(row)
            if len(rows) == _AT_ONCE:
                await _put_facts(files, rows, facts)
                rows = []
        await _put_facts(files, rows, facts)


async def _put_facts(files: _Files, rows: Sequence[Document], facts: Mapping[str, NameFacts]) -> None:
    if rows:
        writes = await computed(len(rows), lambda: [_facts_update(row, facts[row["file_unique_id"]]) for row in rows])
        await files.bulk_write(writes, ordered=False)


async def fronts_of(files: _Files, names: Sequence[str]) -> dict[str, Document]:
    """The document in front of each of these files that is listed, with what `UnparsedName` needs."""
    fields = {"_id": 0, "file_unique_id": 1, "key": 1, "behind": 1, "name": 1, "kind": 1, "sent": 1}
    first: dict[str, Document] = {}
    async for row in files.find({"file_unique_id": {"$in": list(names)}, "part_of": None}, fields).hint(BY_FILE):
        old = first.setdefault(row["file_unique_id"], row)
        if place(row) > place(old):
            first[row["file_unique_id"]] = row
    return first


async def store_tiny(database: _Database, tiny: Mapping[str, bytes]) -> None:
    """Put the tiny pictures into every document of these files that has none."""
    for name, picture in tiny.items():
        without = {"file_unique_id": name, "tiny": {"$exists": False}}
        await database["files"].update_many(without, {"$set": {"tiny": picture}})


@dataclass(frozen=True, slots=True)
class _Old:
    """What is stored of a message; `edited` is 0 where it never was, `rules` None in old documents."""

    key: int
    date: int
    edited: int
    rules: int | None = None
    album: int | None = None
    file_unique_id: str = ""
    name: str = ""
    kind: str = ""

    def is_renamed(self, file: MediaFile) -> bool:
        """Whether the name of the file has to be parsed again once `file` is stored."""
        same = self.file_unique_id == file.key.file_unique_id
        return same and (self.name, self.kind) != (file.name, file.kind)


async def free_keys(files: _Files, wanted: Sequence[int], *, session: _Session = None) -> list[int]:
    """`wanted` keys, in place of those that are taken the next free ones."""
    taken = {row["key"] async for row in files.find({"key": {"$in": list(wanted)}}, {"key": 1}, session=session)}
    return await next_free(wanted, taken, lambda key: files.find_one({"key": key}, {"key": 1}, session=session))


async def _puts(
    files: _Files, versions: Prepared, *, gone: Collection[Origin], unchanged: Collection[Origin], session: _Session
) -> list[Any]:
    """The writes that store the latest version of each message; a stored one is replaced unless it is newer.

    With those that give other texts to the other messages of their albums, and of those of the `gone` messages.
    """
    stored = await _stored(files, {*versions, *gone}, session=session)
    latest = list(latest_versions(versions, stored))
    new = [file for file, _ in latest]
    albums = albums_of(new) | {(o.chat_id, old.album) for o, old in stored.items() if old.album is not None}
    others = await _members(files, albums, without={*gone, *(file.origin for file in new)}, session=session)
    decided, changed = await computed(len(new) + len(others), lambda: _decided(latest, stored, others))
    known = await _known(files, {file.key.file_unique_id for file in new}, session=session)
    keys = iter(await free_keys(files, [row_key(file) for file in new if file.origin not in stored], session=session))
    names = {one.file.key.file_unique_id for one, _, old in decided if old and old.is_renamed(one.file)}
    names |= {one.file.key.file_unique_id for old, one in changed if old.file != one.file}
    renamed = sorted(names)

    def writes() -> Iterator[Any]:
        yield from (_to_be_read_again(renamed, field) for field in ("version", "facts.version") if renamed)
        for told, found, old in decided:
            facts, tiny = known.get(told.file.key.file_unique_id, (None, b""))
            if facts and told.file.key.file_unique_id in renamed:
                facts = replace(facts, version=0)
            one = replace(told, facts=facts, tiny=tiny)
            row = document(one, key=next(keys) if old is None else old.key, found=found)
            yield InsertOne(row) if old is None else _replacement(row, old, unchanged=one.file.origin in unchanged)
        yield from (_text_update(one) for old, one in changed if one.album_text != old.album_text)

    return await computed(len(decided) + len(changed), lambda: list(writes()))


def _decided(
    latest: Sequence[tuple[MediaFile, list[str]]], stored: Mapping[Origin, _Old], others: Sequence[Entry]
) -> tuple[list[tuple[Entry, list[str], _Old | None]], list[tuple[Entry, Entry]]]:
    """The new messages and the `others` of their albums with the texts of these.

    Of a new one also its words and what it replaces, of another one first what is stored.
    """
    found_texts = texts(with_new({one.file.origin: _as_member(one) for one in others}, [file for file, _ in latest]))
    decided = [
        (*_in_album(file, found, text=found_texts.get(file.origin, "")), stored.get(file.origin))
        for file, found in latest
    ]
    return decided, [(old, _with_text(old, found_texts[old.file.origin])) for old in others]


def _replacement(row: Document, old: _Old, *, unchanged: bool) -> UpdateOne:
    """The update that gives a document of `old` the content of `row`, unless its message was edited meanwhile.

    `unchanged`: nor if it was stored meanwhile; every version of a message that was is of the present rules.
    """
    same: Document = {"_id": row["_id"], "key": old.key, "edited": {"$lte": row["edited"]}}
    return UpdateOne(same | ({"rules": old.rules} if unchanged else {}), replacing(row))


def _in_album(file: MediaFile, found: list[str], *, text: str) -> tuple[Entry, list[str]]:
    """`file`, whose words are `found`, with the text of its album and what is decided with that, and its words."""
    one = _with_text(Entry(file), text)
    return one, text_words(one) if text or one.file != file else found


def _with_text(one: Entry, text: str) -> Entry:
    return replace(one, file=in_album(one.file, text), album_text=text)


async def _stored(files: _Files, origins: Collection[Origin], *, session: _Session) -> dict[Origin, _Old]:
    if not origins:
        return {}
    ids = {id_of(origin): origin for origin in origins}
    names = dict.fromkeys((field.name for field in fields(_Old)), 1)
    rows = files.find({"_id": {"$in": list(ids)}}, names, session=session)
    return {ids[row.pop("_id")]: _Old(**row) async for row in rows}


async def _members(
    files: _Files, albums: Collection[Album], *, without: Collection[Origin], session: _Session
) -> list[Entry]:
    """The stored messages of these albums but those of `without`."""
    if not albums:
        return []
    rows = files.find(
        {"terms": {"$in": [album_term(album) for album in sorted(albums)]}}, {"terms": 0}, session=session
    )
    return [one for one in [entry(row) async for row in rows] if one.file.origin not in without]


def _as_member(one: Entry) -> Member:
    return Member((one.file.origin.chat_id, one.file.album or 0), one.file.caption, one.album_text)


async def _known(
    files: _Files, unique_ids: Collection[str], *, session: _Session
) -> dict[str, tuple[NameFacts | None, bytes]]:
    """The facts and tiny pictures that are stored already for these files."""
    if not unique_ids:
        return {}
    learned = [{"facts": {"$exists": True}}, {"tiny": {"$exists": True}}]
    some = {"file_unique_id": {"$in": list(unique_ids)}, "$or": learned}
    found: dict[str, tuple[NameFacts | None, bytes]] = {}
    async for row in files.find(some, {"file_unique_id": 1, "facts": 1, "tiny": 1}, session=session):
        facts, tiny = found.get(row["file_unique_id"], (None, b""))
        found[row["file_unique_id"]] = facts or facts_of(row), tiny or row.get("tiny", b"")
    return found


def _facts_update(row: Document, facts: NameFacts) -> UpdateOne:
    one = replace(entry(row), facts=facts)
    same = {name: row.get(name) for name in ("_id", "file_unique_id", "name", "kind")}  # None: is left out
    return UpdateOne(same, {"$set": facts_fields(one) | text_fields(one, found=text_words(one))})


def _to_be_read_again(names: Sequence[str], field: str) -> UpdateMany:
    """The update that gives the facts of these files version 0."""
    return UpdateMany({"file_unique_id": {"$in": list(names)}, field: {"$gt": 0}}, {"$set": {field: 0}})


def _text_update(one: Entry) -> UpdateOne:
    """The update that gives a document the album text of `one` and what is decided with it, unless its message was
    edited meanwhile.
    """
    file = one.file
    same = {"_id": id_of(file.origin), "file_unique_id": file.key.file_unique_id, "edited": file.edit_date or 0}
    new = decided_fields(file) | text_fields(one, found=text_words(one))
    return UpdateOne(same, {"$set": new, "$unset": {name: "" for name in ("tags", "album_text") if name not in new}})


def _mark(name: str, value: str | None) -> Any:
    if value is None:
        return DeleteOne({"_id": name})
    return UpdateOne({"_id": name}, {"$set": {"value": value}}, upsert=True)

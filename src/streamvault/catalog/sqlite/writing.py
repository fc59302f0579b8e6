"""Writes files into SQLite's tables in batches: about as many statements for a thousand files as for one."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from streamvault.catalog.albums import Album, albums_of, texts, with_new
from streamvault.catalog.base import Change, UnparsedName, row_key
from streamvault.catalog.sqlite.albums import change_texts, members
from streamvault.catalog.sqlite.index_words import NOT_LISTED, Base, IndexText, base_words, index_text
from streamvault.catalog.sqlite.indexing import index, list_rows, reindex_files, unindex
from streamvault.catalog.sqlite.rows import (
    ENTRY,
    FACTS,
    PUT_FILE,
    READ_AGAIN,
    SET_FACTS,
    entry,
    facts_of,
    facts_values,
    message_values,
)
from streamvault.catalog.versions import Versions, computed, latest_versions, next_free, prepare_versions
from streamvault.errors import StoredMeanwhile
from streamvault.media.classification import in_album
from streamvault.media.model import MediaFile, Origin
from streamvault.media.name_facts import NameFacts
from streamvault.storage.sqlite import Row, Run

_STORED = (
    "SELECT f.chat_id, f.message_id, f.id, f.file, f.date, coalesce(f.edit_date, 0), f.album, f.name, f.kind, f.words "
    "FROM json_each(?) AS wanted "
    "JOIN files AS f ON f.chat_id = wanted.value ->> 0 AND f.message_id = wanted.value ->> 1"
)
_FILES = (
    f"SELECT {ENTRY} FROM json_each(?) AS wanted "
    "JOIN files AS f ON f.chat_id = wanted.value ->> 0 AND f.message_id = wanted.value ->> 1 "
    "JOIN contents AS c ON c.file = f.file"
)
_KNOWN = f"SELECT c.unique_id, c.file, {FACTS} FROM contents AS c WHERE c.unique_id IN (%s)"
_FRONTS = (
    "SELECT c.unique_id, f.name, f.kind FROM contents AS c JOIN files AS f ON f.id = c.newest WHERE c.unique_id IN (%s)"
)
_PARAMETERS = 500
_NEWEST = """
UPDATE contents SET newest = coalesce(
    (SELECT f.id FROM files AS f WHERE f.file = contents.file AND f.part_of_chat IS NULL
     ORDER BY f.behind, f.id DESC LIMIT 1), 0)
WHERE file IN (SELECT value FROM json_each(?))
"""
_ORPHANS = """
DELETE FROM contents WHERE file IN (SELECT value FROM json_each(?))
AND NOT EXISTS (SELECT 1 FROM files AS f WHERE f.file = contents.file)
"""
_CHANGED = "UPDATE revision SET number = number + 1"


@dataclass(frozen=True, slots=True)
class _Old:
    """What is stored of a message; `edited` is 0 where it never was, `words` are the indexed ones."""

    id: int
    file: int
    date: int
    edited: int
    album: int | None
    name: str
    kind: str
    words: str

    def is_renamed(self, file: MediaFile) -> bool:
        """Whether the name has to be parsed again once `file` is stored."""
        return (self.name, self.kind) != (file.name, file.kind)


@dataclass(frozen=True, slots=True)
class _New:
    """What is to be stored of a message, and what it replaces; `base` is None for a piece, which is never listed."""

    file: MediaFile
    base: Base | None
    old: _Old | None
    album_text: str = ""


Prepared = Versions[Base | None]


async def prepare(files: Sequence[MediaFile]) -> Prepared:
    """The versions of each message with their words. Raises ValueError for a thumbnail."""
    return await prepare_versions(files, lambda file: None if file.part_of else base_words(file, file.caption))


async def store(run: Run, prepared: Prepared, change: Change) -> None:
    """Store `change`, whose files are `prepared`."""
    gone = set(change.gone)
    await _check(run, change.unchanged)
    stored = await _stored(run, {*prepared, *gone})
    kept = {origin: versions for origin, versions in prepared.items() if origin not in gone}
    new = [_New(file, base, stored.get(file.origin)) for file, base in latest_versions(kept, stored)]
    await _delete(run, [stored[origin] for origin in gone if origin in stored])
    albums = {(origin.chat_id, old.album) for origin, old in stored.items() if old.album is not None}
    touched = {old.file for old in stored.values()} | await _insert_with_texts(run, new, albums=albums)
    if touched:
        await run(_NEWEST, (json.dumps(sorted(touched)),))
        await run(_ORPHANS, (json.dumps(sorted(touched)),))
        await run(_CHANGED)
    await _mark(run, change.marks)


async def _check(run: Run, unchanged: Mapping[Origin, MediaFile]) -> None:
    """Raise StoredMeanwhile unless these messages still have these files."""
    wanted = json.dumps([[origin.chat_id, origin.message_id] for origin in unchanged])
    found = {file.origin: file for row in await run(_FILES, (wanted,)) for file in [entry(row).file]}
    if found != unchanged:
        raise StoredMeanwhile("a message was stored meanwhile")


async def store_facts(run: Run, facts: Mapping[str, NameFacts], parsed: Sequence[UnparsedName]) -> None:
    """Store facts parsed from names, and index the messages of these files again; see Catalog."""
    fronts = {row[0]: row[1:] for row in await _rows_of(run, _FRONTS, [one.file_unique_id for one in parsed])}
    renamed = {one.file_unique_id for one in parsed if fronts.get(one.file_unique_id) != (one.name, one.kind)}
    known = {row[0]: row[1] for row in await _rows_of(run, _KNOWN, [name for name in facts if name not in renamed])}
    await run.many(SET_FACTS, [(*facts_values(facts[name]), file) for name, file in known.items()])
    await reindex_files(run, list(known.values()))
    await run(_CHANGED)


async def _stored(run: Run, origins: Iterable[Origin]) -> dict[Origin, _Old]:
    rows = await run(_STORED, (json.dumps([[origin.chat_id, origin.message_id] for origin in origins]),))
    return {Origin(row[0], row[1]): _Old(*row[2:]) for row in rows}


async def _delete(run: Run, rows: Sequence[_Old]) -> None:
    await unindex(run, [(old.id, old.words) for old in rows])
    await run.many("DELETE FROM files WHERE id = ?", [(old.id,) for old in rows])
    await run.many("DELETE FROM listed WHERE id = ?", [(old.id,) for old in rows])


async def _insert_with_texts(run: Run, new: Sequence[_New], *, albums: set[Album]) -> set[int]:
    """Store rows with the texts of their albums, and those of other messages of these and of `albums`."""
    wanted = albums | albums_of([one.file for one in new])
    if not wanted:
        return await _insert(run, new)
    stored = await members(run, wanted)
    found = texts(with_new({origin: member for origin, (member, _) in stored.items()}, [one.file for one in new]))
    told = await computed(len(new), lambda: [_in_album(one, found.get(one.file.origin, "")) for one in new])
    numbers = await _insert(run, told)
    put = {one.file.origin for one in new}
    others = {origin: member for origin, member in stored.items() if origin not in put}
    await change_texts(run, {id: found[o] for o, (one, id) in others.items() if one.text != found[o]})
    return numbers


def _in_album(one: _New, text: str) -> _New:
    """`one` with the text of its album, and what is decided with that."""
    file = in_album(one.file, text)
    base = one.base
    if base is not None and (text or file != one.file):
        base = base_words(file, file.caption or text)
    return replace(one, file=file, base=base, album_text=text)


async def _insert(run: Run, new: Sequence[_New]) -> set[int]:
    """Store rows; the numbers (contents.file) of their files."""
    if not new:
        return set()
    known = await _known(run, [one.file.key.file_unique_id for one in new])
    ids = await _ids(run, new)
    texts = await computed(len(new), lambda: [_index_text(one, known[one.file.key.file_unique_id][1]) for one in new])
    unindexed, indexed, files, listed = [], [], [], []
    for one, id, text in zip(new, ids, texts, strict=True):
        file, _ = known[one.file.key.file_unique_id]
        files.append((id, file, text.words, one.album_text, *message_values(one.file)))
        listed.append((id, file, one.file, text))
        before = one.old.words if one.old else ""
        if text.words != before:
            unindexed.append((id, before))
            indexed.append((id, text.words))
    await unindex(run, unindexed)
    await index(run, indexed)
    await run.many(PUT_FILE, files)
    await list_rows(run, [row for row in listed if row[3] is not NOT_LISTED])
    await run.many("DELETE FROM listed WHERE id = ?", [(row[0],) for row in listed if row[3] is NOT_LISTED])
    await run.many(READ_AGAIN, [(one.old.file,) for one, row in zip(new, files, strict=True)
                                if one.old and one.old.file == row[1] and one.old.is_renamed(one.file)])  # fmt: skip
    return {file for file, _ in known.values()}


def _index_text(one: _New, facts: NameFacts | None) -> IndexText:
    return NOT_LISTED if one.base is None else index_text(one.file, facts, one.base)


async def _known(run: Run, unique_ids: Sequence[str]) -> dict[str, tuple[int, NameFacts | None]]:
    """The number of each file, a new one for a new file, and the facts of its name."""
    unique = list(dict.fromkeys(unique_ids))
    rows = await _rows_of(run, _KNOWN, unique)
    known: dict[str, tuple[int, NameFacts | None]] = {row[0]: (row[1], facts_of(row[2:])) for row in rows}
    missing = [name for name in unique if name not in known]
    if missing:
        last = (await run("SELECT coalesce(max(file), 0) FROM contents"))[0][0]
        made = {name: number for number, name in enumerate(missing, last + 1)}
        await run.many("INSERT INTO contents (file, unique_id, newest) VALUES (?, ?, 0)",
                       [(number, name) for name, number in made.items()])  # fmt: skip
        known |= {name: (number, None) for name, number in made.items()}
    return known


async def _rows_of(run: Run, sql: str, unique_ids: Sequence[str]) -> list[Row]:
    """The rows that `sql` selects for these files."""
    # not json_each, which cuts a text at its first NUL
    rows: list[Row] = []
    for start in range(0, len(unique_ids), _PARAMETERS):
        some = unique_ids[start : start + _PARAMETERS]
        rows += await run(sql % ", ".join("?" * len(some)), some)
    return rows


async def _ids(run: Run, new: Sequence[_New]) -> list[int]:
    """The id of each row: the stored one, else row_key or the next free number after it."""
    wanted = [row_key(one.file) for one in new if one.old is None]
    rows = await run(
        "SELECT f.id FROM json_each(?) AS wanted JOIN files AS f ON f.id = wanted.value", (json.dumps(wanted),)
    )

    async def is_taken(id: int) -> bool:
        return bool(await run("SELECT 1 FROM files WHERE id = ?", (id,)))

    free = iter(await next_free(wanted, [row[0] for row in rows], is_taken))
    return [next(free) if one.old is None else one.old.id for one in new]


async def _mark(run: Run, marks: Mapping[str, str | None]) -> None:
    await run.many("REPLACE INTO marks VALUES (?, ?)", [(name, v) for name, v in marks.items() if v is not None])
    await run.many("DELETE FROM marks WHERE name = ?", [(name,) for name, v in marks.items() if v is None])

"""Writes files into SQLite's tables in batches: about as many statements for a thousand files as for one."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from streamvault.catalog.base import Change, row_key
from streamvault.catalog.derived import behind
from streamvault.catalog.sqlite.index_words import (
    NOT_LISTED,
    Base,
    IndexText,
    base_words,
    index_text,
    vocabulary,
    with_prefixes,
)
from streamvault.catalog.sqlite.interning import intern, letter_of
from streamvault.catalog.sqlite.rows import (
    ENTRY,
    FACTS,
    PUT_FILE,
    SET_FACTS,
    entry,
    facts_of,
    facts_values,
    message_values,
)
from streamvault.catalog.versions import Versions, latest_versions, next_free, prepare_versions
from streamvault.media.model import MediaFile, Origin
from streamvault.media.name_facts import NameFacts
from streamvault.storage.sqlite import Row, Run

_AT_ONCE = 200

_UNINDEX = "INSERT INTO search (search, rowid, text) VALUES ('delete', ?, ?)"
_INDEX = "INSERT INTO search (rowid, text) VALUES (?, ?)"
_LIST = (
    "INSERT INTO listed (id, file, size, behind, facets, work) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (id) DO UPDATE SET file = excluded.file, size = excluded.size, behind = excluded.behind, "
    "facets = excluded.facets, work = excluded.work"
)
_STORED = (
    "SELECT f.chat_id, f.message_id, f.id, f.file, f.date, coalesce(f.edit_date, 0), f.words "
    "FROM json_each(?) AS wanted "
    "JOIN files AS f ON f.chat_id = wanted.value ->> 0 AND f.message_id = wanted.value ->> 1"
)
_KNOWN = f"SELECT c.unique_id, c.file, {FACTS} FROM contents AS c WHERE c.unique_id IN (%s)"
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


@dataclass(frozen=True, slots=True)
class _Old:
    """What is stored of a message; `edited` is 0 where it never was, `words` are the indexed ones."""

    id: int
    file: int
    date: int
    edited: int
    words: str


@dataclass(frozen=True, slots=True)
class _New:
    """What is to be stored of a message, and what it replaces; `base` is None for a piece, which is never listed."""

    file: MediaFile
    base: Base | None
    old: _Old | None


Prepared = Versions[Base | None]


async def prepare(files: Sequence[MediaFile]) -> Prepared:
    """The versions of each message with their words. Raises ValueError for a thumbnail."""
    return await prepare_versions(files, lambda file: None if file.part_of else base_words(file))


async def store(run: Run, prepared: Prepared, change: Change) -> None:
    """Store `change`, whose files are `prepared`."""
    gone = set(change.gone)
    stored = await _stored(run, {*prepared, *gone})
    kept = {origin: versions for origin, versions in prepared.items() if origin not in gone}
    new = [_New(file, base, stored.get(file.origin)) for file, base in latest_versions(kept, stored)]
    await _delete(run, [stored[origin] for origin in gone if origin in stored])
    touched = {old.file for old in stored.values()} | await _insert(run, new)
    if touched:
        await run(_NEWEST, (json.dumps(sorted(touched)),))
        await run(_ORPHANS, (json.dumps(sorted(touched)),))
    await _mark(run, change.marks)


async def store_facts(run: Run, facts: Mapping[str, NameFacts]) -> None:
    """Store facts parsed from names, and index the messages of these files again."""
    known = {row[0]: row[1] for row in await _known_rows(run, list(facts))}
    await run.many(SET_FACTS, [(*facts_values(facts[name]), file) for name, file in known.items()])
    files, after = json.dumps(list(known.values())), -1
    while True:
        rows = await run(
            f"SELECT f.id, f.file, f.words, {ENTRY} FROM json_each(?) AS wanted JOIN contents AS c ON c.file = value "
            "JOIN files AS f ON f.file = c.file WHERE f.id > ? AND f.part_of_chat IS NULL ORDER BY f.id LIMIT ?",
            (files, after, _AT_ONCE),
        )
        if not rows:
            return
        after = rows[-1][0]
        found = [(row[0], row[1], row[2], entry(row[3:])) for row in rows]
        texts = {id: index_text(e.file, e.facts, base_words(e.file)) for id, _, _, e in found}
        changed = [(id, file, words) for id, file, words, _ in found if words != texts[id].words]
        await _unindex(run, [(id, words) for id, _, words in changed])
        await _index(run, [(id, texts[id].words) for id, _, _ in changed])
        await run.many("UPDATE files SET words = ? WHERE id = ?", [(texts[id].words, id) for id, _, _ in changed])
        await _list(run, [(id, file, e.file, texts[id]) for id, file, _, e in found])


async def _list(run: Run, rows: Sequence[tuple[int, int, MediaFile, IndexText]]) -> None:
    """Put rows of (id, number of the file, file, text) into `listed`."""
    words = await intern(run, "facet_words", (word for *_, text in rows for word in text.facets))
    works = await intern(run, "works", (text.work for *_, text in rows if text.work))
    listed = []
    for id, number, file, text in rows:
        letters = "".join(letter_of(words[word]) for word in text.facets)
        work = 2 * works[text.work] + text.series if text.work else 0
        listed.append((id, number, file.size, behind(file), letters, work))
    await run.many(_LIST, listed)


async def _unindex(run: Run, rows: Sequence[tuple[int, str]]) -> None:
    await run.many(_UNINDEX, [(id, with_prefixes(words)) for id, words in rows if words])


async def _index(run: Run, rows: Sequence[tuple[int, str]]) -> None:
    await run.many(_INDEX, [(id, with_prefixes(words)) for id, words in rows if words])
    new = set[str]().union(*(vocabulary(words) for _, words in rows))
    await run.many("INSERT OR IGNORE INTO vocabulary VALUES (?)", [(word,) for word in sorted(new)])


async def _stored(run: Run, origins: Iterable[Origin]) -> dict[Origin, _Old]:
    rows = await run(_STORED, (json.dumps([[origin.chat_id, origin.message_id] for origin in origins]),))
    return {Origin(row[0], row[1]): _Old(*row[2:]) for row in rows}


async def _delete(run: Run, rows: Sequence[_Old]) -> None:
    await _unindex(run, [(old.id, old.words) for old in rows])
    await run.many("DELETE FROM files WHERE id = ?", [(old.id,) for old in rows])
    await run.many("DELETE FROM listed WHERE id = ?", [(old.id,) for old in rows])


async def _insert(run: Run, new: Sequence[_New]) -> set[int]:
    """Store rows; the numbers (contents.file) of their files."""
    if not new:
        return set()
    known = await _known(run, [one.file.key.file_unique_id for one in new])
    ids = await _ids(run, new)
    unindex, index, files, listed = [], [], [], []
    for one, id in zip(new, ids, strict=True):
        file, facts = known[one.file.key.file_unique_id]
        text = NOT_LISTED if one.base is None else index_text(one.file, facts, one.base)
        files.append((id, file, text.words, "", *message_values(one.file)))
        listed.append((id, file, one.file, text))
        before = one.old.words if one.old else ""
        if text.words != before:
            unindex.append((id, before))
            index.append((id, text.words))
    await _unindex(run, unindex)
    await _index(run, index)
    await run.many(PUT_FILE, files)
    await _list(run, [row for row in listed if row[3] is not NOT_LISTED])
    await run.many("DELETE FROM listed WHERE id = ?", [(row[0],) for row in listed if row[3] is NOT_LISTED])
    return {file for file, _ in known.values()}


async def _known(run: Run, unique_ids: Sequence[str]) -> dict[str, tuple[int, NameFacts | None]]:
    """The number of each file, a new one for a new file, and the facts of its name."""
    unique = list(dict.fromkeys(unique_ids))
    rows = await _known_rows(run, unique)
    known: dict[str, tuple[int, NameFacts | None]] = {row[0]: (row[1], facts_of(row[2:])) for row in rows}
    missing = [name for name in unique if name not in known]
    if missing:
        last = (await run("SELECT coalesce(max(file), 0) FROM contents"))[0][0]
        made = {name: number for number, name in enumerate(missing, last + 1)}
        await run.many("INSERT INTO contents (file, unique_id, newest) VALUES (?, ?, 0)",
                       [(number, name) for name, number in made.items()])  # fmt: skip
        known |= {name: (number, None) for name, number in made.items()}
    return known


async def _known_rows(run: Run, unique_ids: Sequence[str]) -> list[Row]:
    # not json_each, which cuts a text at its first NUL
    rows: list[Row] = []
    for start in range(0, len(unique_ids), _PARAMETERS):
        some = unique_ids[start : start + _PARAMETERS]
        rows += await run(_KNOWN % ", ".join("?" * len(some)), some)
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

"""The catalog in one SQLite file."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from streamvault.catalog import sqlite_query
from streamvault.catalog.base import (
    EXACT,
    MAX_ORIGINS,
    MAX_VALUES,
    CatalogQuery,
    Change,
    Counts,
    Cursor,
    Entry,
    Facets,
    Page,
    Unread,
    Work,
    sort_value,
)
from streamvault.catalog.schema import MIGRATIONS
from streamvault.catalog.sqlite_carry import carry_over
from streamvault.catalog.sqlite_query import Conditions
from streamvault.catalog.sqlite_rows import ENTRY, entry
from streamvault.catalog.sqlite_words import unquoted
from streamvault.catalog.sqlite_writing import learn, prepare, store
from streamvault.media.facts import Facts
from streamvault.media.model import MediaFile, Origin
from streamvault.storage.sqlite import Row, SqliteDatabase

MAX_PIECES = 10_000
_FROM = "FROM files AS f JOIN contents AS c ON c.file = f.file"
_Value = TypeVar("_Value", int, str)
_WORKS = """
SELECT f.id, c.title, c.year, f.chat_id, f.message_id FROM json_each(?) AS wanted
CROSS JOIN files AS f ON f.id = wanted.value CROSS JOIN contents AS c ON c.file = f.file
"""
_CHATS = """
WITH RECURSIVE found (chat_id) AS (
    SELECT min(chat_id) FROM files
    UNION ALL
    SELECT (SELECT min(chat_id) FROM files WHERE chat_id > found.chat_id) FROM found WHERE found.chat_id IS NOT NULL
)
SELECT chat_id FROM found WHERE chat_id IS NOT NULL
"""
_VERSIONS = """
WITH RECURSIVE found (version) AS (
    SELECT min(version) FROM contents WHERE newest > 0
    UNION ALL
    SELECT (SELECT min(version) FROM contents WHERE newest > 0 AND version > found.version)
    FROM found WHERE found.version IS NOT NULL
)
SELECT version FROM found WHERE version < ?
"""
_UNREAD = """
SELECT c.newest, c.unique_id, f.name, f.kind FROM contents AS c JOIN files AS f ON f.id = c.newest
WHERE c.newest > 0 AND c.version = ? ORDER BY c.newest DESC LIMIT ?
"""


class SqliteCatalog:
    """The Catalog in the file at `path`; an async context manager that opens and closes it."""

    def __init__(self, path: Path) -> None:
        self._database = SqliteDatabase(path, MIGRATIONS, readers=2, cache=16)

    async def __aenter__(self) -> "SqliteCatalog":
        await self._database.__aenter__()
        try:
            await carry_over(self._database)
        except BaseException:
            await self._database.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._database.__aexit__(kind, error, trace)

    async def get(self, origin: Origin) -> MediaFile | None:
        """See Catalog."""
        found = await self.entry(origin)
        return None if found is None else found.file

    async def entry(self, origin: Origin) -> Entry | None:
        """See Catalog."""
        rows = await self._database.read(
            f"SELECT {ENTRY} {_FROM} WHERE f.chat_id = ? AND f.message_id = ?", (origin.chat_id, origin.message_id)
        )
        return entry(rows[0]) if rows else None

    async def origins(self, file_unique_id: str) -> tuple[Origin, ...]:
        """See Catalog."""
        rows = await self._database.read(
            "SELECT f.chat_id, f.message_id FROM contents AS c JOIN files AS f INDEXED BY files_by_file "
            "ON f.file = c.file WHERE c.unique_id = ? ORDER BY f.id DESC LIMIT ?",
            (file_unique_id, MAX_ORIGINS),
        )
        return tuple(Origin(*row) for row in rows)

    async def put(self, file: MediaFile) -> None:
        """See Catalog."""
        await self.apply(Change(put=(file,)))

    async def remove(self, origin: Origin) -> None:
        """See Catalog."""
        await self.apply(Change(gone=(origin,)))

    async def apply(self, change: Change) -> None:
        """See Catalog."""
        prepared = await prepare(change.put)
        async with self._database.transaction() as run:
            await store(run, prepared, change)

    async def mark(self, name: str) -> str | None:
        """See Catalog."""
        rows = await self._database.read("SELECT value FROM marks WHERE name = ?", (name,))
        return rows[0][0] if rows else None

    async def marks(self) -> dict[str, str]:
        """See Catalog."""
        return dict(await self._database.read("SELECT name, value FROM marks ORDER BY name"))

    async def page(self, query: CatalogQuery) -> Page:
        """See Catalog."""
        found = await self._conditions(query)
        if found is None:
            return Page((), None)
        few = query.sort != "date" and bool(found.match) and await self._few(found)
        rows = await self._database.read(*sqlite_query.page(query, found, few=few))
        items = tuple(entry(row[:-1]) for row in rows[: query.limit])
        if len(rows) <= query.limit:
            return Page(items, None)
        key = rows[query.limit - 1][-1]
        return Page(items, Cursor(query.sort, query.order, sort_value(items[-1].file, query.sort, key), key))

    async def facets(self, query: CatalogQuery) -> Facets:
        """See Catalog."""
        rows = await self._newest(query, "l.file, l.id, l.facets")
        words = " ".join(row[2] for row in rows[:EXACT]).split()
        return _facets(Counter(words), total=min(len(rows), EXACT), exact=len(rows) <= EXACT)

    async def counts(self, chat_ids: frozenset[int] | None = None) -> Counts:
        """See Catalog."""
        where = "" if chat_ids is None else "AND chat_id IN (SELECT value FROM json_each(?))"
        rows = await self._database.read(
            f"SELECT kind, sum(files), sum(bytes) FROM totals WHERE files > 0 {where} GROUP BY kind ORDER BY kind",
            () if chat_ids is None else (json.dumps(sorted(chat_ids)),),
        )
        return Counts(
            files=sum(row[1] for row in rows), bytes=sum(row[2] for row in rows), kinds={row[0]: row[1] for row in rows}
        )

    async def messages(self, chat_id: int, *, first: int, last: int) -> tuple[int, ...]:
        """See Catalog."""
        rows = await self._database.read(
            "SELECT message_id FROM files WHERE chat_id = ? AND message_id BETWEEN ? AND ? ORDER BY message_id",
            (chat_id, first, last),
        )
        return tuple(row[0] for row in rows)

    async def pieces(self, chat_id: int, whole: str) -> tuple[MediaFile, ...]:
        """See Catalog."""
        rows = await self._database.read(
            f"SELECT {ENTRY} {_FROM} WHERE f.chat_id = ? AND f.whole = ? AND f.whole <> '' "
            "ORDER BY f.message_id LIMIT ?",
            (chat_id, whole, MAX_PIECES),
        )
        return tuple(entry(row).file for row in rows)

    async def unread(self, version: int, limit: int) -> tuple[Unread, ...]:
        """See Catalog."""
        found: list[Row] = []
        for (older,) in await self._database.read(_VERSIONS, (version,)):
            found += await self._database.read(_UNREAD, (older, limit))
        return tuple(Unread(*row[1:]) for row in sorted(found, reverse=True)[:limit])

    async def learn(self, facts: Mapping[str, Facts]) -> None:
        """See Catalog."""
        async with self._database.transaction() as run:
            await learn(run, facts)

    async def works(self, query: CatalogQuery) -> tuple[Work, ...]:
        """See Catalog."""
        rows = (await self._newest(query, "l.file, l.id, l.work"))[:EXACT]
        files = Counter(row[2][1:] for row in rows)
        series = {row[2][1:] for row in rows if row[2].startswith("s")}
        newest = {row[2][1:]: row[1] for row in reversed(rows)}
        shown = [key for key in files if key][: query.limit]  # in the order of `rows`
        ids = [newest[key] for key in shown]
        found = {row[0]: row[1:] for row in await self._database.read(_WORKS, (json.dumps(ids),))}
        return tuple(
            Work(key, title, year, series=key in series, files=files[key], newest=Origin(chat_id, message_id))
            for key in shown
            for title, year, chat_id, message_id in [found[newest[key]]] * (newest[key] in found)
        )

    async def dump(self, after: Origin | None, limit: int) -> tuple[Entry, ...]:
        """See Catalog."""
        where = "" if after is None else "WHERE (f.chat_id, f.message_id) > (?, ?)"
        place = () if after is None else (after.chat_id, after.message_id)
        rows = await self._database.read(
            f"SELECT {ENTRY} {_FROM} {where} ORDER BY f.chat_id, f.message_id LIMIT ?", (*place, limit)
        )
        return tuple(map(entry, rows))

    async def remember_chat(self, chat_id: int, title: str) -> None:
        """See Catalog."""
        await self._database.write(
            "INSERT INTO chats (chat_id, title) VALUES (?, ?) "
            "ON CONFLICT (chat_id) DO UPDATE SET title = excluded.title",
            (chat_id, title),
        )

    async def forget_chat(self, chat_id: int) -> None:
        """See Catalog."""
        await self._database.write("DELETE FROM chats WHERE chat_id = ?", (chat_id,))

    async def chats(self) -> dict[int, str]:
        """See Catalog."""
        return dict(await self._database.read("SELECT chat_id, title FROM chats ORDER BY chat_id"))

    async def _conditions(self, query: CatalogQuery) -> Conditions | None:
        stored = [] if query.chat_ids is None else await self._database.read(_CHATS)
        completions = {}
        for sql, start in sqlite_query.prefixes(query):
            completions[str(start[0])] = [row[0] for row in await self._database.read(sql, start)]
        return sqlite_query.conditions(query, [row[0] for row in stored], completions=completions)

    async def _few(self, found: Conditions) -> bool:
        return bool((await self._database.read(*sqlite_query.many(found)))[0][0] <= EXACT)

    async def _newest(self, query: CatalogQuery, columns: str) -> list[Row]:
        """The newest matching row of each file, the newest first, up to EXACT + 1; `columns` begin with file, id."""
        conditions = await self._conditions(query)
        if conditions is None:
            return []
        rows = await self._database.read(*sqlite_query.newest(conditions, columns))
        found = {row[0]: row for row in reversed(rows)}  # of several rows of one file the newest stays
        if len(found) == len(rows):
            return rows
        while len(rows) > EXACT >= len(found):
            rows = await self._database.read(*sqlite_query.newest(conditions, columns, before=rows[-1][1]))
            found = {row[0]: row for row in reversed(rows)} | found
        return sorted(found.values(), key=lambda row: -row[1])[: EXACT + 1]


def _facets(counted: Counter[str], *, total: int, exact: bool) -> Facets:
    """The facet words by their first letters."""
    values: dict[str, dict[str, int]] = {letter: {} for letter in "kcyrlt"}
    for word, count in counted.items():
        values[word[0]][unquoted(word[1:])] = count
    return Facets(
        total=total,
        exact=exact,
        kinds=_commonest(values["k"]),
        chats=_commonest({int(value.replace("n", "-")): count for value, count in values["c"].items()}),
        years=_commonest({int(value): count for value, count in values["y"].items()}),
        resolutions=_commonest(values["r"]),
        languages=_commonest(values["l"]),
        tags=_commonest(values["t"]),
    )


def _commonest(values: Mapping[_Value, int]) -> dict[_Value, int]:
    ordered = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    return dict(ordered[:MAX_VALUES])

"""The Catalog in one SQLite file."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from streamvault.catalog.base import (
    MAX_ORIGINS,
    CatalogQuery,
    Change,
    Counts,
    Entry,
    Facets,
    Histogram,
    Outdated,
    Page,
    UnparsedName,
    WorksPage,
)
from streamvault.catalog.derived import VERSION
from streamvault.catalog.fields import LARGEST, sent_name
from streamvault.catalog.single import SingleMessage
from streamvault.catalog.sqlite.index_merge import IndexMerge
from streamvault.catalog.sqlite.lists import SqliteLists
from streamvault.catalog.sqlite.migration import migrate_rows
from streamvault.catalog.sqlite.probes import SqliteProbes
from streamvault.catalog.sqlite.rows import ENTRY, entry
from streamvault.catalog.sqlite.schema import FIRST_PIECE, MIGRATIONS
from streamvault.catalog.sqlite.writing import prepare, store, store_facts
from streamvault.media.model import MediaFile, Origin
from streamvault.media.name_facts import NameFacts
from streamvault.storage.sqlite import Row, SqliteDatabase

MAX_PIECES = 10_000
_PARAMETERS = 500
_HELD = f"""
SELECT c.unique_id FROM contents AS c WHERE c.unique_id IN (%s) AND EXISTS (
    SELECT 1 FROM files AS f INDEXED BY files_by_file
    WHERE f.file = c.file AND f.chat_id IN (SELECT value FROM json_each(?))
)
UNION
SELECT {FIRST_PIECE} FROM files INDEXED BY files_by_first_piece
WHERE {FIRST_PIECE} IN (%s) AND parts <> '' AND chat_id IN (SELECT value FROM json_each(?))
"""
_FROM = "FROM files AS f JOIN contents AS c ON c.file = f.file"
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
SELECT c.newest, c.unique_id, f.name, f.kind, f.sent FROM contents AS c JOIN files AS f ON f.id = c.newest
WHERE c.newest > 0 AND c.version = ? ORDER BY c.newest DESC LIMIT ?
"""


class SqliteCatalog(SingleMessage):
    """The Catalog in the file at `path`; an async context manager that opens and closes it."""

    def __init__(self, path: Path) -> None:
        self._database = SqliteDatabase(path, MIGRATIONS, readers=2, cache=16)
        self._lists = SqliteLists(self._database)
        self._index_merge = IndexMerge(self._database)
        self.probes = SqliteProbes(self._database)

    async def __aenter__(self) -> "SqliteCatalog":
        await self._database.__aenter__()
        try:
            await migrate_rows(self._database)
        except BaseException:
            await self._database.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._database.__aexit__(kind, error, trace)

    async def entry(self, origin: Origin) -> Entry | None:
        """See Catalog."""
        rows = await self._database.read(
            f"SELECT {ENTRY} {_FROM} WHERE f.chat_id = ? AND f.message_id = ?", (origin.chat_id, origin.message_id)
        )
        return entry(rows[0]) if rows else None

    async def origins(self, file_unique_id: str) -> tuple[Origin, ...]:
        """See Catalog."""
        rows = await self._database.read(
            "SELECT chat_id, message_id FROM files WHERE id IN ("
            "SELECT f.id FROM contents AS c JOIN files AS f INDEXED BY files_by_file "
            "ON f.file = c.file WHERE c.unique_id = ? UNION "
            f"SELECT id FROM files INDEXED BY files_by_first_piece WHERE {FIRST_PIECE} = ? AND parts <> ''"
            ") ORDER BY behind, id DESC LIMIT ?",
            (file_unique_id, file_unique_id, MAX_ORIGINS),
        )
        return tuple(Origin(*row) for row in rows)

    async def held(self, file_unique_ids: Sequence[str], chat_ids: frozenset[int]) -> frozenset[str]:
        """See Catalog."""
        found, chats = set[str](), json.dumps(sorted(chat_ids))
        for start in range(0, len(file_unique_ids), _PARAMETERS):
            some = file_unique_ids[start : start + _PARAMETERS]
            sql = _HELD.replace("%s", ", ".join("?" * len(some)))
            found.update(row[0] for row in await self._database.read(sql, (*some, chats, *some, chats)))
        return frozenset(found)

    async def apply(self, change: Change) -> None:
        """See Catalog."""
        prepared = await prepare(change.put)
        async with self._database.transaction() as run:
            await store(run, prepared, change)
        await self._index_merge.written(len(change.put) + len(change.gone))

    async def mark(self, name: str) -> str | None:
        """See Catalog."""
        rows = await self._database.read("SELECT value FROM marks WHERE name = ?", (name,))
        return rows[0][0] if rows else None

    async def marks(self) -> dict[str, str]:
        """See Catalog."""
        return dict(await self._database.read("SELECT name, value FROM marks ORDER BY name"))

    async def page(self, query: CatalogQuery) -> Page:
        """See Catalog."""
        return await self._lists.page(query)

    async def facets(self, query: CatalogQuery) -> Facets:
        """See Catalog."""
        return await self._lists.facets(query)

    async def histogram(self, query: CatalogQuery) -> Histogram:
        """See Catalog."""
        return await self._lists.histogram(query)

    async def works(self, query: CatalogQuery, *, series: bool | None = None) -> WorksPage:
        """See Catalog."""
        return await self._lists.works(query, series=series)

    async def works_histogram(self, query: CatalogQuery, *, series: bool | None = None) -> Histogram:
        """See Catalog."""
        return await self._lists.works_histogram(query, series=series)

    async def works_facets(self, query: CatalogQuery, *, series: bool | None = None) -> Facets:
        """See Catalog."""
        return await self._lists.works_facets(query, series=series)

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

    async def newest(self, chat_id: int) -> int:
        """See Catalog."""
        [row] = await self._database.read("SELECT max(message_id) FROM files WHERE chat_id = ?", (chat_id,))
        return row[0] or 0

    async def pieces(self, chat_id: int, whole: str) -> tuple[MediaFile, ...]:
        """See Catalog."""
        rows = await self._database.read(
            f"SELECT {ENTRY} {_FROM} WHERE f.chat_id = ? AND f.whole = ? AND f.whole <> '' "
            "ORDER BY f.message_id LIMIT ?",
            (chat_id, whole, MAX_PIECES),
        )
        return tuple(entry(row).file for row in rows)

    async def unparsed_names(self, version: int, limit: int) -> tuple[UnparsedName, ...]:
        """See Catalog."""
        found: list[Row] = []
        for (older,) in await self._database.read(_VERSIONS, (version,)):
            found += await self._database.read(_UNREAD, (older, limit))
        newest = sorted(found, key=lambda row: row[0], reverse=True)[:limit]
        return tuple(
            UnparsedName(file, name, kind, sent_name(json.loads(sent or "null")))
            for _, file, name, kind, sent in newest
        )

    async def outdated(self, before: int | None, limit: int) -> Outdated:
        """See Catalog."""
        rows = await self._database.read(
            f"SELECT f.id, f.rules, {ENTRY} {_FROM} WHERE f.id < ? ORDER BY f.id DESC LIMIT ?",
            (LARGEST if before is None else before, limit),
        )
        files = tuple(entry(row[2:]).file for row in rows if row[1] < VERSION)
        return Outdated(files, rows[-1][0] if len(rows) == limit else None)

    async def store_facts(self, facts: Mapping[str, NameFacts], parsed: Sequence[UnparsedName] = ()) -> None:
        """See Catalog."""
        async with self._database.transaction() as run:
            await store_facts(run, facts, parsed)
        await self._index_merge.written(len(facts))

    async def store_tiny(self, tiny: Mapping[str, bytes]) -> None:
        """See Catalog."""
        async with self._database.transaction() as run:
            sql = "UPDATE contents SET tiny = ? WHERE unique_id = ? AND tiny = x''"
            await run.many(sql, [(picture, name) for name, picture in tiny.items()])

    async def dump(self, after: Origin | None, limit: int) -> tuple[Entry, ...]:
        """See Catalog."""
        where = "" if after is None else "WHERE (f.chat_id, f.message_id) > (?, ?)"
        position = () if after is None else (after.chat_id, after.message_id)
        rows = await self._database.read(
            f"SELECT {ENTRY} {_FROM} {where} ORDER BY f.chat_id, f.message_id LIMIT ?", (*position, limit)
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

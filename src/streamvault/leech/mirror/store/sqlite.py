"""The mirrors in the catalog's SQLite file, in tables and schema versions of their own."""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from streamvault.leech.mirror.model import Change, Copy, Mirror
from streamvault.leech.mirror.store.base import MAX_CHANGES, MAX_COPIED, MAX_MIRRORS
from streamvault.leech.mirror.store.codec import copy_of, copy_text, mirror_of, text_of
from streamvault.media.model import Origin
from streamvault.storage.sqlite import SqliteDatabase
from streamvault.storage.sqlite_store import SqliteStore

_FIRST = (
    """
    CREATE TABLE mirrors (
        id TEXT PRIMARY KEY,
        created REAL NOT NULL,
        source INTEGER NOT NULL,
        target INTEGER NOT NULL,
        version INTEGER NOT NULL,
        value TEXT NOT NULL,
        UNIQUE (source, target)
    )
    """,
    """
    CREATE TABLE mirror_copies (
        mirror TEXT NOT NULL,
        message INTEGER NOT NULL,
        source INTEGER NOT NULL,
        target INTEGER NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (mirror, message)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX copies_by_source ON mirror_copies (source, message)",
    """
    CREATE TABLE mirror_changes (
        mirror TEXT NOT NULL,
        message INTEGER NOT NULL,
        kind TEXT NOT NULL,
        noted REAL NOT NULL,
        PRIMARY KEY (mirror, message)
    ) WITHOUT ROWID
    """,
)
MIGRATIONS = (_FIRST,)
MOST_COPIES = 20


class SqliteMirrors(SqliteStore):
    """The MirrorStore in the file at `path`; an async context manager that opens and closes it."""

    def __init__(self, path: Path) -> None:
        super().__init__(SqliteDatabase(path, MIGRATIONS, component="mirrors", durable=True, readers=1))

    async def add(self, mirror: Mirror) -> bool:
        """See MirrorStore."""
        insert = (
            "INSERT INTO mirrors (id, created, source, target, version, value) VALUES (?, ?, ?, ?, 1, ?) "
            "ON CONFLICT DO NOTHING"
        )
        values = (mirror.id, mirror.created, mirror.source, mirror.target, text_of(mirror))
        async with self._database.transaction() as run:
            await run(insert, values)
            return bool((await run("SELECT changes()"))[0][0])

    async def get(self, id: str) -> Mirror | None:
        """See MirrorStore."""
        rows = await self._database.read("SELECT value, version FROM mirrors WHERE id = ?", (id,))
        return mirror_of(*rows[0]) if rows else None

    async def listed(self) -> Sequence[Mirror]:
        """See MirrorStore."""
        rows = await self._database.read(
            "SELECT value, version FROM mirrors ORDER BY created, id LIMIT ?", (MAX_MIRRORS,)
        )
        return [mirror_of(*row) for row in rows]

    async def record(self, mirror: Mirror, copies: Sequence[Copy] = ()) -> bool:
        """See MirrorStore."""
        update = "UPDATE mirrors SET version = version + 1, value = ? WHERE id = ? AND version = ?"
        insert = "INSERT OR REPLACE INTO mirror_copies (mirror, message, source, target, value) VALUES (?, ?, ?, ?, ?)"
        rows = [(mirror.id, one.message, mirror.source, mirror.target, copy_text(one)) for one in copies]
        async with self._database.transaction() as run:
            await run(update, (text_of(mirror), mirror.id, mirror.version))
            written = bool((await run("SELECT changes()"))[0][0])
            if written and rows:
                await run.many(insert, rows)
        return written

    async def copies(self, id: str, messages: Collection[int]) -> Mapping[int, Copy]:
        """See MirrorStore."""
        rows = await self._database.read(
            "SELECT value FROM mirror_copies WHERE mirror = ? AND message IN (SELECT value FROM json_each(?))",
            (id, json.dumps(list(messages))),
        )
        return {copy.message: copy for copy in (copy_of(row[0]) for row in rows)}

    async def copied_after(self, id: str, message: int) -> Sequence[Copy]:
        """See MirrorStore."""
        rows = await self._database.read(
            "SELECT value FROM mirror_copies WHERE mirror = ? AND message > ? ORDER BY message LIMIT ?",
            (id, message, MAX_COPIED),
        )
        return [copy_of(row[0]) for row in rows]

    async def copies_of(self, origin: Origin) -> Sequence[tuple[Origin, Copy]]:
        """See MirrorStore."""
        rows = await self._database.read(
            "SELECT target, value FROM mirror_copies WHERE source = ? AND message = ? LIMIT ?",
            (origin.chat_id, origin.message_id, MOST_COPIES),
        )
        found = ((target, copy_of(value)) for target, value in rows)
        return [(Origin(target, copy.target), copy) for target, copy in found if copy.target]

    async def note(self, id: str, changes: Sequence[Change]) -> None:
        """See MirrorStore."""
        insert = (
            "INSERT INTO mirror_changes (mirror, message, kind, noted) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (mirror, message) DO UPDATE SET kind = excluded.kind, noted = excluded.noted "
            "WHERE kind = 'edit'"
        )
        async with self._database.transaction() as run:
            await run.many(insert, [(id, one.message, one.kind, one.noted) for one in changes])

    async def changes(self, id: str) -> Sequence[Change]:
        """See MirrorStore."""
        rows = await self._database.read(
            "SELECT message, kind, noted FROM mirror_changes WHERE mirror = ? ORDER BY message LIMIT ?",
            (id, MAX_CHANGES),
        )
        return [Change(*row) for row in rows]

    async def settle(self, id: str, changes: Sequence[Change]) -> None:
        """See MirrorStore."""
        delete = "DELETE FROM mirror_changes WHERE mirror = ? AND message = ? AND kind = ? AND noted = ?"
        async with self._database.transaction() as run:
            await run.many(delete, [(id, one.message, one.kind, one.noted) for one in changes])

    async def remove(self, id: str) -> bool:
        """See MirrorStore."""
        async with self._database.transaction() as run:
            await run("DELETE FROM mirror_copies WHERE mirror = ?", (id,))
            await run("DELETE FROM mirror_changes WHERE mirror = ?", (id,))
            await run("DELETE FROM mirrors WHERE id = ?", (id,))
            return bool((await run("SELECT changes()"))[0][0])

"""The access records in the catalog's SQLite file, in tables and schema versions of their own."""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from streamvault.access.store.base import MAX_LISTED, Kind, Record, check_most
from streamvault.access.store.texts import id_of, key_of, text_of, value_of
from streamvault.storage.sqlite import Row, SqliteDatabase
from streamvault.storage.sqlite_store import SqliteStore

_FIRST = (
    """
    CREATE TABLE access_records (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        created REAL NOT NULL,
        value TEXT NOT NULL,
        person INTEGER,
        expires REAL,
        uses INTEGER NOT NULL DEFAULT 0,
        last_used REAL,
        members INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (kind, id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX access_by_time ON access_records (kind, created, id)",
    "CREATE INDEX access_by_person ON access_records (kind, person, created, id)",
    "CREATE INDEX access_expiring ON access_records (expires) WHERE expires IS NOT NULL",
    """
    CREATE TABLE access_members (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        member TEXT NOT NULL,
        PRIMARY KEY (kind, id, member),
        FOREIGN KEY (kind, id) REFERENCES access_records (kind, id) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    "CREATE TABLE access_epoch (epoch INTEGER NOT NULL)",
    "INSERT INTO access_epoch VALUES (0)",
)
MIGRATIONS = (_FIRST,)

_COLUMNS = "kind, id, created, value, person, expires, uses, last_used, members"
_ONE = "kind = ? AND id = ?"
_INSERT = "INSERT INTO access_records (kind, id, created, value, person, expires) VALUES (?, ?, ?, ?, ?, ?)"


class SqliteAccessRecords(SqliteStore):
    """The AccessRecords in the file at `path`; an async context manager that opens and closes it.

    Changes survive a power cut: a right that was taken away must not come back. The epoch is read on a connection that
    waits for no writer.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(SqliteDatabase(path, MIGRATIONS, component="access", durable=True, readers=1))

    async def get(self, kind: Kind, id: str) -> Record | None:
        """See AccessRecords."""
        rows = await self._database.read(f"SELECT {_COLUMNS} FROM access_records WHERE {_ONE}", (kind, key_of(id)))
        return _record(rows[0]) if rows else None

    async def add(self, record: Record, *, most: int | None = None) -> bool:
        """See AccessRecords."""
        async with self._database.transaction() as run:
            if await run(f"SELECT 1 FROM access_records WHERE {_ONE}", (record.kind, key_of(record.id))):
                return False
            if most is not None:
                held = "SELECT count(*) FROM access_records WHERE kind = ? AND person IS ?"
                check_most(record.kind, (await run(held, (record.kind, record.person)))[0][0], most)
            await run(_INSERT, _values(record))
        return True

    async def put(self, record: Record) -> None:
        """See AccessRecords."""
        replace = "value = excluded.value, person = excluded.person, expires = excluded.expires"
        await self._database.write(f"{_INSERT} ON CONFLICT (kind, id) DO UPDATE SET {replace}", _values(record))

    async def change(self, kind: Kind, id: str, *, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """See AccessRecords."""
        change = f"UPDATE access_records SET value = ? WHERE {_ONE} AND value = ?"
        return await self._count(change, (text_of(after), kind, key_of(id), text_of(before))) > 0

    async def take(self, kind: Kind, id: str) -> Record | None:
        """See AccessRecords."""
        async with self._database.transaction() as run:
            rows = await run(f"DELETE FROM access_records WHERE {_ONE} RETURNING {_COLUMNS}", (kind, key_of(id)))
        return _record(rows[0]) if rows else None

    async def delete(self, kind: Kind, id: str) -> bool:
        """See AccessRecords."""
        return await self._count(f"DELETE FROM access_records WHERE {_ONE}", (kind, key_of(id))) > 0

    async def delete_of(self, person: int, kinds: Collection[Kind]) -> int:
        """See AccessRecords."""
        delete = "DELETE FROM access_records WHERE person = ? AND kind IN (SELECT value FROM json_each(?))"
        return await self._count(delete, (person, json.dumps(list(kinds))))

    async def listed(
        self, kind: Kind, *, person: int | None = None, limit: int, after: str | None = None
    ) -> Sequence[Record]:
        """See AccessRecords."""
        wanted, parameters = "kind = ?", list[object]([kind])
        if person is not None:
            wanted += " AND person = ?"
            parameters.append(person)
        if after is not None and (last := await self.get(kind, after)) is not None:
            wanted += " AND (created, id) < (?, ?)"
            parameters += [last.created, key_of(last.id)]
        rows = await self._database.read(
            f"SELECT {_COLUMNS} FROM access_records WHERE {wanted} ORDER BY created DESC, id DESC LIMIT ?",
            (*parameters, max(0, min(limit, MAX_LISTED))),
        )
        return tuple(map(_record, rows))

    async def add_member(self, kind: Kind, id: str, member: str, *, most: int) -> bool:
        """See AccessRecords."""
        one, new = (kind, key_of(id)), (kind, key_of(id), key_of(member))
        async with self._database.transaction() as run:
            if await run(f"SELECT 1 FROM access_members WHERE {_ONE} AND member = ?", new):
                return True
            room = f"UPDATE access_records SET members = members + 1 WHERE {_ONE} AND members < ? RETURNING members"
            if not await run(room, (*one, most)):
                return False
            await run("INSERT INTO access_members VALUES (?, ?, ?)", new)
        return True

    async def count_uses(self, uses: Mapping[tuple[Kind, str], int], *, last_used: float) -> None:
        """See AccessRecords."""
        latest = "last_used = max(ifnull(last_used, ?2), ?2)"
        async with self._database.transaction() as run:
            await run.many(
                f"UPDATE access_records SET uses = uses + ?1, {latest} WHERE kind = ?3 AND id = ?4",
                [(more, last_used, kind, key_of(id)) for (kind, id), more in uses.items()],
            )

    async def trim(self, kind: Kind, *, keep: int) -> None:
        """See AccessRecords."""
        latest = "SELECT id FROM access_records WHERE kind = ?1 ORDER BY created DESC, id DESC LIMIT ?2"
        await self._database.write(f"DELETE FROM access_records WHERE kind = ?1 AND id NOT IN ({latest})", (kind, keep))

    async def purge(self, now: float) -> int:
        """See AccessRecords."""
        return await self._count("DELETE FROM access_records WHERE expires < ?", (now,))

    async def epoch(self) -> int:
        """See AccessRecords."""
        return int((await self._database.read("SELECT epoch FROM access_epoch LIMIT 1"))[0][0])

    async def advance(self) -> int:
        """See AccessRecords."""
        async with self._database.transaction() as run:
            rows = await run("UPDATE access_epoch SET epoch = epoch + 1 RETURNING epoch")
        return int(rows[0][0])


def _values(record: Record) -> tuple[object, ...]:
    """The parameters of _INSERT."""
    return record.kind, key_of(record.id), record.created, text_of(record.value), record.person, record.expires


def _record(row: Row) -> Record:
    kind, key, created, value, *others = row
    return Record(kind, id_of(key), created, value_of(value), *others)

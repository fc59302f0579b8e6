"""The calls in the catalog's SQLite file, in a table and schema versions of their own."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from streamvault.storage.sqlite import SqliteDatabase
from streamvault.voice.model import Call
from streamvault.voice.store.base import MAX_CALLS
from streamvault.voice.store.codec import call_of, text_of

_FIRST = (
    """
    CREATE TABLE calls (
        chat_id INTEGER PRIMARY KEY,
        active INTEGER NOT NULL,
        held_until REAL NOT NULL,
        updated REAL NOT NULL,
        version INTEGER NOT NULL,
        value TEXT NOT NULL
    )
    """,
    "CREATE INDEX calls_free ON calls (active, held_until)",
    "CREATE INDEX calls_by_change ON calls (updated, chat_id)",
)
MIGRATIONS = (_FIRST,)


class SqliteCalls:
    """The CallStore in the file at `path`; an async context manager that opens and closes it."""

    def __init__(self, path: Path) -> None:
        self._database = SqliteDatabase(path, MIGRATIONS, component="voice", durable=True, readers=1)

    async def __aenter__(self) -> Self:
        await self._database.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._database.__aexit__(kind, error, trace)

    async def add(self, call: Call) -> bool:
        """See CallStore."""
        insert = (
            "INSERT INTO calls (chat_id, version, active, held_until, updated, value) VALUES (?, 1, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING"
        )
        return await self._changed(insert, (call.chat_id, *_values(call)))

    async def get(self, chat_id: int) -> Call | None:
        """See CallStore."""
        found = await self._found("chat_id = ?", chat_id)
        return found[0] if found else None

    async def replace(self, call: Call) -> bool:
        """See CallStore."""
        update = (
            "UPDATE calls SET version = version + 1, (active, held_until, updated, value) = (?, ?, ?, ?) "
            "WHERE chat_id = ? AND version = ?"
        )
        return await self._changed(update, (*_values(call), call.chat_id, call.version))

    async def free(self, now: float) -> Sequence[int]:
        """See CallStore."""
        found = await self._database.read(
            "SELECT chat_id FROM calls WHERE active = 1 AND held_until <= ? ORDER BY updated, chat_id LIMIT ?",
            (now, MAX_CALLS),
        )
        return [int(chat_id) for (chat_id,) in found]

    async def listed(self) -> Sequence[Call]:
        """See CallStore."""
        return await self._found("1 ORDER BY updated DESC, chat_id DESC")

    async def changed(self, since: float) -> Sequence[Call]:
        """See CallStore."""
        return await self._found("updated >= ? ORDER BY updated, chat_id", since)

    async def delete(self, chat_id: int) -> bool:
        """See CallStore."""
        return await self._changed("DELETE FROM calls WHERE chat_id = ?", (chat_id,))

    async def _found(self, wanted: str, *parameters: object) -> Sequence[Call]:
        rows = await self._database.read(
            f"SELECT value, version FROM calls WHERE {wanted} LIMIT {MAX_CALLS}", parameters
        )
        return [call_of(*row) for row in rows]

    async def _changed(self, sql: str, parameters: Sequence[object]) -> bool:
        """Whether a statement inserts, changes or deletes a row."""
        async with self._database.transaction() as run:
            await run(sql, parameters)
            return int((await run("SELECT changes()"))[0][0]) > 0


def _values(call: Call) -> tuple[object, ...]:
    """`active, held_until, updated, value`; a call without a lease has one that ended in 1970."""
    return int(call.active), 0.0 if call.lease is None else call.lease.until, call.updated, text_of(call)

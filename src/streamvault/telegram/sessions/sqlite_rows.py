"""Stored sessions as rows in the SQLite file of the catalog."""

import time
from collections.abc import Callable

from streamvault.storage.sqlite import SqliteDatabase
from streamvault.telegram.sessions.backend import Changes, Records
from streamvault.telegram.sessions.database import Lease

COMPONENT = "sessions"
MIGRATIONS = (
    (
        "CREATE TABLE session_leases (session TEXT PRIMARY KEY, token INTEGER NOT NULL, holder TEXT NOT NULL, "
        "expires REAL NOT NULL) WITHOUT ROWID",
        "CREATE TABLE session_records (session TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, "
        "PRIMARY KEY (session, name)) WITHOUT ROWID",
    ),
)


class SqliteRows:
    """See Rows. Leases expire by the clock of this machine."""

    def __init__(self, database: SqliteDatabase, session: str, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._session = session
        self._clock = clock

    async def lease(self) -> Lease | None:
        """See Rows."""
        rows = await self._database.read(
            "SELECT token, expires, holder FROM session_leases WHERE session = ?", (self._session,)
        )
        if not rows:
            return None
        token, expires, holder = rows[0]
        return Lease(token, expires, expires - self._clock(), holder)

    async def claim(self, token: int, *, after: int, holder: str, ttl: float) -> bool:
        """See Rows."""
        values = (token, holder, self._clock() + ttl, self._session)
        async with self._database.transaction() as run:
            if after == 0:
                rows = await run(
                    "INSERT INTO session_leases (token, holder, expires, session) VALUES (?, ?, ?, ?) "
                    "ON CONFLICT DO NOTHING RETURNING token",
                    values,
                )
            else:
                rows = await run(
                    "UPDATE session_leases SET token = ?, holder = ?, expires = ? WHERE session = ? AND token = ? "
                    "RETURNING token",
                    (*values, after),
                )
        return bool(rows)

    async def renew(self, token: int, *, ttl: float) -> bool:
        """See Rows."""
        return await self._set_expiry(token, self._clock() + ttl)

    async def free(self, token: int) -> None:
        """See Rows."""
        await self._set_expiry(token, 0.0)

    async def read(self) -> Records:
        """See Rows."""
        rows = await self._database.read("SELECT name, value FROM session_records WHERE session = ?", (self._session,))
        return {name: bytes(value) for name, value in rows}

    async def write(self, token: int, changes: Changes) -> bool:
        """See Rows."""
        async with self._database.transaction() as run:
            if not await run("SELECT 1 FROM session_leases WHERE session = ? AND token = ?", (self._session, token)):
                return False
            for name, value in changes.items():
                if value is None:
                    await run("DELETE FROM session_records WHERE session = ? AND name = ?", (self._session, name))
                else:
                    await run("REPLACE INTO session_records VALUES (?, ?, ?)", (self._session, name, value))
        return True

    async def rename(self, token: int, name: str) -> bool:
        """See Rows."""
        async with self._database.transaction() as run:
            if not await run("SELECT 1 FROM session_leases WHERE session = ? AND token = ?", (self._session, token)):
                return False
            moved = "UPDATE session_records SET session = ? WHERE session = ? RETURNING name"
            return bool(await run(moved, (name, self._session)))

    async def _set_expiry(self, token: int, expires: float) -> bool:
        update = "UPDATE session_leases SET expires = ? WHERE session = ? AND token = ? RETURNING token"
        async with self._database.transaction() as run:
            return bool(await run(update, (expires, self._session, token)))

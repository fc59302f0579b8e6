"""One SQLite file: connection, migrations, transactions.

A single connection behind a lock keeps aiosqlite's queue at one statement, so that waiting callers
are bounded by whoever called, never by a hidden queue, and a transaction is never mixed with others.
Readers are connections of their own, one statement each: in WAL mode they wait for no writer.
"""

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import aiosqlite

from streamvault.errors import CatalogError, ConfigError

Row = tuple[Any, ...]
Parameters = Sequence[object]

BUSY_TIMEOUT = 5.0
_UNUSABLE = frozenset(
    getattr(sqlite3, f"SQLITE_{name}")
    for name in ("CANTOPEN", "CORRUPT", "FULL", "IOERR", "NOTADB", "PERM", "READONLY")
)
_SETUP = ("PRAGMA journal_mode = WAL", "PRAGMA foreign_keys = ON")


class SqliteDatabase:
    """An async context manager over the file at `path`; it makes the file (0600) and its folder.

    `migrations[n]` is a list of statements that lead from version n to n + 1, each list in a transaction of its
    own. A file that is newer than the last migration, damaged or out of reach when it is opened raises ConfigError;
    whatever the database refuses later, or because it is busy, raises CatalogError. `component`: a part of the file
    with tables and versions of its own; the catalog's is nameless.
    `durable`: a committed transaction outlives a power cut, at the price of an fsync. `readers`: so many reads at once,
    beside the writer; what a transaction has committed is seen by every read that begins after it. `cache`: MiB of
    pages that each connection keeps, and of the log before it is worked into the file (4 at least).
    """

    def __init__(
        self, path: Path, migrations: Sequence[Sequence[str]], *, component: str = "", durable: bool = False,
        readers: int = 0, cache: int = 2,
    ) -> None:  # fmt: skip
        self._path = path
        self._migrations = migrations
        self._component = component
        self._durable = durable
        self._connection: aiosqlite.Connection | None = None
        self._lock = asyncio.Lock()
        self._cache = cache
        self._cached = f"PRAGMA cache_size = {-1024 * cache}"
        self._readers: list[aiosqlite.Connection] = []
        self._idle: list[aiosqlite.Connection] = []
        self._turn = asyncio.Semaphore(readers)
        self._wanted_readers = readers

    async def __aenter__(self) -> "SqliteDatabase":
        try:
            return await self._open()
        except CatalogError as error:
            if not (isinstance(error.__cause__, OSError) or _code(error.__cause__) in _UNUSABLE):
                raise
            raise ConfigError(
                f"the database {self._path} cannot be used ({error.__cause__}): restore it from a backup if it is "
                f"damaged, or set DATABASE_URL to a file that user id {os.geteuid()} may write to, on a disk with space"
            ) from error

    async def _open(self) -> "SqliteDatabase":
        with translated():
            await asyncio.to_thread(_make_file, self._path)
            self._connection = await self._connect()
        try:
            synchronous = f"PRAGMA synchronous = {'FULL' if self._durable else 'NORMAL'}"
            # pages of 4 KiB: one that is written again before then costs the file nothing
            checkpoint = f"PRAGMA wal_autocheckpoint = {max(1000, 256 * self._cache)}"
            for statement in (*_SETUP, synchronous, self._cached, checkpoint):
                await self._fetch(statement, ())
            await self._migrate()
            with translated():
                await self._add_readers()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def _connect(self) -> aiosqlite.Connection:
        # autocommit: transactions begin where `transaction` says so, and nowhere else
        return await aiosqlite.connect(self._path, isolation_level=None, timeout=BUSY_TIMEOUT)

    async def _add_readers(self) -> None:
        for _ in range(self._wanted_readers):
            connection = await self._connect()
            self._readers.append(connection)
            self._idle.append(connection)
            for statement in (self._cached, "PRAGMA query_only = ON"):
                await connection.execute_fetchall(statement)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        async with self._lock:
            main, self._connection = self._connection, None
            readers, self._readers = self._readers, []
            self._idle.clear()
            for connection in (*readers, main):
                if connection is not None:
                    with translated():
                        await connection.close()

    async def read(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Every row of one statement; the statement itself bounds how many (LIMIT)."""
        if not self._readers:
            async with self._lock:
                return await self._fetch(sql, parameters)
        async with self._turn:
            connection = self._idle.pop() if self._idle else None
            try:
                return await _rows(connection, sql, parameters)
            finally:
                if connection in self._readers:
                    self._idle.append(connection)

    async def write(self, sql: str, parameters: Parameters = ()) -> None:
        """One statement as its own transaction."""
        async with self.transaction() as run:
            await run(sql, parameters)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator["Run"]:
        """Statements that hold together: committed at the end of the block, rolled back by any exception.

        The block must await nothing but the given `run`, since it holds the only connection.
        """
        async with self._lock:
            try:
                await self._fetch("BEGIN IMMEDIATE", ())
                yield Run(self)
                await self._fetch("COMMIT", ())
            except BaseException:
                await self._undo()
                raise

    async def _undo(self) -> None:
        """Roll back, also when cancelled: an abandoned BEGIN still runs, and this statement runs after it."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):  # there may be no transaction: BEGIN failed, COMMIT went through
                await self._connection.execute_fetchall("ROLLBACK")

    async def _fetch(self, sql: str, parameters: Parameters) -> list[Row]:
        return await _rows(self._connection, sql, parameters)

    async def _fetch_none(self, sql: str, rows: Sequence[Parameters]) -> None:
        if self._connection is None:
            raise CatalogError("the database is closed")
        with translated():
            cursor = await self._connection.executemany(sql, rows)
            await cursor.close()

    async def _migrate(self) -> None:
        async with self.transaction() as run:
            version = await self._version(run)
        if version > len(self._migrations):
            raise ConfigError(
                f"{self._path} was written by a newer version of StreamVault (schema {version}, this one knows "
                f"{len(self._migrations)}): update StreamVault, or set DATABASE_URL to another file"
            )
        for number in range(version, len(self._migrations)):
            async with self.transaction() as run:
                if await self._version(run) > number:
                    continue  # another process was faster
                for statement in self._migrations[number]:
                    await run(statement)
                if self._component:
                    await run("REPLACE INTO components VALUES (?, ?)", (self._component, number + 1))
                else:
                    await run(f"PRAGMA user_version = {number + 1}")

    async def _version(self, run: "Run") -> int:
        if not self._component:
            return int((await run("PRAGMA user_version"))[0][0])
        await run("CREATE TABLE IF NOT EXISTS components (name TEXT PRIMARY KEY, version INTEGER NOT NULL)")
        rows = await run("SELECT version FROM components WHERE name = ?", (self._component,))
        return int(rows[0][0]) if rows else 0


class Run:
    """Runs statements inside a transaction and answers their rows."""

    __slots__ = ("_database",)

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def __call__(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        return await self._database._fetch(sql, parameters)

    async def many(self, sql: str, rows: Sequence[Parameters]) -> None:
        """One statement for each row of parameters."""
        if rows:
            await self._database._fetch_none(sql, rows)


async def _rows(connection: aiosqlite.Connection | None, sql: str, parameters: Parameters) -> list[Row]:
    if connection is None:
        raise CatalogError("the database is closed")
    with translated():
        return [tuple(row) for row in await connection.execute_fetchall(sql, parameters)]


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """sqlite3's errors, unreachable files and text that UTF-8 cannot hold, as CatalogError."""
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeError) as error:
        raise CatalogError(f"the database failed: {error}") from error


def _code(error: BaseException | None) -> int:
    """SQLite's primary result code."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _make_file(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A file that is there is not touched: closing any descriptor of it would drop the locks that SQLite holds on it for
    # the whole process, and another process would delete the write-ahead log under us (sqlite.org/howtocorrupt.html).
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))

"""One SQLite file: connections, migrations, transactions, and its errors as CatalogError and ConfigError.

One connection behind a lock writes, so that transactions never mix and aiosqlite's queue holds one statement: waiting
is bounded by the caller's timeout and not by a hidden queue. Readers have connections of their own, one statement at a
time; in WAL mode they do not wait for the writer.
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
from streamvault.storage.file_identity import FileIdentity, check_identities, identities

Row = tuple[Any, ...]
Parameters = Sequence[object]

BUSY_TIMEOUT = 5.0
_UNUSABLE = frozenset(
    getattr(sqlite3, f"SQLITE_{name}")
    for name in ("CANTOPEN", "CORRUPT", "FULL", "IOERR", "NOTADB", "PERM", "READONLY")
)
BUSY_PAUSE = 0.05
"""Seconds before another try of what SQLite refuses at once while another connection holds the file."""


class SqliteDatabase:
    """An async context manager over the file at `path`; creates the file (0600) and its folder.

    `migrations[n]` are the statements from version n to n + 1, run in one transaction. Opening raises ConfigError for a
    file that is newer than the last migration, damaged or not accessible; later errors, and a busy database, raise
    CatalogError. `component`: a part of the file with its own tables and versions; the catalog's has no name.
    `durable`: a committed transaction survives a power cut, at the price of an fsync. `readers`: the number of
    concurrent reads beside the writer; a read sees what was committed before it began. `cache`: MiB of pages cached by
    each connection, and of the write-ahead log before a checkpoint (at least 4). A file that is deleted or replaced
    while it is open raises CatalogError: SQLite would go on with the one that nobody can open any more.
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
        self._reading = asyncio.Semaphore(readers)
        self._reader_count = readers
        self._opened: dict[Path, FileIdentity] = {}

    async def __aenter__(self) -> "SqliteDatabase":
        try:
            return await self._open()
        except CatalogError as error:
            if not (isinstance(error.__cause__, OSError) or _code(error.__cause__) in _UNUSABLE):
                raise
            if not self._path.parent.is_dir():
                raise ConfigError(
                    f"the folder of the database {self._path} does not exist: mount or make it, or set DATABASE_URL to "
                    "a file elsewhere"
                ) from error
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
            # in pages of 4 KiB; a page that is written several times before a checkpoint goes to the file once
            checkpoint = f"PRAGMA wal_autocheckpoint = {max(1000, 256 * self._cache)}"
            await self._use_write_ahead_log()
            for statement in ("PRAGMA foreign_keys = ON", synchronous, self._cached, checkpoint):
                await self._fetch(statement, ())
            await self._migrate()
            with translated():
                await self._add_readers()
                self._opened = identities(self._path)
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def _connect(self) -> aiosqlite.Connection:
        # autocommit: transactions begin only in `transaction`
        return await aiosqlite.connect(self._path, isolation_level=None, timeout=BUSY_TIMEOUT)

    async def _use_write_ahead_log(self) -> None:
        """SQLite does not wait for another connection here, as it does for locks: two processes may start at once."""
        for _ in range(int(BUSY_TIMEOUT / BUSY_PAUSE)):
            try:
                await self._fetch("PRAGMA journal_mode = WAL", ())
            except CatalogError as error:
                if _code(error.__cause__) != sqlite3.SQLITE_BUSY:
                    raise
                await asyncio.sleep(BUSY_PAUSE)
            else:
                return
        await self._fetch("PRAGMA journal_mode = WAL", ())

    async def _add_readers(self) -> None:
        for _ in range(self._reader_count):
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
            self._opened = {}
            for connection in (*readers, main):
                if connection is not None:
                    with translated():
                        await connection.close()

    async def read(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """All rows of one statement, which must bound their number itself (LIMIT)."""
        check_identities(self._opened)
        if not self._readers:
            async with self._lock:
                return await self._fetch(sql, parameters)
        async with self._reading:
            connection = self._idle.pop() if self._idle else None
            try:
                return await _rows(connection, sql, parameters)
            except asyncio.CancelledError:
                if connection in self._readers:
                    await connection.interrupt()  # else the statement would keep the reader until its end
                raise
            finally:
                if connection in self._readers:
                    self._idle.append(connection)

    async def write(self, sql: str, parameters: Parameters = ()) -> None:
        """Run one statement in a transaction of its own."""
        async with self.transaction() as run:
            await run(sql, parameters)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator["Run"]:
        """A transaction: committed at the end of the block, rolled back by any exception.

        The block must await nothing but the given `run`, since it holds the only writing connection.
        """
        async with self._lock:
            try:
                check_identities(self._opened)
                await self._fetch("BEGIN IMMEDIATE", ())
                yield Run(self)
                await self._fetch("COMMIT", ())
            except BaseException:
                await self._undo()
                raise

    async def _undo(self) -> None:
        """Roll back, also when cancelled: a BEGIN that nobody awaits any more still runs, and ROLLBACK after it."""
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
                    continue  # another process has migrated it meanwhile
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
    """Runs statements inside a transaction and returns their rows."""

    __slots__ = ("_database",)

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def __call__(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        return await self._database._fetch(sql, parameters)

    async def many(self, sql: str, rows: Sequence[Parameters]) -> None:
        """Run one statement for each row of parameters."""
        if rows:
            await self._database._fetch_none(sql, rows)


async def _rows(connection: aiosqlite.Connection | None, sql: str, parameters: Parameters) -> list[Row]:
    if connection is None:
        raise CatalogError("the database is closed")
    with translated():
        return [tuple(row) for row in await connection.execute_fetchall(sql, parameters)]


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Raise as CatalogError: errors of sqlite3, of the file system, and of values that SQLite cannot hold.

    These are text that UTF-8 cannot encode, and integers of more than 64 bits.
    """
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeError, OverflowError) as error:
        raise CatalogError(f"the database failed: {error}") from error


def _code(error: BaseException | None) -> int:
    """SQLite's primary result code."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _make_file(path: Path) -> None:
    path = path.resolve()  # SQLite follows a symbolic link and would create the file with the umask's permissions
    # An existing file must not be opened here: closing any descriptor of it drops the locks that SQLite holds on it in
    # this process, and another process could then delete the write-ahead log in use (sqlite.org/howtocorrupt.html).
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))

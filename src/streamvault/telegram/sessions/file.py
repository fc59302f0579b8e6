"""A stored session in DATA_DIR/sessions: NAME.session (SQLite, 0600) and NAME.lock, its lease.

The file is written on the event loop: keys are written a few times in the life of an installation and must be on disk
before they are used; the rest is written every few seconds at most. Such calls take less time than a thread switch.
"""

import asyncio
import errno
import fcntl
import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streamvault.errors import ConfigError
from streamvault.telegram.sessions.backend import Changes, Records, SessionHeld
from streamvault.telegram.sessions.migration import migrate_version1

_VERSION = 2
_LOCKING_UNSUPPORTED = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL})


class FileBackend:
    """See Backend. The lease is a lock on a file (flock), so it ends with the process, however that ends."""

    def __init__(self, folder: Path, name: str) -> None:
        self.lost = asyncio.Event()
        self._path = folder / f"{name}.session"
        self._lock_path = folder / f"{name}.lock"
        self._lock: int | None = None
        self._connection: sqlite3.Connection | None = None

    @property
    def where(self) -> str:
        return f"the session {self._path}"

    async def open(self) -> Records:
        """See Backend. A damaged file is left unchanged."""
        with self._translated():
            self._make_folder()
            self._take_lock()
            try:
                self._make_file()
                self._connection = sqlite3.connect(self._path, timeout=2.0, isolation_level=None)
                self._prepare(self._connection)
                return _read(self._connection)
            except BaseException:
                await self.close()
                raise

    async def write(self, changes: Changes) -> None:
        """See Backend."""
        db = self._connection
        if db is None:
            raise RuntimeError("the session store is not open")
        with self._translated():
            db.execute("BEGIN IMMEDIATE")
            try:
                for name, value in changes.items():
                    if value is None:
                        db.execute("DELETE FROM records WHERE name = ?", (name,))
                    else:
                        db.execute("REPLACE INTO records VALUES (?, ?)", (name, value))
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    async def ensure(self) -> None:
        """Does nothing: this process has the lock until it ends."""

    async def close(self) -> None:
        """See Backend."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def peek(self) -> Records:
        """See Backend."""
        if not self._path.exists():
            return {}
        with self._translated():
            db = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)
            try:
                return _read(db) if _version(db) == _VERSION else {}
            finally:
                db.close()

    async def set_aside(self, suffix: str) -> str:
        """See Backend."""
        with self._translated():
            if not self._path.exists():
                raise ConfigError(f"there is no {self._path}")
            self._take_lock()
            try:
                aside = self._path.with_name(f"{self._path.name}.{suffix}")
                os.link(self._path, aside)  # fails instead of overwriting
                self._path.unlink()
                _sync(self._path.parent)
                return str(aside)
            finally:
                await self.close()

    def _make_folder(self) -> None:
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        self._path.parent.chmod(0o700)

    def _make_file(self) -> None:
        try:
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            self._path.chmod(0o600)
        else:
            _sync(self._path.parent)

    def _take_lock(self) -> None:
        lock = os.open(self._lock_path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(lock, 200).decode(errors="replace").strip()
            os.close(lock)
            if isinstance(error, BlockingIOError):
                raise SessionHeld(self.where, holder=holder) from None
            if error.errno in _LOCKING_UNSUPPORTED:
                raise ConfigError(
                    f"{self._lock_path} cannot be locked ({error.strerror}): the file system of DATA_DIR has no locks; "
                    "put DATA_DIR on a local disk, or set SESSION_STORE=database"
                ) from error
            raise
        os.truncate(lock, 0)
        os.pwrite(lock, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        self._lock = lock

    def _prepare(self, db: sqlite3.Connection) -> None:
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("PRAGMA synchronous = EXTRA")  # the folder is synced too when the journal is deleted
        version = _version(db)
        if version > _VERSION:
            raise ConfigError(f"{self.where} was written by a newer version: use that version")
        if version < _VERSION:
            db.execute("BEGIN IMMEDIATE")
            db.execute("CREATE TABLE records (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID")
            if version == 1:
                migrate_version1(db)
            db.execute(f"PRAGMA user_version = {_VERSION}")
            db.execute("COMMIT")
        if db.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("quick_check failed")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ConfigError(
                f"{self.where} cannot be written ({error.strerror}): make DATA_DIR a folder that user id "
                f"{os.getuid()} owns and that has free space"
            ) from error
        except sqlite3.OperationalError as error:
            raise ConfigError(f"{self.where} cannot be used ({error}): is the disk full or read-only?") from error
        except sqlite3.DatabaseError as error:
            raise ConfigError(
                f"{self.where} is damaged ({error}): restore it from a backup, or begin anew with "
                f"`streamvault session set-aside {self._path.stem}`, which keeps it under another name"
            ) from error


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _read(db: sqlite3.Connection) -> Records:
    return {name: bytes(value) for name, value in db.execute("SELECT name, value FROM records")}


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

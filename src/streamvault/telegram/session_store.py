"""What an account must not lose: its auth keys, where it lives, what was imported where, and its floods.

One SQLite file per account, used from the event loop directly: a key is written a handful of times in an
installation's life and must be on disk before anybody uses it, and the rest (peers, update states) is
committed once in a while. Such calls are shorter than handing them to a thread would be.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from streamvault.errors import ConfigError
from streamvault.telegram.dc import DcAddress
from streamvault.telegram.peer_store import PEER_SCHEMA, PeerStore

_VERSION = 1
_SCHEMA = """
CREATE TABLE account (api_id INTEGER NOT NULL, bot_id INTEGER NOT NULL, server TEXT NOT NULL,
                      home_dc INTEGER, user_id INTEGER);
CREATE TABLE keys (dc_id INTEGER PRIMARY KEY, auth_key BLOB NOT NULL, imported INTEGER NOT NULL DEFAULT 0);
CREATE TABLE addresses (position INTEGER PRIMARY KEY, dc_id INTEGER NOT NULL, host TEXT NOT NULL,
                        port INTEGER NOT NULL, ipv6 INTEGER NOT NULL, media_only INTEGER NOT NULL,
                        cdn INTEGER NOT NULL);
CREATE TABLE floods (family TEXT PRIMARY KEY, until REAL NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose session a store holds; `server` names the MTProto server, "telegram" for Telegram's own."""

    api_id: int
    bot_id: int
    server: str


@dataclass(frozen=True, slots=True)
class Home:
    """Where a logged-in account lives."""

    dc_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class StoredKey:
    """The auth key (256 bytes) of one data centre; `imported`: the account is logged in with it there."""

    dc_id: int
    key: bytes
    imported: bool = False

    def __repr__(self) -> str:
        return f"StoredKey(dc_id={self.dc_id}, imported={self.imported})"


class SessionStore(Protocol):
    """Keeps one account's session. What a method was given is durable when it returns.

    Every method but `open` expects an open store. `open` raises ConfigError with one sentence.
    """

    async def open(self, identity: Identity) -> None: ...
    async def close(self) -> None: ...
    async def home(self) -> Home | None: ...
    async def set_home(self, home: Home) -> None: ...
    async def key(self, dc_id: int) -> StoredKey | None: ...
    async def put_key(self, key: StoredKey) -> None: ...
    async def drop_key(self, key: StoredKey) -> None: ...
    async def addresses(self) -> tuple[DcAddress, ...]: ...
    async def set_addresses(self, addresses: tuple[DcAddress, ...]) -> None: ...
    async def floods(self) -> dict[str, float]: ...
    async def set_flood(self, family: str, until: float) -> None: ...
    @property
    def peers(self) -> PeerStore: ...


class FileSessionStore:
    """A SessionStore in `DATA_DIR/sessions/NAME.session` (folder 0700, file 0600)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._peers: PeerStore | None = None

    async def open(self, identity: Identity) -> None:
        """See SessionStore. A file that is damaged or belongs to another bot, API id or server is left as it is."""
        with self._explained():
            self._create_file()
            self._connection = sqlite3.connect(self._path, timeout=2.0, isolation_level=None)
            try:
                self._prepare(identity)
            except BaseException:
                await self.close()
                raise
        self._peers = PeerStore(self._connection)

    async def close(self) -> None:
        """Commit what is pending and close the file; harmless when it is not open."""
        if self._connection is not None:
            if self._peers is not None:
                self._peers.flush()
            self._connection.close()
        self._connection = self._peers = None

    @property
    def peers(self) -> PeerStore:
        """Peers and update states, which may be a few seconds behind after a crash."""
        if self._peers is None:
            raise RuntimeError("the session store is not open")
        return self._peers

    async def home(self) -> Home | None:
        """Where the account lives; None before its first login."""
        dc_id, user_id = self._db.execute("SELECT home_dc, user_id FROM account").fetchone()
        return None if user_id is None else Home(dc_id, user_id)

    async def set_home(self, home: Home) -> None:
        """The account has logged in; its key there counts as imported from now on."""
        with self._durably() as db:
            db.execute("UPDATE account SET home_dc = ?, user_id = ?", (home.dc_id, home.user_id))
            db.execute("UPDATE keys SET imported = 1 WHERE dc_id = ?", (home.dc_id,))

    async def key(self, dc_id: int) -> StoredKey | None:
        """The key of a data centre, if one was made."""
        row = self._db.execute("SELECT dc_id, auth_key, imported FROM keys WHERE dc_id = ?", (dc_id,)).fetchone()
        return None if row is None else StoredKey(row[0], row[1], imported=bool(row[2]))

    async def put_key(self, key: StoredKey) -> None:
        """Keep a key, in place of an older one of that data centre."""
        with self._durably() as db:
            db.execute("REPLACE INTO keys VALUES (?, ?, ?)", (key.dc_id, key.key, key.imported))

    async def drop_key(self, key: StoredKey) -> None:
        """Forget a dead key; a newer one of the same data centre stays."""
        with self._durably() as db:
            db.execute("DELETE FROM keys WHERE dc_id = ? AND auth_key = ?", (key.dc_id, key.key))

    async def addresses(self) -> tuple[DcAddress, ...]:
        """What help.getConfig last said, in its order."""
        rows = self._db.execute(
            "SELECT dc_id, host, port, ipv6, media_only, cdn FROM addresses ORDER BY position"
        ).fetchall()
        return tuple(DcAddress(*row[:3], *map(bool, row[3:])) for row in rows)

    async def set_addresses(self, addresses: tuple[DcAddress, ...]) -> None:
        """Replace all addresses, if they differ."""
        if addresses == await self.addresses():
            return
        rows = [(i, a.dc_id, a.host, a.port, a.ipv6, a.media_only, a.cdn) for i, a in enumerate(addresses)]
        with self._durably() as db:
            db.execute("DELETE FROM addresses")
            db.executemany("INSERT INTO addresses VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    async def floods(self) -> dict[str, float]:
        """Until when (Unix seconds) each family of methods is closed."""
        return dict(self._db.execute("SELECT family, until FROM floods").fetchall())

    async def set_flood(self, family: str, until: float) -> None:
        """Remember a flood wait, in place of an earlier one of its family."""
        with self._durably() as db:
            db.execute("REPLACE INTO floods VALUES (?, ?)", (family, until))

    @property
    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            raise RuntimeError("the session store is not open")
        return self._connection

    @contextmanager
    def _durably(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is on disk at its end; pending peers go with it."""
        db = self._db
        if not db.in_transaction:
            db.execute("BEGIN IMMEDIATE")
        db.execute("SAVEPOINT durable")
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK TO durable")
            raise
        finally:
            db.execute("RELEASE durable")
            db.execute("COMMIT")

    def _create_file(self) -> None:
        """Make folder and file with their modes before SQLite could make them with others."""
        folder = self._path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        self._path.chmod(0o600)

    def _prepare(self, identity: Identity) -> None:
        db = self._db
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("PRAGMA synchronous = FULL")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise ConfigError(f"the session {self._path} was written by a newer version: use that version")
        if version == 0:
            self._create_tables(identity)
        self._check(Identity(*db.execute("SELECT api_id, bot_id, server FROM account").fetchone()), identity)
        if db.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("quick_check failed")

    def _create_tables(self, identity: Identity) -> None:
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        for statement in (_SCHEMA + PEER_SCHEMA).split(";"):
            db.execute(statement)
        values = (identity.api_id, identity.bot_id, identity.server)
        db.execute("INSERT INTO account (api_id, bot_id, server) VALUES (?, ?, ?)", values)
        db.execute(f"PRAGMA user_version = {_VERSION}")
        db.execute("COMMIT")

    def _check(self, stored: Identity, wanted: Identity) -> None:
        for what, mine, theirs in (
            ("another bot", wanted.bot_id, stored.bot_id),
            ("another API_ID", wanted.api_id, stored.api_id),
            ("another Telegram server", wanted.server, stored.server),
        ):
            if mine != theirs:
                raise ConfigError(f"the session {self._path} belongs to {what}: set SESSION_NAME to a name of its own")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ConfigError(
                f"the session {self._path} cannot be written ({error.strerror}): make DATA_DIR a folder that user id "
                f"{os.getuid()} owns and that has free space"
            ) from error
        except sqlite3.OperationalError as error:
            raise ConfigError(
                f"the session {self._path} cannot be used ({error}): is the disk full, or does another StreamVault run?"
            ) from error
        except (sqlite3.DatabaseError, TypeError) as error:
            raise ConfigError(
                f"the session {self._path} is damaged ({error}): restore it, or move it away and start again"
            ) from error

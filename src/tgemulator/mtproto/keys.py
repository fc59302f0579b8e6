"""Auth keys: who holds them, whether they live, and their file, which outlasts a restart.

A key belongs to one data centre (its media-only address shares it). Every change of a key that has
to last is written at once.
"""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tgemulator.mtproto.session import MtprotoSession
from tgemulator.wire.handshake import NewKey, key_id
from tgemulator.wire.salts import SaltSchedule

if TYPE_CHECKING:
    from tgemulator.mtproto.connection import Connection

MAX_SESSIONS = 64  # MTProto sessions of one key that are kept while no connection carries them
_TABLE = """
CREATE TABLE IF NOT EXISTS keys (
    id BLOB PRIMARY KEY, key BLOB NOT NULL, dc_id INTEGER NOT NULL, first_salt INTEGER NOT NULL,
    created_at REAL NOT NULL, expires_at REAL, user_id INTEGER, layer INTEGER, api_id INTEGER
)
"""


class AuthKey:
    """One auth key. `id` is 8 bytes, `key` 256; `created_at` and `expires_at` in Unix seconds.

    `user_id` is the account it is logged in as (or has imported), `layer` and `api_id` what
    initConnection said last. Setting one of these three is enough to have it stored.
    """

    def __init__(
        self, new: NewKey, *, dc_id: int, created_at: float, changed: Callable[["AuthKey"], None] | None = None
    ) -> None:
        self.id = key_id(new.key)
        self.key = new.key
        self.dc_id = dc_id
        self.first_salt = new.salt
        self.created_at = created_at
        self.expires_at = None if new.expires_in is None else created_at + new.expires_in
        self.sessions: dict[bytes, MtprotoSession] = {}
        self.owner: tuple[MtprotoSession, Connection] | None = None  # see server.py, AUTH_KEY_DUPLICATED
        self._user_id: int | None = None
        self._layer: int | None = None
        self._api_id: int | None = None
        self._changed = changed

    @property
    def user_id(self) -> int | None:
        """The account, or None before a login."""
        return self._user_id

    @user_id.setter
    def user_id(self, value: int | None) -> None:
        self._user_id = value
        self._store()

    @property
    def layer(self) -> int | None:
        """The API layer of the last initConnection, or None before the first."""
        return self._layer

    @property
    def api_id(self) -> int | None:
        """The application of the last initConnection."""
        return self._api_id

    def initialise(self, *, layer: int, api_id: int) -> None:
        """Remember an initConnection."""
        if (layer, api_id) != (self._layer, self._api_id):
            self._layer, self._api_id = layer, api_id
            self._store()

    def salts(self, lifetime: float) -> SaltSchedule:
        """The server salts of this key, each current for `lifetime` seconds."""
        return SaltSchedule(self.key, self.created_at, self.first_salt, lifetime)

    def session(self, session_id: bytes) -> "MtprotoSession":
        """The MTProto session of this id, new or known; the longest unused ones without a connection are forgotten."""
        session = self.sessions.pop(session_id, None) or MtprotoSession(session_id, self)
        self.sessions[session_id] = session
        if len(self.sessions) > MAX_SESSIONS:
            idle = next((item for item in self.sessions.values() if item.connection is None), None)
            if idle is not None:
                del self.sessions[idle.id]
        return session

    def _store(self) -> None:
        if self._changed is not None:
            self._changed(self)

    def row(self) -> tuple[object, ...]:
        """The key as its table has it."""
        return (
            self.id,
            self.key,
            self.dc_id,
            self.first_salt,
            self.created_at,
            self.expires_at,
            self._user_id,
            self._layer,
            self._api_id,
        )


class KeyStore:
    """All living auth keys of all data centres."""

    def __init__(self) -> None:
        self._keys: dict[bytes, AuthKey] = {}
        self._database: sqlite3.Connection | None = None

    def open(self, file: Path | None) -> None:
        """Load what `file` holds and store every change there; None keeps everything in memory."""
        if file is None:
            return
        self._database = sqlite3.connect(file, isolation_level=None)
        file.chmod(0o600)
        self._database.execute("PRAGMA synchronous = OFF")  # it has to outlast a process, not a power cut
        self._database.execute(_TABLE)
        for row in self._database.execute("SELECT * FROM keys"):
            self._load(row)

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _load(self, row: tuple[object, ...]) -> None:
        _, key, dc_id, salt, created_at, expires_at, user_id, layer, api_id = row
        assert isinstance(key, bytes)
        assert isinstance(dc_id, int)
        assert isinstance(salt, int)
        assert isinstance(created_at, float)
        loaded = AuthKey(NewKey(key, salt, None), dc_id=dc_id, created_at=created_at)
        loaded.expires_at = expires_at if isinstance(expires_at, float) else None
        loaded.user_id = user_id if isinstance(user_id, int) else None
        if isinstance(layer, int) and isinstance(api_id, int):
            loaded.initialise(layer=layer, api_id=api_id)
        loaded._changed = self._store
        self._keys[loaded.id] = loaded

    def _store(self, key: AuthKey) -> None:
        if self._database is not None and key.id in self._keys:
            self._database.execute("INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", key.row())

    def add(self, new: NewKey, *, dc_id: int, now: float) -> AuthKey:
        """Register the outcome of a key exchange."""
        key = AuthKey(new, dc_id=dc_id, created_at=float(now), changed=self._store)
        self._keys[key.id] = key
        self._store(key)
        return key

    def get(self, wanted: bytes, *, dc_id: int, now: float) -> AuthKey | None:
        """The living key of this id on this data centre."""
        key = self._keys.get(wanted)
        if key is None or key.dc_id != dc_id:
            return None
        if key.expires_at is not None and key.expires_at <= now:
            self.revoke(key)
            return None
        return key

    def exists(self, wanted: bytes) -> bool:
        """Whether a key of this id lives anywhere."""
        return wanted in self._keys

    def all(self) -> list[AuthKey]:
        """Every living key, oldest first."""
        return list(self._keys.values())

    def of_user(self, user_id: int) -> Iterator[AuthKey]:
        """The keys that are logged in as this account, on every data centre."""
        return (key for key in self.all() if key.user_id == user_id)

    def log_in(self, key: AuthKey, user_id: int) -> None:
        """The key is this account's from now on."""
        key.user_id = user_id

    def log_out(self, key: AuthKey) -> None:
        """The account leaves the key; the key lives on and may log in again (auth.logOut)."""
        key.user_id = None
        key.owner = None
        for session in key.sessions.values():
            session.subscribed = False

    def unregister(self, key: AuthKey) -> None:
        """Take the account from the key by force: calls that need a login get 401 AUTH_KEY_UNREGISTERED."""
        self.log_out(key)

    def revoke(self, key: AuthKey) -> None:
        """Kill the key: from now on the transport answers -404."""
        self._keys.pop(key.id, None)
        key.sessions.clear()
        if self._database is not None:
            self._database.execute("DELETE FROM keys WHERE id = ?", (key.id,))

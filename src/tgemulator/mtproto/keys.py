"""All auth keys with their MTProto sessions, and the file that keeps the keys across a restart.

A key belongs to one data centre (its media-only address shares it). Every change of a key is written to the file
at once; sessions are not stored.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from tgemulator.mtproto.auth_key import AuthKey
from tgemulator.mtproto.session import MtprotoSession
from tgemulator.wire.handshake import NewKey

MAX_SESSIONS = 64  # MTProto sessions of one key; beyond, one without a connection is forgotten
_TABLE = """
CREATE TABLE IF NOT EXISTS keys (
    id BLOB PRIMARY KEY, key BLOB NOT NULL, dc_id INTEGER NOT NULL, first_salt INTEGER NOT NULL,
    created_at REAL NOT NULL, expires_at REAL, user_id INTEGER, layer INTEGER, api_id INTEGER
)
"""


class KeyStore:
    """All valid auth keys of all data centres, with their MTProto sessions."""

    def __init__(self) -> None:
        self._keys: dict[bytes, AuthKey] = {}
        self._sessions: dict[bytes, dict[bytes, MtprotoSession]] = {}
        self._database: sqlite3.Connection | None = None

    def open(self, file: Path | None) -> None:
        """Load what `file` holds and store every change there; None keeps everything in memory."""
        if file is None:
            return
        self._database = sqlite3.connect(file, isolation_level=None)
        file.chmod(0o600)
        self._database.execute("PRAGMA synchronous = OFF")  # the file has to survive a killed process, not a power cut
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
        loaded.changed = self._store
        self._keys[loaded.id] = loaded

    def _store(self, key: AuthKey) -> None:
        if self._database is not None and key.id in self._keys:
            self._database.execute("INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", _row(key))

    def add(self, new: NewKey, *, dc_id: int, now: float) -> AuthKey:
        """Register the outcome of a key exchange."""
        key = AuthKey(new, dc_id=dc_id, created_at=float(now), changed=self._store)
        self._keys[key.id] = key
        self._store(key)
        return key

    def get(self, key_id: bytes, *, dc_id: int, now: float) -> AuthKey | None:
        """The valid key of this id on this data centre, or None."""
        key = self._keys.get(key_id)
        if key is None or key.dc_id != dc_id:
            return None
        if key.expires_at is not None and key.expires_at <= now:
            self.revoke(key)
            return None
        return key

    def exists(self, key_id: bytes) -> bool:
        """Whether a key of this id is valid on any data centre."""
        return key_id in self._keys

    def all(self) -> list[AuthKey]:
        """Every valid key, oldest first."""
        return list(self._keys.values())

    def of_user(self, user_id: int) -> Iterator[AuthKey]:
        """The keys that are logged in as this account, on every data centre."""
        return (key for key in self.all() if key.user_id == user_id)

    def session(self, key: AuthKey, session_id: bytes) -> MtprotoSession:
        """The MTProto session of this id, new or known.

        Of more than MAX_SESSIONS the longest unused one without a connection is forgotten.
        """
        sessions = self._sessions.setdefault(key.id, {})
        session = sessions.pop(session_id, None) or MtprotoSession(session_id, key)
        sessions[session_id] = session
        if len(sessions) > MAX_SESSIONS:
            idle = next((item for item in sessions.values() if item.connection is None), None)
            if idle is not None:
                del sessions[idle.id]
        return session

    def sessions(self, key: AuthKey) -> list[MtprotoSession]:
        """The MTProto sessions of a key, the longest unused first."""
        return list(self._sessions.get(key.id, {}).values())

    def destroy_session(self, key: AuthKey, session_id: bytes) -> bool:
        """Forget an MTProto session; whether there was one."""
        return self._sessions.get(key.id, {}).pop(session_id, None) is not None

    def destroy_sessions(self, dc_id: int) -> None:
        """Forget every MTProto session and owner of the keys of one data centre, as its restart does."""
        for key in self._keys.values():
            if key.dc_id == dc_id:
                self._sessions.pop(key.id, None)
                key.owner = None

    def log_in(self, key: AuthKey, user_id: int) -> None:
        """Log the key in as this account."""
        key.user_id = user_id

    def log_out(self, key: AuthKey) -> None:
        """Log the key out; it stays valid and may log in again (auth.logOut)."""
        key.user_id = None
        key.owner = None
        for session in self.sessions(key):
            session.subscribed = False

    def unregister(self, key: AuthKey) -> None:
        """Log the key out by force: calls that need a login get 401 AUTH_KEY_UNREGISTERED."""
        self.log_out(key)

    def revoke(self, key: AuthKey) -> None:
        """Delete the key: from now on the transport answers -404."""
        self._keys.pop(key.id, None)
        self._sessions.pop(key.id, None)
        if self._database is not None:
            self._database.execute("DELETE FROM keys WHERE id = ?", (key.id,))


def _row(key: AuthKey) -> tuple[object, ...]:
    """The key in the order of its table's columns."""
    return (
        key.id,
        key.key,
        key.dc_id,
        key.first_salt,
        key.created_at,
        key.expires_at,
        key.user_id,
        key.layer,
        key.api_id,
    )

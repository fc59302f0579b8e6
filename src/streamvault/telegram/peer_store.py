"""Peers, usernames and update states of one account, as Kurigram's client looks them up.

They are committed at most once in `FLUSH_INTERVAL`, so that a busy account does not wait for the disk at each
update. After a crash the states are a little old, and missed updates simply come again.
"""

import asyncio
import sqlite3
import time
from collections.abc import Iterable
from typing import Any

from pyrogram import raw, utils
from pyrogram.storage import UpdateState

FLUSH_INTERVAL = 2.0
_USERNAME_LIFETIME = 8 * 3600
_CHANNELS = frozenset({"direct", "channel", "forum", "supergroup", "community"})

PEER_SCHEMA = """
CREATE TABLE peers (id INTEGER PRIMARY KEY, access_hash INTEGER, type TEXT NOT NULL, phone_number TEXT,
                    seen INTEGER NOT NULL);
CREATE INDEX peers_by_phone ON peers (phone_number);
CREATE TABLE usernames (username TEXT PRIMARY KEY, id INTEGER NOT NULL);
CREATE INDEX usernames_by_id ON usernames (id);
CREATE TABLE update_states (id INTEGER PRIMARY KEY, pts INTEGER, qts INTEGER, date INTEGER, seq INTEGER)
"""


class PeerStore:
    """Lookups raise KeyError for what is not known, as Kurigram's client expects."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._timer: asyncio.TimerHandle | None = None

    def flush(self) -> None:
        """Commit what is pending."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._db.in_transaction:
            self._db.execute("COMMIT")

    def update_peers(self, peers: Iterable[tuple[int, int, str, str | None]]) -> None:
        """Remember (id, access_hash, type, phone number)."""
        now = int(time.time())
        self._write("REPLACE INTO peers VALUES (?, ?, ?, ?, ?)", [(*peer, now) for peer in peers])

    def update_usernames(self, usernames: Iterable[tuple[int, list[str | None]]]) -> None:
        """Remember all names of each id, in place of its earlier ones."""
        items = list(usernames)
        self._write("DELETE FROM usernames WHERE id = ?", [(id_,) for id_, _ in items])
        rows = [(name, id_) for id_, names in items for name in names if name is not None]
        self._write("REPLACE INTO usernames VALUES (?, ?)", rows)

    def peer_by_id(self, peer_id: int) -> Any:
        """The InputPeer of an id."""
        return self._peer("SELECT id, access_hash, type FROM peers WHERE id = ?", peer_id)

    def peer_by_phone(self, phone: str) -> Any:
        """The InputPeer of a phone number."""
        return self._peer("SELECT id, access_hash, type FROM peers WHERE phone_number = ?", phone)

    def peer_by_username(self, username: str) -> Any:
        """The InputPeer of a username that was seen within the last 8 hours: names change hands."""
        return self._peer(
            "SELECT id, access_hash, type FROM peers JOIN usernames USING (id) WHERE username = ? AND seen > ?",
            username,
            int(time.time()) - _USERNAME_LIFETIME,
        )

    def states(self, ids: int | Iterable[int] | None = None) -> list[Any]:
        """The UpdateStates of these ids (0 is the account itself), or all; the oldest first."""
        rows = self._db.execute("SELECT id, pts, qts, date, seq FROM update_states ORDER BY date").fetchall()
        wanted = None if ids is None else {ids} if isinstance(ids, int) else set(ids)
        return [UpdateState(*row) for row in rows if wanted is None or row[0] in wanted]

    def set_states(self, states: Iterable[Any]) -> None:
        """Store UpdateStates; a None in one keeps what is stored."""
        self._write(
            "INSERT INTO update_states VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "pts = COALESCE(excluded.pts, pts), qts = COALESCE(excluded.qts, qts), "
            "date = COALESCE(excluded.date, date), seq = COALESCE(excluded.seq, seq)",
            [(state.id, state.pts, state.qts, state.date, state.seq) for state in states],
        )

    def delete_states(self, ids: Iterable[int]) -> None:
        """Forget the states of chats that the account has left."""
        self._write("DELETE FROM update_states WHERE id = ?", [(id_,) for id_ in ids])

    def _peer(self, query: str, *values: int | str) -> Any:
        row = self._db.execute(query, values).fetchone()
        if row is None:
            raise KeyError(values[0])
        return _input_peer(*row)

    def _write(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        if not rows:
            return
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany(statement, rows)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_INTERVAL, self.flush)


def _input_peer(peer_id: int, access_hash: int, kind: str) -> Any:
    if kind in _CHANNELS:
        return raw.types.InputPeerChannel(channel_id=utils.get_channel_id(peer_id), access_hash=access_hash)
    if kind == "group":
        return raw.types.InputPeerChat(chat_id=-peer_id)
    return raw.types.InputPeerUser(user_id=peer_id, access_hash=access_hash)

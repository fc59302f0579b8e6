"""Peers, usernames and update states of one account, for Kurigram's lookups.

They are written at most once per FLUSH_INTERVAL, so that a busy account does not wait for the disk at each update.
After a crash the states are a few seconds old, and Telegram sends the updates since then again.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from pyrogram import raw, utils
from pyrogram.storage import UpdateState

from streamvault.telegram.sessions import codec
from streamvault.telegram.sessions.backend import Changes, Records
from streamvault.telegram.sessions.values import Peer

MOST_PEERS = 5_000
_USERNAME_LIFETIME = 8 * 3600
_CHANNELS = frozenset({"direct", "channel", "forum", "supergroup", "community"})


class PeerStore:
    """Lookups raise KeyError for unknown keys, as Kurigram's client expects. `changed` is called at each change."""

    def __init__(self, records: Records, *, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._peers: dict[int, Peer] = {}
        self._by_username: dict[str, int] = {}
        self._by_phone: dict[str, int] = {}
        self._states: dict[int, Any] = {}
        self._dirty: dict[str, None] = {}
        for name, value in records.items():
            if name.startswith("peer:"):
                self._index(codec.unpack(Peer, value))
            elif name.startswith("state:"):
                [row] = codec.unpack_plain(value)
                self._states[row[0]] = UpdateState(*row)

    def take_changes(self) -> Changes:
        """The changes to write, which are no longer pending; if the write fails, return them with `put_back`."""
        dirty, self._dirty = self._dirty, {}
        return {name: self._packed(name) for name in dirty}

    def put_back(self, changes: Changes) -> None:
        """Mark changes that could not be written as pending again."""
        self._dirty = dict.fromkeys([*changes, *self._dirty])
        self._changed()

    def update_peers(self, peers: Iterable[tuple[int, int, str, str | None]]) -> None:
        """Store (id, access_hash, type, phone number). Beyond MOST_PEERS the least recently seen are dropped."""
        now = int(time.time())
        for id_, access_hash, kind, phone in peers:
            known = self._peers.pop(id_, None)
            names = known.usernames if known else ()
            peer = Peer(id_, access_hash, kind, phone, now, names)
            fresh = known is None or now - known.seen > _USERNAME_LIFETIME / 8
            if fresh or known != replace(peer, seen=known.seen if known else 0):
                self._mark(codec.peer_name(id_))
            else:
                peer = replace(peer, seen=known.seen if known else now)
            self._index(peer)
        while len(self._peers) > MOST_PEERS:
            self._forget(next(iter(self._peers)))

    def update_usernames(self, usernames: Iterable[tuple[int, list[str | None]]]) -> None:
        """Store all usernames of each id, in place of its earlier ones."""
        for id_, names in usernames:
            given = tuple(name for name in names if name is not None)
            known = self._peers.get(id_)
            if known is None or known.usernames == given:
                continue
            for name in known.usernames:
                if self._by_username.get(name) == id_:
                    del self._by_username[name]
            self._index(replace(known, usernames=given))
            self._mark(codec.peer_name(id_))

    def peer_by_id(self, peer_id: int) -> Any:
        """The InputPeer of an id."""
        return _input_peer(self._peers[peer_id])

    def peer_by_phone(self, phone: str) -> Any:
        """The InputPeer of a phone number."""
        return _input_peer(self._peers[self._by_phone[phone]])

    def peer_by_username(self, username: str) -> Any:
        """The InputPeer of a username seen within the last 8 hours, since usernames change owners."""
        peer = self._peers[self._by_username[username]]
        if peer.seen <= time.time() - _USERNAME_LIFETIME:
            raise KeyError(username)
        return _input_peer(peer)

    def states(self, ids: int | Iterable[int] | None = None) -> list[Any]:
        """The UpdateStates of these ids (0 is the account itself), or all; the oldest first."""
        selected = None if ids is None else {ids} if isinstance(ids, int) else set(ids)
        found = [state for state in self._states.values() if selected is None or state.id in selected]
        return sorted(found, key=lambda state: state.date or 0)

    def set_states(self, states: Iterable[Any]) -> None:
        """Store UpdateStates; a field that is None keeps its stored value."""
        for state in states:
            known = self._states.get(state.id)
            row = [getattr(state, name) for name in ("pts", "qts", "date", "seq")]
            if known is not None:
                before = [known.pts, known.qts, known.date, known.seq]
                row = [old if new is None else new for new, old in zip(row, before, strict=True)]
            self._states[state.id] = UpdateState(state.id, *row)
            self._mark(codec.state_name(state.id))

    def delete_states(self, ids: Iterable[int]) -> None:
        """Delete the states of chats that the account has left."""
        for id_ in ids:
            if self._states.pop(id_, None) is not None:
                self._mark(codec.state_name(id_))

    def _index(self, peer: Peer) -> None:
        self._peers[peer.id] = peer
        if peer.phone:
            self._by_phone[peer.phone] = peer.id
        for name in peer.usernames:
            self._by_username[name] = peer.id

    def _forget(self, peer_id: int) -> None:
        peer = self._peers.pop(peer_id)
        for index, names in ((self._by_username, peer.usernames), (self._by_phone, (peer.phone or "",))):
            for name in names:
                if index.get(name) == peer_id:
                    del index[name]
        self._mark(codec.peer_name(peer_id))

    def _mark(self, record: str) -> None:
        self._dirty[record] = None
        self._changed()

    def _packed(self, record: str) -> bytes | None:
        kind, _, number = record.partition(":")
        if kind == "peer":
            peer = self._peers.get(int(number))
            return None if peer is None else codec.pack(peer)
        state = self._states.get(int(number))
        return None if state is None else codec.pack_all([(state.id, state.pts, state.qts, state.date, state.seq)])


def _input_peer(peer: Peer) -> Any:
    if peer.kind in _CHANNELS:
        return raw.types.InputPeerChannel(channel_id=utils.get_channel_id(peer.id), access_hash=peer.access_hash)
    if peer.kind == "group":
        return raw.types.InputPeerChat(chat_id=-peer.id)
    return raw.types.InputPeerUser(user_id=peer.id, access_hash=peer.access_hash)

"""Kurigram's Storage interface over a StoredSession.

Kurigram only reads the account's id, DC and key. Only accounts/ logs in and stores them, so that no path of Kurigram's
own login, which discards keys, is ever taken.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from pyrogram.storage import Storage, UpdateState

from streamvault.telegram.sessions.stored_session import StoredSession
from streamvault.telegram.sessions.values import Home

_UNSET = object()
_T = TypeVar("_T")


class ClientStorage(Storage):  # type: ignore[misc]
    """The stored session of one account, for its Client."""

    def __init__(self, session: StoredSession, *, api_id: int, is_bot: bool) -> None:
        self._session = session
        self._api_id = api_id
        self._is_bot = is_bot

    async def open(self) -> None:
        """Does nothing: accounts/ opens and closes the stored session."""

    async def close(self) -> None:
        """See `open`."""

    async def save(self) -> None:
        """Commit peers and update states."""
        await self._session.flush()

    async def delete(self) -> None:
        """Not supported: a stored session is only set aside, by a person."""
        raise RuntimeError("a stored session is not deleted by the client")

    async def update_peers(self, peers: Iterable[tuple[int, int, str, str | None]]) -> None:
        """See PeerStore."""
        self._session.peers.update_peers(peers)

    async def update_usernames(self, usernames: Iterable[tuple[int, list[str | None]]]) -> None:
        """See PeerStore."""
        self._session.peers.update_usernames(usernames)

    async def get_update_states(self, ids: int | Iterable[int] | None = None) -> list[Any]:
        """See PeerStore."""
        return self._session.peers.states(ids)

    async def set_update_state(self, update_state: Any) -> None:
        """Store one UpdateState or several."""
        self._session.peers.set_states([update_state] if isinstance(update_state, UpdateState) else update_state)

    async def delete_update_state(self, state_id: int | Iterable[int]) -> None:
        """Forget one state or several."""
        self._session.peers.delete_states([state_id] if isinstance(state_id, int) else state_id)

    async def get_peer_by_id(self, peer_id: int) -> Any:
        """KeyError when unknown."""
        return self._session.peers.peer_by_id(peer_id)

    async def get_peer_by_username(self, username: str) -> Any:
        """KeyError when unknown or seen too long ago."""
        return self._session.peers.peer_by_username(username)

    async def get_peer_by_phone_number(self, phone_number: str) -> Any:
        """KeyError when unknown."""
        return self._session.peers.peer_by_phone(phone_number)

    async def dc_id(self, value: object = _UNSET) -> int | None:
        """The home data centre."""
        return _read(self._home.dc_id if self._home else None, value)

    async def api_id(self, value: object = _UNSET) -> int:
        """The application's id."""
        return _read(self._api_id, value)

    async def test_mode(self, value: object = _UNSET) -> bool:
        """Always False: another server than Telegram's is set by its address and key."""
        return _read(False, value)

    async def auth_key(self, value: object = _UNSET) -> bytes | None:
        """The auth key of the home DC."""
        key = self._session.key(self._home.dc_id) if self._home else None
        return _read(key.key if key else None, value)

    async def user_id(self, value: object = _UNSET) -> int | None:
        """The account's id."""
        return _read(self._home.user_id if self._home else None, value)

    async def is_bot(self, value: object = _UNSET) -> bool:
        """Whether the account is a bot."""
        return _read(self._is_bot, value)

    async def date(self, value: object = _UNSET) -> int:
        """Unused by this storage; Kurigram's own writes it when saving."""
        return _read(0, value)

    async def server_address(self, value: object = _UNSET) -> str:
        """Not known here: connections get their addresses from DataCentres."""
        return _read("", value)

    async def port(self, value: object = _UNSET) -> int:
        """See `server_address`."""
        return _read(0, value)

    @property
    def _home(self) -> Home | None:
        return self._session.home


def _read(stored: _T, value: object) -> _T:
    if value is not _UNSET:
        raise RuntimeError("the stored session is written at login only")
    return stored

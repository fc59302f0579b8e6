"""One auth key: its material, the account that it is logged in as, and the application that uses it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tgemulator.wire.handshake import NewKey, key_id
from tgemulator.wire.salts import SaltSchedule


class OwningConnection(Protocol):
    """A connection as key_ownership.py judges it; `last_packet_at` is the event loop's time of its last packet."""

    @property
    def closed(self) -> bool: ...

    @property
    def last_packet_at(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Owner:
    """The MTProto session and the connection of the last call that counted (see key_ownership.py)."""

    session: object
    connection: OwningConnection


class AuthKey:
    """One auth key. `id` is 8 bytes, `key` 256; `created_at` and `expires_at` in Unix seconds.

    `user_id` is the account it is logged in as (or has imported), `layer` and `api_id` those of the last
    initConnection. `changed` is called when one of these three is set.
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
        self.owner: Owner | None = None
        self.changed = changed
        self._user_id: int | None = None
        self._layer: int | None = None
        self._api_id: int | None = None

    @property
    def user_id(self) -> int | None:
        """The account, or None before a login."""
        return self._user_id

    @user_id.setter
    def user_id(self, value: int | None) -> None:
        self._user_id = value
        self._report()

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
            self._report()

    def salts(self, lifetime: float) -> SaltSchedule:
        """The server salts of this key, each current for `lifetime` seconds."""
        return SaltSchedule(self.key, self.created_at, self.first_salt, lifetime)

    def _report(self) -> None:
        if self.changed is not None:
            self.changed(self)

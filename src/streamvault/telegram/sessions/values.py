"""The values that a stored session consists of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose session a store holds; `server` names the MTProto server, "telegram" for Telegram's own.

    `account_id` 0: a user's, who is known by the login only.
    """

    api_id: int
    account_id: int
    server: str


@dataclass(frozen=True, slots=True)
class Home:
    """Where a logged-in account lives."""

    dc_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class StoredKey:
    """The auth key (256 bytes) of one data centre.

    `confirmed` is False from just before the server is asked to keep the key until it is known that it did.
    `imported`: the account is logged in with it there. `export_id` and `export_bytes` are an authorisation that was
    exported for it and may or may not have been imported yet.
    """

    dc_id: int
    key: bytes
    confirmed: bool = False
    imported: bool = False
    export_id: int = 0
    export_bytes: bytes = b""

    def __repr__(self) -> str:
        return f"StoredKey(dc_id={self.dc_id}, confirmed={self.confirmed}, imported={self.imported})"


@dataclass(frozen=True, slots=True)
class SentCode:
    """A login code on its way to `phone` (digits): `code_hash` names it in data centre `dc_id`, until `until` (Unix
    seconds).
    """

    phone: str
    code_hash: str
    dc_id: int
    until: float

    def __repr__(self) -> str:
        return f"SentCode(dc_id={self.dc_id}, until={self.until})"


@dataclass(frozen=True, slots=True)
class Flood:
    """Until when (Unix seconds) a family of methods is closed, and how long the wait was when it was told (seconds)."""

    until: float
    length: float


@dataclass(frozen=True, slots=True)
class Peer:
    """A user, group or channel with its access hash; `kind` as Kurigram calls it, `seen` in Unix seconds."""

    id: int
    access_hash: int | None
    kind: str
    phone: str | None
    seen: int
    usernames: tuple[str, ...] = ()

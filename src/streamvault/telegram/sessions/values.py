"""The values of which a stored session consists. Their fields are stored: their names never change."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """The account to which a stored session belongs; `server` names the MTProto server, "telegram" for Telegram's own.

    `account_id` 0: a user account, whose id is known after the login only.
    """

    api_id: int
    account_id: int
    server: str


@dataclass(frozen=True, slots=True)
class Home:
    """The home DC and the id of an account that is logged in."""

    dc_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class StoredKey:
    """The auth key (256 bytes) of one data centre.

    `confirmed` is False from just before the server is asked to keep the key until the server has accepted it.
    `imported`: the account is logged in there with this key. `export_id` and `export_bytes` are an authorization that
    was exported for the key and may or may not have been imported yet.
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
    """A login code sent to `phone` (digits): `code_hash` identifies it in data centre `dc_id`, until `until` (Unix
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
    """Until when (Unix seconds) a family of methods is closed, and the wait that Telegram demanded (seconds)."""

    until: float
    length: float


@dataclass(frozen=True, slots=True)
class Peer:
    """A user, group or channel with its access hash; `kind` is Kurigram's peer type, `seen` in Unix seconds."""

    id: int
    access_hash: int | None
    kind: str
    phone: str | None
    seen: int
    usernames: tuple[str, ...] = ()

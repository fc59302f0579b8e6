"""Logins in progress: codes sent, passwords required, and exported authorisations."""

import hmac
import secrets
from dataclasses import dataclass
from typing import Generic, TypeVar

from tgemulator.world.srp import Challenge, Verifier

_T = TypeVar("_T")

CODE_LIFETIME = 300.0
EXPORT_LIFETIME = 300.0
CODE_TRIES = 5


@dataclass(slots=True)
class SentCode:
    """A login code that was sent; after `tries` wrong ones it counts as expired."""

    phone: str
    code: str
    tries: int = CODE_TRIES


@dataclass(frozen=True, slots=True)
class ExportedAuthorization:
    """An exported authorisation: valid once, for one account, on one DC."""

    user_id: int
    dc_id: int
    data: bytes


class Expiring(Generic[_T]):
    """A dict whose entries expire after `lifetime` seconds, with at most `most` entries, the newest."""

    def __init__(self, lifetime: float, *, most: int = 10_000) -> None:
        self._lifetime = lifetime
        self._most = most
        self._items: dict[object, tuple[float, _T]] = {}

    def put(self, key: object, value: _T, *, now: float) -> None:
        """Keep an entry; `now` in Unix seconds."""
        self._items.pop(key, None)
        self._items[key] = (now + self._lifetime, value)
        while len(self._items) > self._most:
            del self._items[next(iter(self._items))]

    def get(self, key: object, *, now: float) -> _T | None:
        """The entry, if it has not expired."""
        until, value = self._items.get(key, (0.0, None))
        return value if now < until else None

    def pop(self, key: object, *, now: float) -> _T | None:
        """Remove and return the entry, if it has not expired."""
        value = self.get(key, now=now)
        self._items.pop(key, None)
        return value


class Logins:
    """State of auth.*: `codes` by phone_code_hash, `waiting_for_password` by key, `challenges` by key and srp_id."""

    def __init__(self) -> None:
        self.codes: Expiring[SentCode] = Expiring(CODE_LIFETIME)
        self.waiting_for_password: Expiring[int] = Expiring(CODE_LIFETIME)
        self.challenges: Expiring[Challenge] = Expiring(CODE_LIFETIME)
        self.verifiers: dict[tuple[int, str], Verifier] = {}
        self.revoked_tokens: set[str] = set()
        self._exported: Expiring[ExportedAuthorization] = Expiring(EXPORT_LIFETIME)

    def export(self, user_id: int, dc_id: int, *, now: float) -> ExportedAuthorization:
        """Export the authorisation of one account to a DC."""
        exported = ExportedAuthorization(user_id, dc_id, secrets.token_bytes(128))
        self._exported.put(exported.data, exported, now=now)
        return exported

    def redeem(self, data: bytes, user_id: int, *, dc_id: int, now: float) -> bool:
        """Whether the bytes are a valid export for this account and DC; they are invalid afterwards."""
        exported = self._exported.pop(data, now=now)
        return exported is not None and (exported.user_id, exported.dc_id) == (user_id, dc_id)

    def token_matches(self, token: str, known: str) -> bool:
        """Compare bot tokens in constant time."""
        return hmac.compare_digest(token.encode(), known.encode())

"""Logins in progress: codes sent, passwords asked for, and authorisations on their way to another DC."""

import hmac
import secrets
from dataclasses import dataclass
from typing import Generic, TypeVar

from tgemulator.world.srp import Challenge, Verifier

_T = TypeVar("_T")

CODE_LIFETIME = 300.0
TICKET_LIFETIME = 300.0
CODE_TRIES = 5


@dataclass(slots=True)
class SentCode:
    """A login code on its way: `tries` left before it counts as expired."""

    phone: str
    code: str
    tries: int = CODE_TRIES


@dataclass(frozen=True, slots=True)
class Ticket:
    """An exported authorisation: good once, for one account, on one DC."""

    user_id: int
    dc_id: int
    data: bytes


class Expiring(Generic[_T]):
    """A dict whose entries live `lifetime` seconds and which never holds more than `most`, the newest."""

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
        """The entry, if its time is not over."""
        until, value = self._items.get(key, (0.0, None))
        return value if now < until else None

    def pop(self, key: object, *, now: float) -> _T | None:
        """The entry, if its time is not over; it is gone afterwards."""
        value = self.get(key, now=now)
        self._items.pop(key, None)
        return value


class Logins:
    """State of auth.*: `codes` by phone_code_hash, `passwords` by auth key, `tickets` by user and bytes."""

    def __init__(self) -> None:
        self.codes: Expiring[SentCode] = Expiring(CODE_LIFETIME)
        self.waiting_for_password: Expiring[int] = Expiring(CODE_LIFETIME)
        self.challenges: Expiring[Challenge] = Expiring(CODE_LIFETIME)
        self.verifiers: dict[tuple[int, str], Verifier] = {}
        self.revoked_tokens: set[str] = set()
        self._tickets: Expiring[Ticket] = Expiring(TICKET_LIFETIME)

    def export(self, user_id: int, dc_id: int, *, now: float) -> Ticket:
        """A ticket for one account and DC."""
        ticket = Ticket(user_id, dc_id, secrets.token_bytes(128))
        self._tickets.put(ticket.data, ticket, now=now)
        return ticket

    def redeem(self, data: bytes, user_id: int, *, dc_id: int, now: float) -> bool:
        """Whether the bytes are a live ticket for this account and DC; they are spent either way."""
        ticket = self._tickets.pop(data, now=now)
        return ticket is not None and (ticket.user_id, ticket.dc_id) == (user_id, dc_id)

    def token_matches(self, token: str, known: str) -> bool:
        """Compare bot tokens in constant time."""
        return hmac.compare_digest(token.encode(), known.encode())

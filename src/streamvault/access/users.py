"""Users: a random id that a browser keeps in a signed cookie, as there are no logins."""

import base64
import hmac
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

HOUR = 3600.0

YEAR = 365 * 86_400
"""Seconds that a cookie is valid; each write renews it."""

_VERSION = b"\x01"
_ID_BYTES = 16
_TIME_BYTES = 6
_MAC_BYTES = 16
_COOKIE = re.compile(r"[A-Za-z0-9_-]{52}", re.ASCII)


class UserSigner:
    """Signs cookies with one secret, and reads those of earlier ones; `clock` gives Unix seconds.

    A cookie identifies a user and grants no access: it only separates the personal data of users.
    """

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time, *, old: Sequence[bytes] = ()) -> None:
        """`old`: secrets whose cookies are still accepted. Raises ValueError for an empty secret."""
        secrets = (secret, *old)
        if not all(secrets):
            raise ValueError("cookies need a secret")
        self._keys = tuple(hmac.digest(one, b"streamvault user cookies", "sha256") for one in secrets)
        self._clock = clock

    def new_user(self) -> str:
        """A new user's id: 32 hexadecimal digits."""
        return secrets.token_hex(_ID_BYTES)

    def sign(self, user: str) -> str:
        """The value of this user's cookie, valid for a year from now."""
        head = _VERSION + bytes.fromhex(user) + int(self._clock() + YEAR).to_bytes(_TIME_BYTES, "big")
        return base64.urlsafe_b64encode(head + _mac(self._keys[0], head)).decode()

    def user(self, cookie: str | None) -> str | None:
        """The user of a cookie; None without one, for one with a wrong signature, and for one that has expired."""
        if cookie is None or _COOKIE.fullmatch(cookie) is None:
            return None
        raw = base64.urlsafe_b64decode(cookie)
        head, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        signed = [hmac.compare_digest(mac, _mac(key, head)) for key in self._keys]
        if not any(signed) or head[:1] != _VERSION:
            return None
        expires_at = int.from_bytes(head[-_TIME_BYTES:], "big")
        return head[1:-_TIME_BYTES].hex() if self._clock() < expires_at else None


def _mac(key: bytes, head: bytes) -> bytes:
    return hmac.digest(key, head, "sha256")[:_MAC_BYTES]


@dataclass(slots=True)
class _Bucket:
    """A token bucket of `most` that fills within an hour."""

    most: float
    left: float
    seen: float

    def wait(self, now: float) -> float:
        """0, or the seconds until there is one more."""
        self.left = min(self.most, self.left + (now - self.seen) * self.most / HOUR)
        self.seen = now
        return 0.0 if self.left >= 1 else (1 - self.left) * HOUR / self.most


class NewUserLimit:
    """Limits the new users of each address per hour, so that clients without cookies cannot fill the database.

    The first one of an address is always admitted while fewer than `addresses` are remembered, so that nobody can keep
    out the others; `total` per hour holds for all further ones together. An address is forgotten after an hour without
    a new user. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        per_address: int = 120,
        *,
        total: int = 600,
        addresses: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_address = float(per_address)
        self._addresses = addresses
        self._clock = clock
        self._all = _Bucket(total, total, clock())
        self._known: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        """How many addresses are remembered."""
        return len(self._known)

    def admit(self, address: str) -> float:
        """Count one more new user of this address; 0, or the seconds until another one is allowed."""
        now = self._clock()
        self._forget(now - HOUR)
        own = self._known.get(address)
        if own is None and len(self._known) < self._addresses:
            self._known[address] = _Bucket(self._per_address, self._per_address - 1, now)
            return 0.0
        buckets = [self._all] if own is None else [own, self._all]
        wait = max(bucket.wait(now) for bucket in buckets)
        if not wait:
            for bucket in buckets:
                bucket.left -= 1
        if own is not None:
            self._known.move_to_end(address)
        return wait

    def _forget(self, until: float) -> None:
        while self._known:
            address, bucket = next(iter(self._known.items()))
            if bucket.seen > until:
                return
            del self._known[address]

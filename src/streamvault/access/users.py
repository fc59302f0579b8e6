"""Users: a random id that a browser keeps in a signed cookie, as there are no logins."""

import base64
import hmac
import re
import secrets
import time
from collections.abc import Callable

YEAR = 365 * 86_400
"""Seconds that a cookie is valid; each write renews it."""

_VERSION = b"\x01"
_ID_BYTES = 16
_TIME_BYTES = 6
_MAC_BYTES = 16
_COOKIE = re.compile(r"[A-Za-z0-9_-]{52}", re.ASCII)


class UserSigner:
    """Signs and reads cookies with one secret; `clock` gives Unix seconds.

    A cookie identifies a user and grants no access: it only separates the personal data of users.
    """

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        """Raises ValueError for an empty secret."""
        if not secret:
            raise ValueError("cookies need a secret")
        self._key = hmac.digest(secret, b"streamvault user cookies", "sha256")
        self._clock = clock

    def new_user(self) -> str:
        """A new user's id: 32 hexadecimal digits."""
        return secrets.token_hex(_ID_BYTES)

    def sign(self, user: str) -> str:
        """The value of this user's cookie, valid for a year from now."""
        head = _VERSION + bytes.fromhex(user) + int(self._clock() + YEAR).to_bytes(_TIME_BYTES, "big")
        return base64.urlsafe_b64encode(head + self._mac(head)).decode()

    def user(self, cookie: str | None) -> str | None:
        """The user of a cookie; None without one, for one with a wrong signature, and for one that has expired."""
        if cookie is None or _COOKIE.fullmatch(cookie) is None:
            return None
        raw = base64.urlsafe_b64decode(cookie)
        head, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(head)) or head[:1] != _VERSION:
            return None
        expires_at = int.from_bytes(head[-_TIME_BYTES:], "big")
        return head[1:-_TIME_BYTES].hex() if self._clock() < expires_at else None

    def _mac(self, head: bytes) -> bytes:
        return hmac.digest(self._key, head, "sha256")[:_MAC_BYTES]


class NewUserLimit:
    """Limits the new users per hour (a token bucket), so that a client without cookies cannot fill the database.

    `clock` gives monotonic seconds.
    """

    def __init__(self, per_hour: int = 600, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_hour)
        self._left = self._most
        self._clock = clock
        self._seen = clock()

    def admit(self) -> float:
        """Count one more new user; 0, or the seconds until another one is allowed."""
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._seen) * self._most / 3600)
        self._seen = now
        if self._left < 1:
            return (1 - self._left) * 3600 / self._most
        self._left -= 1
        return 0.0

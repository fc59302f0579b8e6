"""Link tokens: a token gives its holder access to one file, or to the whole server, until it expires.

A token is 24 bytes in URL-safe base64: version, scope, expiry (6 bytes, Unix seconds, 0 for never), and the first 16
bytes of an HMAC-SHA256 over them and over chat and message. The file is not named in the token but in the URL that it
is used with. Checking is synchronous and needs no database.
"""

import base64
import hmac
import re
import time
from collections.abc import Callable
from typing import Literal, get_args

from streamvault.errors import AccessDenied
from streamvault.media.model import Origin

Scope = Literal["file", "server", "index"]

_VERSION = 1
_MAC_BYTES = 16
_EXPIRY_BYTES = 6
_HEAD_BYTES = 2 + _EXPIRY_BYTES
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)
_SCOPE_CODES: dict[str, int] = {"file": 1, "server": 2, "index": 3}
_WRONG = "This link is not valid here."
_EXPIRED = "This link has expired."
_MISSING = "This needs a link from the bot."


class LinkSigner:
    """Signs and checks link tokens with one secret; `clock` gives Unix seconds."""

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        """Raises ValueError for an empty secret."""
        if not secret:
            raise ValueError("link tokens need a secret")
        self._key = hmac.digest(secret, b"streamvault link tokens", "sha256")
        self._clock = clock

    def sign(self, origin: Origin | None, *, scope: Scope, expires_at: int | None) -> str:
        """A token for one file (scope `file`, with its origin), for every route (`server`, None) or for those under
        /api/index (`index`, None).

        `expires_at` is in Unix seconds; None means never. Raises ValueError if scope and origin do not fit together, or
        if the expiry is out of range.
        """
        if scope not in get_args(Scope) or (origin is None) == (scope == "file"):
            raise ValueError(f"scope {scope!r} does not fit {origin}")
        if expires_at is not None and not 0 < expires_at < 1 << (8 * _EXPIRY_BYTES):
            raise ValueError(f"expiry out of range: {expires_at}")
        head = bytes((_VERSION, _SCOPE_CODES[scope])) + (expires_at or 0).to_bytes(_EXPIRY_BYTES, "big")
        return base64.urlsafe_b64encode(head + self._mac(head, origin)).decode()

    def check(self, token: str | None, origin: Origin | None, *, index: bool = False) -> None:
        """Raise AccessDenied unless `token` opens `origin` (None: a route that belongs to no single file).

        `index`: the route lies under /api/index, so that a token of that scope opens it.

        `authenticated` of the error is False when there is no token at all.
        """
        if not token:
            raise AccessDenied(_MISSING, authenticated=False)
        if _TOKEN.fullmatch(token) is None:
            raise AccessDenied(_WRONG, authenticated=True)
        raw = base64.urlsafe_b64decode(token)
        head, mac = raw[:_HEAD_BYTES], raw[_HEAD_BYTES:]
        signed = origin if head[1] == _SCOPE_CODES["file"] else None
        opens = {
            _SCOPE_CODES["file"]: signed is not None,
            _SCOPE_CODES["server"]: True,
            _SCOPE_CODES["index"]: index,
        }
        known = head[0] == _VERSION and opens.get(head[1], False)
        if not hmac.compare_digest(mac, self._mac(head, signed)) or not known:
            raise AccessDenied(_WRONG, authenticated=True)
        expires_at = int.from_bytes(head[2:], "big")
        if expires_at and self._clock() >= expires_at:
            raise AccessDenied(_EXPIRED, authenticated=True)

    def prove(self, challenge: str) -> str:
        """What only holders of the secret can say about `challenge`, a text of the other side's choice, in hex."""
        return hmac.digest(self._key, b"challenge " + challenge.encode(), "sha256").hex()

    @staticmethod
    def expires_at(token: str) -> int | None:
        """The expiry of a token that `check` has accepted, in Unix seconds; None means never."""
        return int.from_bytes(base64.urlsafe_b64decode(token)[2:_HEAD_BYTES], "big") or None

    def _mac(self, head: bytes, origin: Origin | None) -> bytes:
        target = b"" if origin is None else f"{origin.chat_id}/{origin.message_id}".encode()
        return hmac.digest(self._key, head + target, "sha256")[:_MAC_BYTES]

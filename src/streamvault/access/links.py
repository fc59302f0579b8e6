"""Link tokens: a token gives its holder access to one file, or to the whole server, until it expires.

A token is URL-safe base64 of a head and the first 16 bytes of an HMAC-SHA256 over the head and over chat and message.
The file is not named in the token but in the URL that it is used with. The head of version 1 is 8 bytes: version,
scope, expiry (6 bytes, Unix seconds, 0 for never). That of version 2 goes on with a grant: its kind, and its id (8
bytes, signed). Such a token is good only while the grant is: whoever accepts it looks that up. Reading a token is
synchronous and needs no database.
"""

import base64
import hmac
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from streamvault.errors import AccessDenied
from streamvault.media.model import Origin

Scope = Literal["file", "server", "index", "link", "leech"]
_ID_BITS = 52
"""Of a Telegram user id; above it in a person's grant stands how often the person had been removed."""
GrantKind = Literal["person", "link", "token"]

_MAC_BYTES = 16
_EXPIRY_BYTES = 6
_PLAIN, _GRANTED = 1, 2
_HEAD_BYTES = {_PLAIN: 2 + _EXPIRY_BYTES, _GRANTED: 2 + _EXPIRY_BYTES + 1 + 8}
"""Bytes of a head by version."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}|[A-Za-z0-9_-]{44}", re.ASCII)
_SCOPE_CODES: dict[Scope, int] = {"file": 1, "server": 2, "index": 3, "link": 4, "leech": 5}
_SCOPES = {code: scope for scope, code in _SCOPE_CODES.items()}
_KIND_CODES: dict[GrantKind, int] = {"person": 1, "link": 2, "token": 3}
_KINDS = {code: kind for kind, code in _KIND_CODES.items()}
_WRONG = "This link is not valid here."
_EXPIRED = "This link has expired."
_MISSING = "This needs a link from the bot."


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token of version 2 depends on. `id`: a signed 64-bit number; a person's comes from `grant_of_person`."""

    kind: GrantKind
    id: int


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. `origin`: the file that it opens, None unless its scope is `file`. `expires_at`: Unix seconds.

    `key`: the secret that it was signed with: 0 is the present one, n the n-th old one.
    """

    scope: Scope
    origin: Origin | None
    expires_at: int | None
    grant: Grant | None
    key: int


def grant_of_person(person: int, *, removals: int) -> Grant:
    """What a person's tokens depend on: who it is, and that the person was removed no more since."""
    return Grant("person", person | (removals % (1 << (63 - _ID_BITS)) << _ID_BITS))


def is_of_person(grant: Grant, person: int, *, removals: int) -> bool:
    """Whether this is the person's present grant."""
    return grant == grant_of_person(person, removals=removals)


def person_in(grant: Grant) -> int:
    """The Telegram user id in a person's grant."""
    return grant.id & ((1 << _ID_BITS) - 1)


class LinkSigner:
    """Signs link tokens with one secret, and reads those of earlier ones; `clock` gives Unix seconds."""

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time, *, old: Sequence[bytes] = ()) -> None:
        """`old`: secrets whose tokens are still accepted. Raises ValueError for an empty secret."""
        secrets = (secret, *old)
        if not all(secrets):
            raise ValueError("link tokens need a secret")
        self._keys = tuple(hmac.digest(one, b"streamvault link tokens", "sha256") for one in secrets)
        self._clock = clock

    def sign(self, origin: Origin | None, *, scope: Scope, expires_at: int | None, grant: Grant | None = None) -> str:
        """A token for one file (scope `file`, with its origin), for every route (`server`, None), for those under
        /api/index (`index`, None), for those under /api/jobs (`leech`, None), or for what the stored link of its grant
        opens (`link`, None).

        `expires_at` is in Unix seconds; None means never. Raises ValueError if scope, origin and grant do not fit
        together, or if the expiry or the grant's id is out of range.
        """
        if scope not in get_args(Scope) or (origin is None) == (scope == "file"):
            raise ValueError(f"scope {scope!r} does not fit {origin}")
        if scope == "link" and (grant is None or grant.kind != "link"):
            raise ValueError(f"scope 'link' does not fit the grant {grant}")
        if expires_at is not None and not 0 < expires_at < 1 << (8 * _EXPIRY_BYTES):
            raise ValueError(f"expiry out of range: {expires_at}")
        version = _PLAIN if grant is None else _GRANTED
        head = bytes((version, _SCOPE_CODES[scope])) + (expires_at or 0).to_bytes(_EXPIRY_BYTES, "big")
        head += b"" if grant is None else _packed(grant)
        return base64.urlsafe_b64encode(head + _mac(self._keys[0], head, origin)).decode()

    def claims(self, token: str | None, origin: Origin | None) -> Claims:
        """What `token` says, used with `origin` (None: a route that belongs to no single file).

        Raises AccessDenied for none (`authenticated` is False), one that was not signed for this origin or by this
        server, and one that has expired. Whether the grant is alive, and whether the scope suffices, is not looked at.
        """
        if not token:
            raise AccessDenied(_MISSING, authenticated=False)
        if not self.is_token(token):
            raise AccessDenied(_WRONG, authenticated=True)
        raw = base64.urlsafe_b64decode(token)
        head, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        scope = _SCOPES.get(head[1])
        signed = origin if scope == "file" else None
        key = self._key_of(mac, head, signed)
        if key is None or scope is None or (scope == "file" and signed is None) or not _is_whole(head):
            raise AccessDenied(_WRONG, authenticated=True)
        expires_at = int.from_bytes(head[2 : 2 + _EXPIRY_BYTES], "big")
        if expires_at and self._clock() >= expires_at:
            raise AccessDenied(_EXPIRED, authenticated=True)
        return Claims(scope, signed, expires_at or None, _grant_of(head), key)

    def check(self, token: str | None, origin: Origin | None, *, index: bool = False) -> None:
        """Raise AccessDenied unless `token` by itself opens `origin` (None: a route that belongs to no single file).

        `index`: the route lies under /api/index, so that a token of that scope opens it. A token with a grant is
        denied, as the grant is not looked up here.
        """
        claims = self.claims(token, origin)
        if claims.grant is not None or claims.scope == "leech" or (claims.scope == "index" and not index):
            raise AccessDenied(_WRONG, authenticated=True)

    def prove(self, challenge: str) -> str:
        """What only holders of the present secret can say about `challenge`, a text of the other side, in hex."""
        return hmac.digest(self._keys[0], b"challenge " + challenge.encode(), "sha256").hex()

    @staticmethod
    def is_token(text: str) -> bool:
        """Whether a text has the form of a link token, of whichever secret."""
        return _TOKEN.fullmatch(text) is not None

    @staticmethod
    def expires_at(token: str) -> int | None:
        """The expiry of a token that was accepted, in Unix seconds; None means never."""
        return int.from_bytes(base64.urlsafe_b64decode(token)[2 : 2 + _EXPIRY_BYTES], "big") or None

    def _key_of(self, mac: bytes, head: bytes, origin: Origin | None) -> int | None:
        """The number of the secret that made `mac`; the time that it takes does not tell which."""
        made = [hmac.compare_digest(mac, _mac(key, head, origin)) for key in self._keys]
        return made.index(True) if any(made) else None


def _mac(key: bytes, head: bytes, origin: Origin | None) -> bytes:
    target = b"" if origin is None else f"{origin.chat_id}/{origin.message_id}".encode()
    return hmac.digest(key, head + target, "sha256")[:_MAC_BYTES]


def _packed(grant: Grant) -> bytes:
    if grant.kind not in _KIND_CODES or not -(1 << 63) <= grant.id < 1 << 63:
        raise ValueError(f"no grant: {grant}")
    return bytes((_KIND_CODES[grant.kind],)) + grant.id.to_bytes(8, "big", signed=True)


def _is_whole(head: bytes) -> bool:
    """Whether a head is as long as its version says, and of a version, scope and kind of grant that fit together."""
    if len(head) != _HEAD_BYTES.get(head[0]):
        return False
    if head[0] == _PLAIN:
        return head[1] != _SCOPE_CODES["link"]
    return head[2 + _EXPIRY_BYTES] in _KINDS


def _grant_of(head: bytes) -> Grant | None:
    if head[0] == _PLAIN:
        return None
    return Grant(_KINDS[head[2 + _EXPIRY_BYTES]], int.from_bytes(head[-8:], "big", signed=True))

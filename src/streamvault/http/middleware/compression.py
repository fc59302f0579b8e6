"""Lists of the API in gzip, for whoever takes it: a page of files takes a fifth of the bytes.

Only answers to GET and HEAD with status 200 and JSON of the API: never bytes of files, pictures, segments, playlists or
events, which are compressed already or have to leave at once. What may not be stored is left as it is, too: answers
with a new token, session or code, and lists of people and links, are.

Compression tells of a secret by its length when somebody else chooses what stands beside it, can have it requested
often, and sees the connection (BREACH). Here addresses of files carry a token of the caller beside names that others
chose. A page elsewhere cannot have such a list requested with the caller's session (SameSite=Lax); beyond that, each
answer gets a name of random length in its header, so that lengths of single answers tell nothing.
"""

import asyncio
import secrets
import zlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streamvault.http.encodings import IDENTITY, chosen_encoding

MIN_BYTES = 1_400
"""Shorter ones fit into one packet with their header fields anyway."""

_LEVEL = 5
"""About 60 MB/s for lists of files; a higher one saves 2 % more."""
_THREAD_BYTES = 65_536
"""Longer ones are compressed beside the event loop: about 1 ms."""
_PADDING = 100
"""Bytes of the random name at most."""
_GZIP, _JSON = "gzip", "application/json"
_START = bytes((0x1F, 0x8B, 8, 8, 0, 0, 0, 0, 0, 255))
"""A header of RFC 1952 with a name, without a time."""


def gzipped(body: bytes) -> bytes:
    """`body` in gzip, with a name of random length."""
    name = secrets.token_hex(_PADDING // 2)[: secrets.randbelow(_PADDING + 1)].encode()
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(body) + packer.flush()
    sums = zlib.crc32(body).to_bytes(4, "little") + (len(body) & 0xFFFFFFFF).to_bytes(4, "little")
    return b"".join((_START, name, b"\0", packed, sums))


class Compression:
    """Answers that may be compressed have `Vary: Accept-Encoding`. The entity tag of one that is, is a weak one, as the
    bytes of two answers with the same content differ; If-None-Match compares weakly, so that it fits both."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or not _is_described(scope["path"]):
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Answer(scope, send))


def _is_described(path: str) -> bool:
    return path.startswith("/api/") or path == "/openapi.json"


class _Answer:
    """The `send` of one request: holds the start of an answer that may be compressed until its body is there."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._takes_part(message):
            self._start = message
            return
        if self._start is not None and message["type"] == "http.response.body":
            start, self._start = self._start, None
            message = await self._compressed(start, message)
            await self._send(start)
        await self._send(message)

    def _takes_part(self, start: Message) -> bool:
        """Whether the body decides on this answer; marks the fields of those that say that there is none."""
        headers = MutableHeaders(scope=start)
        if start["status"] not in (200, 304) or not _may_be(headers, with_type=start["status"] == 200):
            return False
        headers.add_vary_header("Accept-Encoding")
        if start["status"] == 200:
            return self._takes_gzip()
        if f"W/{headers.get('etag')}" in ", ".join(Headers(scope=self._scope).getlist("if-none-match")):
            _weaken(headers)
        return False

    def _takes_gzip(self) -> bool:
        accepted = Headers(scope=self._scope).getlist("accept-encoding")
        return chosen_encoding(", ".join(accepted) if accepted else None, (_GZIP, IDENTITY)) == _GZIP

    async def _compressed(self, start: Message, message: Message) -> Message:
        """The body to send; changes the fields of `start` to fit. Unchanged where it is short, or comes in parts."""
        headers, body = MutableHeaders(scope=start), message.get("body", b"")
        is_head = self._scope["method"] == "HEAD"
        length = int(headers.get("content-length", 0)) if is_head else len(body)
        if message.get("more_body") or length < MIN_BYTES:
            return message
        headers["Content-Encoding"] = _GZIP
        _weaken(headers)
        if is_head:
            del headers["Content-Length"]
            return message
        packed = await asyncio.to_thread(gzipped, body) if length > _THREAD_BYTES else gzipped(body)
        headers["Content-Length"] = str(len(packed))
        return {**message, "body": packed}


def _may_be(headers: MutableHeaders, *, with_type: bool) -> bool:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if with_type and kind != _JSON:
        return False
    kept = "no-store" not in headers.get("cache-control", "").lower() and "set-cookie" not in headers
    return kept and "content-encoding" not in headers


def _weaken(headers: MutableHeaders) -> None:
    tag = headers.get("etag", "")
    if tag.startswith('"'):
        headers["ETag"] = f"W/{tag}"

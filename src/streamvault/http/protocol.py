"""Uvicorn's HTTP/1.1 connection with bounds that hold before a request reaches the application.

The head of a request (request line and header fields) is bounded in bytes and in time while it comes, and so is its
body; Uvicorn's own protocol bounds neither, and httptools joins what has come again for each piece of a field. The
write buffer is empty as soon as the kernel takes data, so that a paused viewer costs one piece of a file.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from streamvault.http.addresses import network_of
from streamvault.http.connections import Closable, ConnectionTable
from streamvault.http.middleware.request_limits import MAX_BODY

MAX_HEAD = 64 << 10
"""Bytes of a request line and its header fields."""

HEAD_TIMEOUT = 15.0
"""Seconds from the connection, or from the first byte of a later request, until its head is complete."""

MOST_BODY = MAX_BODY + (64 << 10)
"""Bytes of a body as it comes, chunks and trailers included: more than the application reads, which answers first."""

BODY_TIMEOUT = 30.0
"""Seconds from the end of a head until the end of its body."""

_DETAIL = {
    408: "The request did not come in time.",
    413: "The request's body is larger than this server reads.",
    414: "The address is longer than this server reads.",
    431: "The header fields are larger than this server reads.",
}

_BAD = {"head": "with a head that is too large", "body": "with a body that is too large"}
"""What is bad of a request that is refused; a slow one need not be bad."""

_SLICE = 8 << 10
"""Bytes that the parser is given at once: the bound of a head is exact to so many bytes."""

LINGER = 1.0
"""Seconds for which what a refused client still sends is read and dropped: a reset would take the answer from it."""

_DROPPED = 256 << 10
"""Bytes that are dropped of it at most; then the connection is not read any more."""


_ABORT = "streamvault.abort"
"""The extension of the scope with which an answer cuts its own connection."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What a connection was before its protocol: the bytes that came, within how many seconds, and its place.

    `late`: the head did not come in time. `place` is what the table knows instead of the protocol.
    """

    data: bytes
    waited: float
    late: bool
    place: Closable


class StreamProtocol(HttpToolsProtocol):
    """One connection of a ConnectionTable. A request beyond a bound is answered with 408, 413, 414 or 431."""

    def __init__(
        self,
        *arguments: Any,
        table: ConnectionTable,
        limited: Callable[[str], None],
        bad: Callable[[str, str], None],
        **options: Any,
    ) -> None:
        """`limited(why)` is called for each request that is refused: "head", "body", "slow_head" or "slow_body".

        `bad(what, address)` is called for each that no client should send: what it is in words, and whose.
        """
        super().__init__(*arguments, **options)
        self.address = ""
        self.begun: Begun | None = None
        """Set before the connection is made."""
        self._waited = 0.0  # seconds of the head's time that are over when its first byte is parsed
        self._table = table
        self._limited = limited
        self._bad = bad
        self._in_head = False
        self._in_body = False
        self._received = 0  # bytes of the head, or of the body, that is coming
        self._deadline: asyncio.TimerHandle | None = None
        self._refused = False
        self._dropped = 0  # bytes that came after a refusal

    def connection_made(self, transport: Any) -> None:
        """Called by asyncio."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)
        self.address = network_of(self.client[0]) if self.client else ""
        self._expect(HEAD_TIMEOUT)
        begun, self.begun = self.begun, None
        if begun is not None:
            self._table.remove(begun.place)
        self._table.add(self)
        if begun is not None:
            self._waited = begun.waited
            self.data_received(begun.data)
            if begun.late and not transport.is_closing():
                self._expect(None)
                self._late()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        self._expect(None)
        self._table.remove(self)
        super().connection_lost(exc)

    def abort(self) -> None:
        """See Closable."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Called by asyncio. Parses slice by slice, and nothing more once a bound was passed."""
        for start in range(0, len(data), _SLICE):
            if self._refused:
                self._drop(len(data) - start)
                return
            if self.transport.is_closing():
                return
            piece = data[start : start + _SLICE]
            super().data_received(piece)
            self._received += len(piece)
            if self._in_head and self._received > MAX_HEAD:
                self._refuse("head", 414 if 2 * len(self.url) > MAX_HEAD else 431)
            elif self._in_body and self._received > MOST_BODY:
                self._refuse("body", 413)

    def on_message_begin(self) -> None:
        """Called by the parser at the first byte of a request."""
        super().on_message_begin()
        self._in_head, self._received = True, 0
        self._expect(max(0.0, HEAD_TIMEOUT - self._waited))
        self._waited = 0.0

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self._in_head, self._in_body, self._received = False, True, 0
        self._expect(BODY_TIMEOUT)
        self._table.busy(self)
        super().on_headers_complete()
        self.scope["extensions"] = {_ABORT: {"abort": self.transport.abort}}
        if self.cycle is not None and self.scope["http_version"] == "1.0":
            self.cycle.__class__ = _Cycle10  # its task begins later

    def on_message_complete(self) -> None:
        """Called by the parser at the last byte of a request."""
        self._in_body = False
        self._expect(None)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Called by Uvicorn."""
        super().on_response_complete()
        if not self.pipeline:
            self._table.idle(self)

    def send_400_response(self, msg: str) -> None:
        """Called by Uvicorn for what is no HTTP."""
        self._bad("without valid HTTP", self.address)
        super().send_400_response(msg)

    def _unsupported_upgrade_warning(self) -> None:
        """Called by Uvicorn, which then answers as if no upgrade were asked for."""
        self._bad("for another protocol", self.address)

    def _drop(self, count: int) -> None:
        self._dropped += count
        if self._dropped > _DROPPED:
            self.transport.pause_reading()

    def _expect(self, seconds: float | None) -> None:
        """The next part of a request has to be complete within so many seconds."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self._late)

    def _late(self) -> None:
        self._deadline = None
        self._refuse("slow_body" if self._in_body else "slow_head", 408)

    def _refuse(self, why: str, status: int) -> None:
        """Answer with `status` if nothing was answered yet, and close. A connection without a byte gets no answer."""
        self._limited(why)
        if why in _BAD:
            self._bad(_BAD[why], self.address)
        self._expect(None)
        self._refused = True
        cycle = self.cycle
        begun = cycle is not None and cycle.response_started and not cycle.response_complete
        finished = cycle is None or cycle.response_complete
        if begun or not (self._in_head or self._in_body) or (self._in_body and finished) or self.pipeline:
            self.transport.abort()
            return
        if cycle is not None and self._in_body:  # the application waits for the body: it learns that the client is gone
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.write(_refusal(status))
        self.transport.write_eof()
        self._table.busy(self)
        self.loop.call_later(LINGER, self.transport.abort)


class _Cycle10(RequestResponseCycle):
    """A response to HTTP/1.0: one without Content-Length ends with the connection (RFC 9112 sections 6.1 and 6.3)."""

    async def send(self, message: Any) -> None:
        """Called by the application."""
        if message["type"] == "http.response.start":
            names = {name.lower() for name, _ in message.get("headers", ())}
            self.unbounded = b"content-length" not in names
            self.chunked_encoding = False if self.unbounded else None
        elif self.unbounded:
            self.expected_content_length = len(message.get("body", b""))
        await super().send(message)


def abort_of(scope: Scope) -> Callable[[], None]:
    """Closes the connection of a request at once, also while its client takes nothing; without effect elsewhere."""
    extension = scope.get("extensions", {}).get(_ABORT)
    return extension["abort"] if extension else lambda: None


def _refusal(status: int) -> bytes:
    """An answer as of the application's refusals: problem details (RFC 9457)."""
    phrase = HTTPStatus(status).phrase
    problem = {"type": "about:blank", "title": phrase, "status": status, "detail": _DETAIL[status]}
    body = json.dumps(problem).encode()
    head = (
        f"HTTP/1.1 {status} {phrase}\r\nContent-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


def protocol_class(table: ConnectionTable, limited: Callable[[str], None], bad: Callable[[str, str], None]) -> Any:
    """What Uvicorn's `http` setting takes; each connection made by it belongs to `table`. See StreamProtocol."""
    return partial(StreamProtocol, table=table, limited=limited, bad=bad)

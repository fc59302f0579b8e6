"""The HTTP proxy on loopback by which child processes reach sources, and by which alone they can.

A child names itself by the secret of its Pass. What it asks for, each hop of a redirect included, becomes a connection
of its own to an address that the guard has judged: the child never resolves a name. `CONNECT` carries TLS and nothing
else; other requests are for addresses of scheme http, and one connection carries one of them.
"""

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial

from streamvault.errors import LeechError, SourceRefused
from streamvault.leech.egress.guard import Guard
from streamvault.leech.egress.passes import Pass, PassExceeded
from streamvault.leech.egress.relay import BLOCK, Silent, Stream, relay
from streamvault.leech.egress.requests import (
    LONGEST_HEAD,
    ProxyRequest,
    Unproxied,
    answer_head,
    is_interim,
    parse_request,
)

log = logging.getLogger(__name__)

ASKED_WITHIN = 20.0
"""Seconds that a child has for its request, and for the first byte in a tunnel."""
SILENCE = 120.0
"""Seconds without a byte in either direction after which a connection is closed."""
MOST = 256
"""Connections at a time, of all children."""
_TLS_HANDSHAKE = b"\x16"


class EgressProxy:
    """`silence` as SILENCE; `count` is called with how many bytes went through."""

    def __init__(
        self, guard: Guard, *, silence: float = SILENCE, count: Callable[[int], None] = lambda _: None
    ) -> None:
        self._guard = guard
        self._silence = silence
        self._count = count
        self._passes: dict[bytes, Pass] = {}
        self._open: dict[Pass, set[asyncio.Task[None]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator["EgressProxy"]:
        """It listens on a port of 127.0.0.1 in this context. Raises OSError."""
        server = await asyncio.start_server(self._begin, "127.0.0.1", 0, limit=BLOCK)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    @contextmanager
    def admitted(self, admission: Pass) -> Iterator[str]:
        """The proxy's address with the secret of this pass, which is good in this context; its connections end then."""
        key = _digest(admission.secret)
        self._passes[key] = admission
        self._open[admission] = set()
        try:
            yield f"http://child:{admission.secret}@127.0.0.1:{self.port}"
        finally:
            del self._passes[key]
            for task in self._open.pop(admission):
                task.cancel()

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= MOST:
            writer.transport.abort()
            return
        task = asyncio.ensure_future(self._serve((reader, writer)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, child: Stream) -> None:
        try:
            await self._pass_on(child)
        except Unproxied as error:
            await _answer(child, error.status, str(error))
        except (PassExceeded, Silent, TimeoutError, OSError, EOFError, asyncio.LimitOverrunError) as error:
            log.debug("a connection of a child ended: %r", error)
        finally:
            child[1].close()

    async def _pass_on(self, child: Stream) -> None:
        async with asyncio.timeout(ASKED_WITHIN):
            request = parse_request(await _head(child[0]))
        admission = self._passes.get(_digest(request.secret))
        if admission is None:
            raise Unproxied("407 Proxy Authentication Required", "this proxy is for the leech worker's children")
        mine, task = self._open[admission], asyncio.current_task()
        assert task is not None
        if len(mine) >= admission.connections:
            raise Unproxied("503 Service Unavailable", "too many connections at a time")
        mine.add(task)
        try:
            await self._connect(child, request, admission)
        finally:
            mine.discard(task)

    async def _connect(self, child: Stream, request: ProxyRequest, admission: Pass) -> None:
        try:
            sock = await self._guard.connect(request.host, request.port)
        except LeechError as error:
            admission.refuse(error)
            status = "403 Forbidden" if isinstance(error, SourceRefused) else "502 Bad Gateway"
            raise Unproxied(status, str(error)) from None
        host = await asyncio.open_connection(sock=sock, limit=BLOCK)
        try:
            first = await _tls_begun(child) if request.head is None else request.head
            admission.count(len(first))
            host[1].write(first)
            before = None if request.head is None else partial(_pass_head, child, host)
            await relay(child, host, count=partial(self._counted, admission), silence=self._silence, before=before)
        finally:
            host[1].transport.abort()

    def _counted(self, admission: Pass, size: int) -> None:
        self._count(size)
        admission.count(size)


async def _tls_begun(child: Stream) -> bytes:
    """Tell the child that its tunnel is there; the first bytes that it sends, which have to be TLS."""
    child[1].write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    async with asyncio.timeout(ASKED_WITHIN):
        first = await child[0].read(BLOCK)
    if not first.startswith(_TLS_HANDSHAKE):
        raise EOFError("a tunnel without TLS")
    return first


async def _pass_head(child: Stream, host: Stream) -> None:
    """The head of the host's answer, and of those before it, to the child."""
    while is_interim(head := await _head(host[0])):
        child[1].write(head)
    child[1].write(answer_head(head))


async def _head(reader: asyncio.StreamReader) -> bytes:
    """The head of a message with its empty line. Raises EOFError, LimitOverrunError."""
    head = bytearray()
    while True:
        line = await reader.readuntil(b"\n")
        head += line
        if len(head) > LONGEST_HEAD:
            raise asyncio.LimitOverrunError("the head is too long", len(head))
        if line in (b"\r\n", b"\n"):
            return bytes(head)


async def _answer(child: Stream, status: str, reason: str) -> None:
    text = reason.encode()
    fields = [f"HTTP/1.1 {status}", "Content-Type: text/plain; charset=utf-8", f"Content-Length: {len(text)}"]
    if status.startswith("407"):
        fields.append('Proxy-Authenticate: Basic realm="leech"')
    with contextlib.suppress(OSError):
        child[1].write("\r\n".join([*fields, "Connection: close", "", ""]).encode() + text)
        await child[1].drain()


def _digest(secret: str) -> bytes:
    """What a secret is looked up by, so that the time for it tells nothing of it."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()

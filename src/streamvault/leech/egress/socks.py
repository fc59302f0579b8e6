"""The SOCKS5 proxy on loopback by which a child that speaks more than HTTP reaches sources (RFC 1928, RFC 1929).

A child names itself by the secret of its Pass. CONNECT becomes a connection to an address that the guard has judged;
UDP ASSOCIATE a pair of sockets between which each datagram is judged (`datagrams`). Names are resolved here.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from streamvault.errors import LeechError, SourceRefused
from streamvault.leech.egress.datagrams import Datagrams
from streamvault.leech.egress.guard import Guard
from streamvault.leech.egress.hosts import parse_host
from streamvault.leech.egress.passes import Pass, PassExceeded
from streamvault.leech.egress.relay import BLOCK, Silent, Stream, relay

log = logging.getLogger(__name__)

ASKED_WITHIN = 20.0
"""Seconds that a child has for its request."""
SILENCE = 180.0
"""Seconds without a byte in either direction after which a connection is closed."""
MOST = 1024
"""Connections at a time, of all children."""
USER = "child"
_VERSION, _LOGIN_VERSION = 5, 1
_BY_PASSWORD, _NO_METHOD = 2, 0xFF
_CONNECT, _ASSOCIATE = 1, 3
_GRANTED, _FORBIDDEN, _UNREACHABLE, _UNKNOWN_COMMAND, _UNKNOWN_ADDRESS = 0, 2, 4, 7, 8


class _Refused(Exception):
    """A request that is not granted, with the code of its answer."""

    def __init__(self, code: int) -> None:
        super().__init__(f"code {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class SocksWay:
    """How a child reaches the proxy on 127.0.0.1. `password` belongs on no command line."""

    port: int
    user: str
    password: str


class SocksProxy:
    """`silence` as SILENCE."""

    def __init__(self, guard: Guard, *, silence: float = SILENCE) -> None:
        self.guard = guard
        self._silence = silence
        self._passes: dict[bytes, Pass] = {}
        self._open: dict[Pass, set[asyncio.Task[None]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator["SocksProxy"]:
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
    def admitted(self, admission: Pass) -> Iterator[SocksWay]:
        """The way of a child with this pass, which is good in this context; its connections end then."""
        key = _digest(admission.secret.encode())
        self._passes[key] = admission
        self._open[admission] = set()
        try:
            yield SocksWay(self.port, USER, admission.secret)
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
            async with asyncio.timeout(ASKED_WITHIN):
                admission = await self._log_in(child)
            await self._grant(child, admission)
        except _Refused as error:
            child[1].write(_answer(error.code))
        except (PassExceeded, Silent, TimeoutError, OSError, EOFError) as error:
            log.debug("a connection of a child ended: %r", error)
        finally:
            child[1].close()

    async def _log_in(self, child: Stream) -> Pass:
        reader, writer = child
        version, count = await reader.readexactly(2)
        if version != _VERSION or _BY_PASSWORD not in await reader.readexactly(count):
            writer.write(bytes((_VERSION, _NO_METHOD)))
            raise EOFError("no SOCKS5 with a password")
        writer.write(bytes((_VERSION, _BY_PASSWORD)))
        _, length = await reader.readexactly(2)
        await reader.readexactly(length)
        [length] = await reader.readexactly(1)
        admission = self._passes.get(_digest(await reader.readexactly(length)))
        writer.write(bytes((_LOGIN_VERSION, admission is None)))
        if admission is None:
            raise EOFError("a wrong password")
        return admission

    async def _grant(self, child: Stream, admission: Pass) -> None:
        async with asyncio.timeout(ASKED_WITHIN):
            command, host, port = await _request(child[0])
        mine, task = self._open.get(admission), asyncio.current_task()
        assert task is not None
        if mine is None or len(mine) >= admission.connections:
            raise _Refused(_FORBIDDEN)
        mine.add(task)
        try:
            if command == _CONNECT:
                await self._connect(child, host, port, admission)
            elif command == _ASSOCIATE:
                await self._associate(child, admission)
            else:
                raise _Refused(_UNKNOWN_COMMAND)
        finally:
            mine.discard(task)

    async def _connect(self, child: Stream, host: str | IPv4Address | IPv6Address, port: int, admission: Pass) -> None:
        try:
            sock = await self.guard.connect(host, port)
        except LeechError as error:
            admission.refuse(error)
            raise _Refused(_FORBIDDEN if isinstance(error, SourceRefused) else _UNREACHABLE) from None
        other = await asyncio.open_connection(sock=sock, limit=BLOCK)
        try:
            child[1].write(_answer(_GRANTED))
            await relay(child, other, count=admission.count, silence=self._silence)
        finally:
            other[1].transport.abort()

    async def _associate(self, child: Stream, admission: Pass) -> None:
        """Until the child closes this connection."""
        async with Datagrams(self.guard, admission).running() as port:
            child[1].write(_answer(_GRANTED, port))
            await child[0].read()


async def _request(reader: asyncio.StreamReader) -> tuple[int, str | IPv4Address | IPv6Address, int]:
    """Command, host and port. Raises _Refused."""
    version, command, _, kind = await reader.readexactly(4)
    if version != _VERSION:
        raise EOFError("no SOCKS5")
    host: str | IPv4Address | IPv6Address
    if kind == 1:
        host = IPv4Address(await reader.readexactly(4))
    elif kind == 4:
        host = IPv6Address(await reader.readexactly(16))
    elif kind == 3:
        [length] = await reader.readexactly(1)
        host = _named(await reader.readexactly(length))
    else:
        raise _Refused(_UNKNOWN_ADDRESS)
    return command, host, int.from_bytes(await reader.readexactly(2))


def _named(name: bytes) -> str | IPv4Address | IPv6Address:
    text = name.decode("utf-8", "replace")
    try:
        return parse_host(f"[{text}]" if ":" in text else text)
    except ValueError:
        raise _Refused(_UNKNOWN_ADDRESS) from None


def _answer(code: int, port: int = 0) -> bytes:
    host = IPv4Address("127.0.0.1") if port else IPv4Address(0)
    return bytes((_VERSION, code, 0, 1)) + host.packed + port.to_bytes(2)


def _digest(secret: bytes) -> bytes:
    """What a secret is looked up by, so that the time for it tells nothing of it."""
    return hashlib.sha256(secret).digest()

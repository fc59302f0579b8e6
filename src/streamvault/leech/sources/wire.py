"""The bytes of one connection, with back-pressure: what nobody reads stays in the socket; what came is not lost."""

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Callable
from typing import cast

HIGH = 256 * 1024
"""Bytes that wait here before the socket is no longer read."""


class Cut(Exception):
    """The connection ended before what it carries did; the text says how."""


class Wire(asyncio.Protocol):
    """One connection. Unlike those of asyncio.StreamReader, bytes that came before an error are read before it."""

    def __init__(self, count: Callable[[int], None]) -> None:
        """`count` is called with how many bytes came."""
        self._count = count
        self._blocks: deque[bytes] = deque()
        self._held = 0
        self._paused = False
        self._over = False
        self._error: Exception | None = None
        self._news = asyncio.Event()
        self._transport: asyncio.Transport | None = None

    async def read(self) -> bytes:
        """The next bytes; b"" at the end. Raises Cut when the connection broke."""
        while not self._blocks:
            if self._over:
                if self._error is not None:
                    raise Cut("broke the connection") from self._error
                return b""
            self._news.clear()
            await self._news.wait()
        block = self._blocks.popleft()
        self._held -= len(block)
        if self._paused and self._held < HIGH // 2 and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return block

    def write(self, data: bytes) -> None:
        """Send bytes; a request is small enough to be held here until they are gone."""
        if self._transport is not None:
            self._transport.write(data)

    def close(self) -> None:
        """Drop the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are of no such class

    def data_received(self, data: bytes) -> None:
        self._blocks.append(bytes(data))
        self._count(len(data))
        self._held += len(data)
        if self._held >= HIGH and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._news.set()

    def eof_received(self) -> bool:
        self._end(None)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc)

    def _end(self, error: Exception | None) -> None:
        if not self._over:
            self._over, self._error = True, error
        self._news.set()


async def wire_over(
    sock: socket.socket, tls: ssl.SSLContext | None, name: str, *, count: Callable[[int], None] = lambda _: None
) -> Wire:
    """A connected socket as a Wire; with TLS for the host `name`. `count`: see Wire. Raises OSError and ssl.SSLError;
    the socket is closed then.
    """
    loop = asyncio.get_running_loop()
    wire = Wire(count)
    try:
        await loop.create_connection(lambda: wire, sock=sock, ssl=tls, server_hostname=name if tls else None)
    except BaseException:
        sock.close()
        raise
    return wire

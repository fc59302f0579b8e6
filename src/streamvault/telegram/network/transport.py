"""The bytes of one connection to a data centre: framed without copying them about, and heard as they arrive.

Kurigram reads pieces from a StreamReader and joins them again and again, and tells of a packet only when it is
whole. A connection that needs neither obfuscation nor records is taken over here: the kernel writes each
packet into one buffer, which is handed out as a view. The others stay Kurigram's, but tell of every piece.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from pyrogram.connection.transport import TCP, TCPAbridged, TCPIntermediatePadded

MAX_PACKET = 16 << 20
"""Bytes that a packet may have: 1 MiB of a file with its envelope, or a long list; more is no Telegram server."""
_AHEAD = 4096  # bytes that may be read before the length of their packet is known
_LONG = 0x7F

Receive = Callable[[memoryview], None]
"""Takes one packet; the view is good until it returns."""


class Transport(Protocol):
    """What a link needs of its connection. `heard`, `receive` and `closed` are called from the event loop."""

    @property
    def blocked(self) -> bool:
        """Whether the connection takes no more data for now."""
        ...

    async def send(self, packet: bytes) -> None:
        """Send one packet, whole or not at all. OSError when the connection is closed."""
        ...

    async def run(self) -> None:
        """Receive until the connection is closed."""
        ...


def transport_over(
    connection: Any, *, heard: Callable[[], None], receive: Receive, closed: Callable[[], None]
) -> Transport:
    """The fastest wire that this connection of Network's allows."""
    protocol = connection.protocol
    bare = protocol._encrypt is None and protocol._records is None and protocol._web_carrier is None
    if isinstance(protocol, TCPAbridged) and bare:
        return AbridgedTransport(protocol.writer.transport, heard=heard, receive=receive, closed=closed)
    return KurigramTransport(connection, heard=heard, receive=receive, closed=closed)


class AbridgedTransport(asyncio.BufferedProtocol):
    """The abridged transport (core.telegram.org/mtproto/mtproto-transports#abridged), in the place of Kurigram's."""

    def __init__(
        self, transport: Any, *, heard: Callable[[], None], receive: Receive, closed: Callable[[], None]
    ) -> None:
        self._transport = transport
        self._streams = transport.get_protocol()  # it still has to learn how the connection ends
        self._heard, self._receive, self._closed = heard, receive, closed
        self._buffer = memoryview(bytearray(2 * _AHEAD))
        self._filled = 0
        self._wanted = 0  # bytes from the buffer's begin to the end of the packet; 0 until its length is known
        self._writable = asyncio.Event()
        self._writable.set()
        self._over = asyncio.get_running_loop().create_future()
        transport.set_protocol(self)

    @property
    def blocked(self) -> bool:
        """See Wire."""
        return not self._writable.is_set()

    async def send(self, packet: bytes) -> None:
        """See Wire. Nothing is awaited between framing and writing."""
        if self._transport.is_closing():
            raise ConnectionError("the connection is closed")
        words = len(packet) // 4
        head = bytes((words,)) if words < _LONG else b"\x7f" + words.to_bytes(3, "little")
        self._transport.write(head + packet)
        await self._writable.wait()

    async def run(self) -> None:
        """See Wire."""
        await self._over

    def get_buffer(self, sizehint: int) -> memoryview:
        """Called by asyncio: room for the rest of the packet, or for its beginning."""
        return self._buffer[self._filled : self._wanted or self._filled + _AHEAD]

    def buffer_updated(self, nbytes: int) -> None:
        """Called by asyncio: so many bytes more."""
        self._filled += nbytes
        self._heard()
        while self._wanted or self._measure():
            if self._filled < self._wanted:
                return
            rest = self._filled - self._wanted
            self._receive(self._buffer[_head(self._buffer[0]) : self._wanted])
            self._buffer[:rest] = self._buffer[self._wanted : self._filled]
            self._filled, self._wanted = rest, 0

    def _measure(self) -> bool:
        """Read the packet's length, if it is there, and make room for it."""
        buffer = self._buffer
        if not self._filled or self._filled < (head := _head(buffer[0])):
            return False
        length = 4 * (buffer[0] if head == 1 else int.from_bytes(buffer[1:4], "little"))
        if buffer[0] > _LONG or length > MAX_PACKET:
            self._transport.abort()
            return False
        self._wanted = head + length
        if self._wanted + _AHEAD > len(buffer):
            self._buffer = memoryview(bytearray(self._wanted + _AHEAD))
            self._buffer[: self._filled] = buffer[: self._filled]
        return True

    def pause_writing(self) -> None:
        """Called by asyncio."""
        self._writable.clear()
        self._streams.pause_writing()

    def resume_writing(self) -> None:
        """Called by asyncio."""
        self._writable.set()
        self._streams.resume_writing()

    def eof_received(self) -> None:
        """Called by asyncio, which then closes the connection."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        self._streams.connection_lost(exc)
        self._writable.set()
        if not self._over.done():
            self._over.set_result(None)
        self._closed()


class KurigramTransport:
    """A connection whose bytes have to be deciphered or unwrapped, as Kurigram does it."""

    def __init__(
        self, connection: Any, *, heard: Callable[[], None], receive: Receive, closed: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._receive, self._closed = receive, closed
        connection.protocol.heard = heard

    @property
    def blocked(self) -> bool:
        """See Wire."""
        return bool(self._connection.protocol.lock.locked())

    async def send(self, packet: bytes) -> None:
        """See Wire."""
        await self._connection.send(packet)

    async def run(self) -> None:
        """See Wire."""
        while (packet := await self._connection.recv()) is not None:
            self._receive(memoryview(packet))
        self._closed()


class _Heard(TCP):  # type: ignore[misc]
    """Kurigram's, but it tells of every piece, and joins them once."""

    heard: Callable[[], None] = staticmethod(lambda: None)

    async def _recv_from_socket(self, length: int) -> bytes | None:
        data = bytearray()
        try:
            while len(data) < length:
                async with asyncio.timeout(TCP.TIMEOUT):
                    piece = await self.reader.read(length - len(data))
                if not piece:
                    return None
                data += piece
                self.heard()
        except OSError:
            return None
        return bytes(data)


class _HeardAbridged(_Heard, TCPAbridged):  # type: ignore[misc]
    pass


class _HeardPadded(_Heard, TCPIntermediatePadded):  # type: ignore[misc]
    pass


def notifying_transport(kind: type[Any]) -> type[Any]:
    """The transport of ours that stands for one of Kurigram's."""
    return {TCPAbridged: _HeardAbridged, TCPIntermediatePadded: _HeardPadded}[kind]


def _head(first: int) -> int:
    """Bytes that say how long a packet is, from the first of them."""
    return 4 if first == _LONG else 1

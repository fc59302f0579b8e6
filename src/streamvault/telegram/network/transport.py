"""MTProto transports: frame packets without needless copies, and report bytes as they arrive.

Kurigram joins small reads from a StreamReader again and again, and reports a packet only when it is complete. Here a
connection without obfuscation and TLS records is replaced by `AbridgedTransport`: the kernel writes each packet into
one buffer, and the packet is passed on as a view of it. The others keep Kurigram's code, but report every read, so
that a slow packet does not count as silence.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from pyrogram.connection.transport import TCP, TCPAbridged, TCPIntermediatePadded

MAX_PACKET = 16 << 20
"""The most bytes of a packet: far more than 1 MiB of a file needs; a longer one does not come from Telegram."""
_READ_AHEAD = 4096  # bytes that may be read before the length of their packet is known
_LONG = 0x7F

PacketHandler = Callable[[memoryview], None]
"""Handles one packet; the view is valid until it returns."""


class Transport(Protocol):
    """Sends and receives packets. `on_bytes`, `on_packet` and `on_closed` are called from the event loop."""

    @property
    def blocked(self) -> bool:
        """Whether the send buffer is full."""
        ...

    async def send(self, packet: bytes) -> None:
        """Send one packet, completely or not at all. OSError if the connection is closed."""
        ...

    async def run(self) -> None:
        """Receive until the connection is closed."""
        ...


def transport_over(
    connection: Any, *, on_bytes: Callable[[], None], on_packet: PacketHandler, on_closed: Callable[[], None]
) -> Transport:
    """The fastest transport for a connection that Network has opened."""
    protocol = connection.protocol
    plain = protocol._encrypt is None and protocol._records is None and protocol._web_carrier is None
    if isinstance(protocol, TCPAbridged) and plain:
        return AbridgedTransport(protocol.writer.transport, on_bytes=on_bytes, on_packet=on_packet, on_closed=on_closed)
    return KurigramTransport(connection, on_bytes=on_bytes, on_packet=on_packet, on_closed=on_closed)


class AbridgedTransport(asyncio.BufferedProtocol):
    """The abridged transport (core.telegram.org/mtproto/mtproto-transports#abridged), in place of Kurigram's."""

    def __init__(
        self, transport: Any, *, on_bytes: Callable[[], None], on_packet: PacketHandler, on_closed: Callable[[], None]
    ) -> None:
        self._transport = transport
        self._streams = transport.get_protocol()  # it has to be told of the end of the connection too
        self._on_bytes, self._on_packet, self._on_closed = on_bytes, on_packet, on_closed
        self._buffer = memoryview(bytearray(2 * _READ_AHEAD))
        self._filled = 0
        self._packet_end = 0  # offset in the buffer; 0 until the packet's length is known
        self._writable = asyncio.Event()
        self._writable.set()
        self._ended = asyncio.get_running_loop().create_future()
        transport.set_protocol(self)

    @property
    def blocked(self) -> bool:
        """See Transport."""
        return not self._writable.is_set()

    async def send(self, packet: bytes) -> None:
        """See Transport. Nothing is awaited between framing and writing."""
        if self._transport.is_closing():
            raise ConnectionError("the connection is closed")
        words = len(packet) // 4
        head = bytes((words,)) if words < _LONG else b"\x7f" + words.to_bytes(3, "little")
        self._transport.write(head + packet)
        await self._writable.wait()

    async def run(self) -> None:
        """See Transport."""
        await self._ended

    def get_buffer(self, sizehint: int) -> memoryview:
        """Called by asyncio: the space for the rest of the packet, or for its beginning."""
        return self._buffer[self._filled : self._packet_end or self._filled + _READ_AHEAD]

    def buffer_updated(self, nbytes: int) -> None:
        """Called by asyncio: `nbytes` were written into the buffer."""
        self._filled += nbytes
        self._on_bytes()
        while self._packet_end or self._measure():
            if self._filled < self._packet_end:
                return
            rest = self._filled - self._packet_end
            self._on_packet(self._buffer[_header_size(self._buffer[0]) : self._packet_end])
            self._buffer[:rest] = self._buffer[self._packet_end : self._filled]
            self._filled, self._packet_end = rest, 0

    def _measure(self) -> bool:
        """Read the packet's length, if it has arrived, and enlarge the buffer as needed."""
        buffer = self._buffer
        if not self._filled or self._filled < (head := _header_size(buffer[0])):
            return False
        length = 4 * (buffer[0] if head == 1 else int.from_bytes(buffer[1:4], "little"))
        if buffer[0] > _LONG or length > MAX_PACKET:
            self._transport.abort()
            return False
        self._packet_end = head + length
        if self._packet_end + _READ_AHEAD > len(buffer):
            self._buffer = memoryview(bytearray(self._packet_end + _READ_AHEAD))
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
        if not self._ended.done():
            self._ended.set_result(None)
        self._on_closed()


class KurigramTransport:
    """A transport with obfuscation or TLS records, which Kurigram handles."""

    def __init__(
        self, connection: Any, *, on_bytes: Callable[[], None], on_packet: PacketHandler, on_closed: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._on_packet, self._on_closed = on_packet, on_closed
        connection.protocol.on_bytes = on_bytes

    @property
    def blocked(self) -> bool:
        """See Transport."""
        return bool(self._connection.protocol.lock.locked())

    async def send(self, packet: bytes) -> None:
        """See Transport."""
        await self._connection.send(packet)

    async def run(self) -> None:
        """See Transport."""
        while (packet := await self._connection.recv()) is not None:
            self._on_packet(memoryview(packet))
        self._on_closed()


class _NotifyingTcp(TCP):  # type: ignore[misc]
    """Kurigram's TCP transport, but it reports every read, and joins the parts once."""

    on_bytes: Callable[[], None] = staticmethod(lambda: None)

    async def _recv_from_socket(self, length: int) -> bytes | None:
        data = bytearray()
        try:
            while len(data) < length:
                async with asyncio.timeout(TCP.TIMEOUT):
                    piece = await self.reader.read(length - len(data))
                if not piece:
                    return None
                data += piece
                self.on_bytes()
        except OSError:
            return None
        return bytes(data)


class _NotifyingAbridged(_NotifyingTcp, TCPAbridged):  # type: ignore[misc]
    pass


class _NotifyingPadded(_NotifyingTcp, TCPIntermediatePadded):  # type: ignore[misc]
    pass


def notifying_transport(kind: type[Any]) -> type[Any]:
    """The subclass that reports every read, for one of Kurigram's transports."""
    return {TCPAbridged: _NotifyingAbridged, TCPIntermediatePadded: _NotifyingPadded}[kind]


def _header_size(first: int) -> int:
    """The size of the length field in bytes, from its first byte."""
    return 4 if first == _LONG else 1

"""Packet framing of the four TCP transports, on the server's side and without I/O.

Source: core.telegram.org/mtproto/mtproto-transports. A request for a quick acknowledgment (the top
bit of the length) is accepted and not answered; clients must not rely on it.
"""

import os
import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Protocol

MAX_PACKET = 2 * 1024 * 1024  # the largest legal request (a 512 KiB part) with a wide margin
MIN_PACKET = 4

Random = Callable[[int], bytes]


class FramingError(Exception):
    """The stream cannot be parsed any further; the connection has to be closed."""


class Codec(Protocol):
    """One transport's framing; each object serves both directions of one connection."""

    def unframe(self, buffer: bytearray) -> bytes | None:
        """Remove and return the first complete packet in `buffer`, or None; FramingError if it is malformed."""
        ...

    def frame(self, packet: Sequence[bytes]) -> list[bytes]:
        """The pieces to write for one packet, which is itself given in pieces."""
        ...


def _checked(length: int) -> int:
    if not MIN_PACKET <= length <= MAX_PACKET:
        raise FramingError(f"packet length {length}")
    return length


def _take(buffer: bytearray, *, head: int, length: int) -> bytes | None:
    """`length` bytes after a header of `head` bytes, removed with it; None while they are incomplete."""
    end = head + length
    if len(buffer) < end:
        return None
    packet = bytes(memoryview(buffer)[head:end])
    del buffer[:end]
    return packet


def _length(pieces: Sequence[bytes]) -> int:
    return sum(len(piece) for piece in pieces)


class Abridged:
    """One length byte in units of four, or 0x7f and three bytes."""

    def unframe(self, buffer: bytearray) -> bytes | None:
        """See Codec."""
        if not buffer:
            return None
        words = buffer[0] & 0x7F
        if words != 0x7F:
            return _take(buffer, head=1, length=_checked(words * 4))
        if len(buffer) < 4:
            return None
        return _take(buffer, head=4, length=_checked(int.from_bytes(buffer[1:4], "little") * 4))

    def frame(self, packet: Sequence[bytes]) -> list[bytes]:
        """See Codec; the packet's length is a multiple of four."""
        words = _length(packet) // 4
        head = bytes([words]) if words < 0x7F else b"\x7f" + words.to_bytes(3, "little")
        return [head, *packet]


class Intermediate:
    """Four length bytes."""

    def unframe(self, buffer: bytearray) -> bytes | None:
        """See Codec."""
        if len(buffer) < 4:
            return None
        return _take(buffer, head=4, length=_checked(int.from_bytes(buffer[:4], "little") & 0x7FFFFFFF))

    def frame(self, packet: Sequence[bytes]) -> list[bytes]:
        """See Codec."""
        return [_length(packet).to_bytes(4, "little"), *packet]


class PaddedIntermediate(Intermediate):
    """Intermediate with 0 to 15 random bytes behind each packet."""

    def __init__(self, random: Random = os.urandom) -> None:
        self._random = random

    def unframe(self, buffer: bytearray) -> bytes | None:
        """See Codec; removes the padding of encrypted messages; plain ones have a length field of their own."""
        packet = super().unframe(buffer)
        if packet is None or len(packet) < 24 or packet[:8] == bytes(8):
            return packet
        return packet[: len(packet) - (len(packet) - 24) % 16]

    def frame(self, packet: Sequence[bytes]) -> list[bytes]:
        """See Codec."""
        return super().frame([*packet, self._random(self._random(1)[0] & 0x0F)])


class Full:
    """Length, sequence number and CRC-32 around each packet; both sides count from 0."""

    def __init__(self) -> None:
        self._received = 0
        self._sent = 0

    def unframe(self, buffer: bytearray) -> bytes | None:
        """See Codec; a wrong sequence number or checksum is a FramingError."""
        if len(buffer) < 4:
            return None
        length = _checked(int.from_bytes(buffer[:4], "little") - 12)
        if len(buffer) < length + 12:
            return None
        framed = bytes(memoryview(buffer)[: length + 12])
        del buffer[: length + 12]
        if int.from_bytes(framed[4:8], "little") != self._received:
            raise FramingError("sequence number")
        if int.from_bytes(framed[-4:], "little") != zlib.crc32(framed[:-4]):
            raise FramingError("checksum")
        self._received += 1
        return framed[8:-4]

    def frame(self, packet: Sequence[bytes]) -> list[bytes]:
        """See Codec."""
        head = struct.pack("<II", _length(packet) + 12, self._sent)
        self._sent += 1
        checksum = zlib.crc32(head)
        for piece in packet:
            checksum = zlib.crc32(piece, checksum)
        return [head, *packet, checksum.to_bytes(4, "little")]

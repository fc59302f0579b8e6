"""Detects a client's transport from its first bytes; frames packets, and encrypts them where it uses obfuscated2.

Source: core.telegram.org/mtproto/mtproto-transports. Obfuscated2 carries a tag for abridged,
intermediate and padded intermediate; `full` has none and is never obfuscated.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tgemulator.wire.crypto import CtrStream
from tgemulator.wire.framing import Abridged, Codec, FramingError, Full, Intermediate, PaddedIntermediate

NONCE_SIZE = 64
_LARGE = 64 * 1024
_FOREIGN = (b"HEAD", b"POST", b"GET ", b"OPTI", b"\x16\x03\x01\x02")  # HTTP and TLS, which are not supported
_TAGS: dict[bytes, tuple[str, Callable[[], Codec]]] = {
    b"\xef\xef\xef\xef": ("abridged", Abridged),
    b"\xee\xee\xee\xee": ("intermediate", Intermediate),
    b"\xdd\xdd\xdd\xdd": ("padded intermediate", PaddedIntermediate),
}


@dataclass(slots=True)
class _Found:
    name: str
    codec: Codec
    incoming: CtrStream | None = None
    outgoing: CtrStream | None = None


class ServerTransport:
    """Both directions of one connection: bytes from the socket to packets, packets to bytes."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._found: _Found | None = None

    @property
    def name(self) -> str:
        """The transport's name, "" while unknown; that of an obfuscated one ends in " (obfuscated2)"."""
        return self._found.name if self._found else ""

    def feed(self, data: bytes) -> list[bytes]:
        """Packets completed by the next bytes of the stream; FramingError ends the connection."""
        found = self._found
        if found is not None and found.incoming is not None:
            data = found.incoming.apply(data)
        self._buffer += data
        if found is None:
            found = self._found = _detect(self._buffer)
            if found is None:
                return []
        packets = []
        while (packet := found.codec.unframe(self._buffer)) is not None:
            packets.append(packet)
        return packets

    def frame(self, packet: Sequence[bytes]) -> list[bytes]:
        """The pieces to write for one packet given in pieces. FramingError if the client has sent nothing yet.

        Small pieces are joined, large ones are not, since copying a chunk costs more than a write.
        """
        if self._found is None:
            raise FramingError("the client's transport is not known yet")
        pieces = _joined(self._found.codec.frame(packet))
        outgoing = self._found.outgoing
        return pieces if outgoing is None else [outgoing.apply(piece) for piece in pieces]


def _joined(pieces: Sequence[bytes]) -> list[bytes]:
    """The same bytes in fewer pieces."""
    result: list[bytes] = []
    small: list[bytes] = []
    for piece in pieces:
        if len(piece) < _LARGE:
            small.append(piece)
            continue
        if small:
            result.append(b"".join(small))
            small = []
        result.append(piece)
    if small:
        result.append(b"".join(small))
    return result


def _detect(buffer: bytearray) -> _Found | None:
    """The transport, its marker removed from the buffer; None while there are too few bytes."""
    if buffer[:1] == b"\xef":
        del buffer[:1]
        return _Found("abridged", Abridged())
    if len(buffer) < 4:
        return None
    if bytes(buffer[:4]) in _TAGS:
        name, codec = _TAGS[bytes(buffer[:4])]
        del buffer[:4]
        return _Found(name, codec())
    if bytes(buffer[:4]) in _FOREIGN:
        raise FramingError("not MTProto")
    if len(buffer) < 8:
        return None
    if buffer[4:8] == bytes(4):  # sequence number 0, which obfuscated2 excludes
        return _Found("full", Full())
    return _obfuscated(buffer) if len(buffer) >= NONCE_SIZE else None


def _obfuscated(buffer: bytearray) -> _Found:
    nonce = bytes(buffer[:NONCE_SIZE])
    backwards = nonce[55:7:-1]
    incoming = CtrStream(nonce[8:40], nonce[40:56])
    outgoing = CtrStream(backwards[:32], backwards[32:48])
    tag = incoming.apply(nonce)[56:60]
    if tag not in _TAGS:
        raise FramingError("unknown obfuscated2 tag")
    rest = incoming.apply(bytes(buffer[NONCE_SIZE:]))
    buffer[:] = rest
    name, codec = _TAGS[tag]
    return _Found(f"{name} (obfuscated2)", codec(), incoming, outgoing)

"""MP4 boxes made by hand, and what is said of the boxes of a file."""

import struct
from collections.abc import Sequence


def box(kind: str, *content: bytes, large: bool = False) -> bytes:
    data = b"".join(content)
    if large:
        return struct.pack(">I4sQ", 1, kind.encode(), 16 + len(data)) + data
    return struct.pack(">I4s", 8 + len(data), kind.encode()) + data


def chunk_offsets(offsets: Sequence[int], *, wide: bool = False) -> bytes:
    """stco, or co64 if `wide`."""
    code = "Q" if wide else "I"
    return box("co64" if wide else "stco", struct.pack(f">II{len(offsets)}{code}", 0, len(offsets), *offsets))


def track(*tables: bytes, extra: bytes = b"", own: bool = True) -> bytes:
    """A trak with these boxes in its stbl; `own`: its media are in the file."""
    dref = box("dref", struct.pack(">II", 0, 1), box("url ", struct.pack(">I", 1 if own else 0)))
    stbl = box("stbl", box("stsd", b"what it is made of"), *tables, extra)
    return box("trak", box("tkhd", b"matrix"), box("mdia", box("minf", box("dinf", dref), stbl)))


def top(data: bytes) -> list[tuple[str, int, int]]:
    """Type, start and size of each box at the top level."""
    found, at = [], 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if size == 1:
            [size] = struct.unpack_from(">Q", data, at + 8)
        size = size or len(data) - at
        found.append((kind.decode(), at, size))
        at += size
    return found


def content(data: bytes, kind: str) -> bytes:
    """The box of this type, which is there once."""
    [(_, start, size)] = [one for one in top(data) if one[0] == kind]
    return data[start : start + size]

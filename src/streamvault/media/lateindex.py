"""Finds the seek index of a video that lies behind its media data, from the first bytes of the file; pure.

Players read this index before anything else. Known formats: ISO base media (ISO/IEC 14496-12: `moov` behind `mdat`)
and Matroska (RFC 9559: the Cues that the SeekHead points to).
"""

import struct
from collections.abc import Iterator

from streamvault.media.byterange import ByteRange

_EBML, _SEGMENT, _SEEK_HEAD, _SEEK, _SEEK_ID, _SEEK_POSITION, _CUES = (
    0x1A45DFA3, 0x18538067, 0x114D9B74, 0x4DBB, 0x53AB, 0x53AC, 0x1C53BB6B,
)  # fmt: skip
_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"uuid", b"pdin", b"styp", b"sidx", b"meta"})


def late_index(head: bytes, size: int, *, most: int) -> ByteRange | None:
    """The byte range of the index, at most `most` bytes, in a file of `size` bytes that begins with `head`.

    None if the index lies within `head`, or if the file is damaged or of another format.
    """
    start = _after_mdat(head) if head[4:8] in _BOXES else _cues(head)
    if start is None or not len(head) <= start < size:
        return None
    return ByteRange(start, min(size, start + most))


def _after_mdat(head: bytes) -> int | None:
    """The offset behind the first top-level box that ends beyond `head`; None if `moov` came before it."""
    at = 0
    while at + 16 <= len(head):
        length, kind = struct.unpack_from(">I4s", head, at)
        if kind == b"moov" or kind not in _BOXES:
            return None
        if length == 1:
            length = struct.unpack_from(">Q", head, at + 8)[0]
        if length < 8:
            return None  # 0: up to the end of the file; less: damaged
        at += length
    return at


def _cues(head: bytes) -> int | None:
    """The offset of the Cues according to the first SeekHead."""
    segment = next((span for kind, span in _elements(head, 0, len(head)) if kind == _SEGMENT), None)
    if segment is None or not head.startswith(_EBML.to_bytes(4, "big")):
        return None
    for kind, inside in _elements(head, *segment):
        if kind == _SEEK_HEAD:
            for _, seek in _elements(head, *inside):
                fields = {field: int.from_bytes(head[a:b], "big") for field, (a, b) in _elements(head, *seek)}
                if fields.get(_SEEK_ID) == _CUES and _SEEK_POSITION in fields:
                    return segment[0] + fields[_SEEK_POSITION]
    return None


def _elements(data: bytes, at: int, stop: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """(id, (start, stop) of the content) of each EBML element in `data[at:stop]`; ends at the first invalid one."""
    stop = min(stop, len(data))
    while at < stop:
        id_length = 9 - data[at].bit_length()
        kind = int.from_bytes(data[at : at + id_length], "big")
        at += id_length
        if id_length > 4 or at >= stop:
            return
        length = 9 - data[at].bit_length()
        if length > 8 or at + length > stop:
            return
        count = int.from_bytes(data[at : at + length], "big") & ((1 << 7 * length) - 1)
        at += length
        unknown = count == (1 << 7 * length) - 1
        end = stop if unknown else min(stop, at + count)
        yield kind, (at, end)
        at = end if unknown else at + count

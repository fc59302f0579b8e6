"""Films that ffmpeg cannot make: their tracks say something else of the pictures than what they are."""

import struct
from collections.abc import Callable

from streamvault.playback.making.ebml import children, pack, parse_head, unsigned
from streamvault.playback.making.matroska import CLUSTER, INFO, SEGMENT_UNKNOWN, TRACKS

_TYPE, _CODEC, _PRIVATE, _VIDEO = 0x83, 0x86, 0x63A2, 0xE0
_COLOUR, _TRANSFER = 0x55B0, 0x55BA
_MAPPING, _MAPPING_TYPE, _MAPPING_DATA = 0x41E4, 0x41E7, 0x41ED


def renamed(data: bytes, codec: str, private: bytes = b"") -> bytes:
    """A Matroska file whose picture track says that it holds `codec`, with this CodecPrivate."""

    def changed(entry: bytes) -> bytes:
        kept = b"".join(pack(one, content) for one, content in children(entry) if one not in (_CODEC, _PRIVATE))
        return kept + pack(_CODEC, codec.encode()) + (pack(_PRIVATE, private) if private else b"")

    return _with_pictures(data, changed)


def bitmap_header(four: bytes, *, extra: bytes = b"") -> bytes:
    """A BITMAPINFOHEADER with this FourCC, which is the CodecPrivate of V_MS/VFW/FOURCC."""
    return struct.pack("<IiiHH4sIiiII", 40 + len(extra), 320, 180, 1, 24, four, 0, 0, 0, 0, 0) + extra


def with_transfer(data: bytes, transfer: int) -> bytes:
    """A Matroska file whose pictures have these transfer characteristics (ITU-T H.273)."""

    def changed(entry: bytes) -> bytes:
        return b"".join(pack(one, coloured(content) if one == _VIDEO else content) for one, content in children(entry))

    def coloured(settings: bytes) -> bytes:
        others = b"".join(pack(one, content) for one, content in children(settings) if one != _COLOUR)
        return others + pack(_COLOUR, pack(_TRANSFER, bytes([transfer])))

    return _with_pictures(data, changed)


def dolby_vision(profile: int, compatibility: int, *, level: int = 6) -> bytes:
    """A configuration record of Dolby Vision, as its ISOBMFF document has it."""
    return struct.pack(">BBHB19x", 1, 0, profile << 9 | level << 3 | 0b101, compatibility << 4)


def with_dolby_vision(data: bytes, record: bytes, *, kind: bytes = b"dvcC") -> bytes:
    """A Matroska file whose pictures have this configuration record."""
    mapping = pack(_MAPPING, pack(_MAPPING_TYPE, kind) + pack(_MAPPING_DATA, record))
    return _with_pictures(data, lambda entry: entry + mapping)


def _with_pictures(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The file with another entry for its picture track, without an index."""
    head = parse_head(data, 0)
    assert head is not None
    assert head.end is not None
    segment = parse_head(data, head.end)
    assert segment is not None
    parts = list(children(data[segment.data : segment.end]))
    kept = [(one, content) for one, content in parts if one in (INFO, TRACKS, CLUSTER)]
    entries = b"".join(
        pack(identity, change(content) if _is_picture(content) else content)
        for identity, content in children(dict(kept)[TRACKS])
    )
    return data[: head.end] + SEGMENT_UNKNOWN + b"".join(
        pack(one, entries if one == TRACKS else content) for one, content in kept
    )  # fmt: skip


def _is_picture(entry: bytes) -> bool:
    return any(one == _TYPE and unsigned(content) == 1 for one, content in children(entry))


def with_dolby_vision_in_mp4(data: bytes, record: bytes, *, kind: bytes = b"dvcC") -> bytes:
    """An MP4 file with its `moov` before the pictures, whose sample entry of HEVC ends with this configuration record.

    Places of samples are moved along.
    """
    box = struct.pack(">I4s", 8 + len(record), kind) + record
    entry = data.index(b"hev1", data.index(b"stsd")) - 4
    size = int.from_bytes(data[entry : entry + 4], "big")
    made = bytearray(data[: entry + size] + box + data[entry + size :])
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"hev1"):
        at = made.index(name) - 4
        made[at : at + 4] = (int.from_bytes(made[at : at + 4], "big") + len(box)).to_bytes(4, "big")
    at = made.index(b"stco") + 8
    for place in range(at + 4, at + 4 + 4 * int.from_bytes(made[at : at + 4], "big"), 4):
        made[place : place + 4] = (int.from_bytes(made[place : place + 4], "big") + len(box)).to_bytes(4, "big")
    return bytes(made)

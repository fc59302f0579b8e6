"""Fragmented MP4 as HLS and MSE want it: initialization segments and media segments of one track, as bytes.

ISO/IEC 14496-12; byte orders and field sizes as there. Pure.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

TRACK = 1
"""The number of the only track of each file."""

SYNC, NON_SYNC = 0x0200_0000, 0x0101_0000
"""Sample flags: depends on no other sample; depends on others and is no sync sample."""

_PRESENT = 0x0001 | 0x0100 | 0x0200 | 0x0400 | 0x0800
"""Of `trun`: data offset, and of each sample duration, size, flags and composition offset."""

_MATRIX = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})


@dataclass(frozen=True, slots=True)
class Sample:
    """One access unit; `duration` and `offset` (presentation less decode time) in units of the track's timescale."""

    data: bytes
    duration: int
    sync: bool = True
    offset: int = 0


@dataclass(frozen=True, slots=True)
class TrackHeader:
    """What the initialization segment says of a track.

    `description` is its `stsd` box. `timescale` in Hz. `delay`: units by which all presentation times of the segments
    are late, so that no sample is presented before it is decoded; an edit list takes it back.
    """

    kind: str
    timescale: int
    description: bytes
    width: int = 0
    height: int = 0
    delay: int = 0


def box(name: bytes, *parts: bytes) -> bytes:
    """A box of these parts."""
    size = 8 + sum(map(len, parts))
    return b"".join((struct.pack(">I4s", size, name), *parts))


def full_box(name: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """A box with version and flags."""
    return box(name, struct.pack(">I", version << 24 | flags), *parts)


def fragment(sequence: int, decode_time: int, samples: Sequence[Sample]) -> list[bytes]:
    """A media segment as pieces: `moof`, the header of `mdat`, the samples. `decode_time` is that of the first one."""
    rows = b"".join(
        struct.pack(">IIIi", one.duration, len(one.data), SYNC if one.sync else NON_SYNC, one.offset) for one in samples
    )
    size = len(_movie_fragment(sequence, decode_time, rows, count=len(samples), data_at=0))
    moof = _movie_fragment(sequence, decode_time, rows, count=len(samples), data_at=size + 8)
    length = 8 + sum(len(one.data) for one in samples)
    return [moof, struct.pack(">I4s", length, b"mdat"), *(one.data for one in samples)]


def _movie_fragment(sequence: int, decode_time: int, rows: bytes, *, count: int, data_at: int) -> bytes:
    base_is_moof = 0x02_0000
    return box(
        b"moof",
        full_box(b"mfhd", 0, 0, struct.pack(">I", sequence)),
        box(
            b"traf",
            full_box(b"tfhd", 0, base_is_moof, struct.pack(">I", TRACK)),
            full_box(b"tfdt", 1, 0, struct.pack(">Q", decode_time)),
            full_box(b"trun", 1, _PRESENT, struct.pack(">Ii", count, data_at), rows),
        ),
    )


def initialization(track: TrackHeader) -> bytes:
    """The initialization segment of a track."""
    return box(b"ftyp", b"iso6", struct.pack(">I", 0), b"iso6", b"mp41", b"cmfc") + box(
        b"moov",
        full_box(
            b"mvhd", 0, 0,
            struct.pack(">IIIIIH10x", 0, 0, 1000, 0, 0x10000, 0x100), _MATRIX, bytes(24), struct.pack(">I", TRACK + 1),
        ),
        _track(track),
        box(b"mvex", full_box(b"trex", 0, 0, struct.pack(">IIIII", TRACK, 1, 0, 0, 0))),
    )  # fmt: skip


def _track(track: TrackHeader) -> bytes:
    enabled_in_movie = 3
    sound = track.kind == "audio"
    shape = struct.pack(">II", track.width << 16, track.height << 16)
    volume = struct.pack(">8xhhH2x", 0, 0, 0x100 if sound else 0)
    header = full_box(b"tkhd", 0, enabled_in_movie, struct.pack(">IIIII", 0, 0, TRACK, 0, 0), volume, _MATRIX, shape)
    edits = (_edit_list(track.delay),) if track.delay else ()
    media = full_box(b"smhd", 0, 0, bytes(4)) if sound else full_box(b"vmhd", 0, 1, bytes(8))
    handler = b"soun" if sound else b"vide"
    return box(
        b"trak",
        header,
        *edits,
        box(
            b"mdia",
            full_box(b"mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, track.timescale, 0, 0x55C4, 0)),
            full_box(b"hdlr", 0, 0, bytes(4), handler, bytes(12), b"\0"),
            box(b"minf", media, _no_other_file(), box(b"stbl", track.description, *_no_samples())),
        ),
    )


def _edit_list(delay: int) -> bytes:
    """Presentation begins at `delay`; a duration of 0 stands for that of all fragments."""
    return box(b"edts", full_box(b"elst", 0, 0, struct.pack(">IIihh", 1, 0, delay, 1, 0)))


def _no_other_file() -> bytes:
    return box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1)))


def _no_samples() -> tuple[bytes, ...]:
    none = struct.pack(">I", 0)
    return (
        full_box(b"stts", 0, 0, none),
        full_box(b"stsc", 0, 0, none),
        full_box(b"stsz", 0, 0, none, none),
        full_box(b"stco", 0, 0, none),
    )


def aac_description(config: bytes, rate: int, channels: int) -> bytes:
    """The `stsd` box of AAC; `config` is its AudioSpecificConfig, `rate` in Hz."""
    decoder = struct.pack(">BB3xII", 0x40, 0x15, 0, 0) + _descriptor(5, config)
    stream = struct.pack(">HB", 0, 0) + _descriptor(4, decoder) + _descriptor(6, b"\x02")
    sizes = struct.pack(">6xH8xHHHHI", 1, channels, 16, 0, 0, min(rate, 0xFFFF) << 16)
    entry = box(b"mp4a", sizes, full_box(b"esds", 0, 0, _descriptor(3, stream)))
    return full_box(b"stsd", 0, 0, struct.pack(">I", 1), entry)


def av1_description(config: bytes, width: int, height: int) -> bytes:
    """The `stsd` box of AV1; `config` is the content of its `av1C` box (AV1 Codec ISO Media File Format Binding)."""
    resolution = 72 << 16
    shape = struct.pack(">6xH16xHHIIIH32xHh", 1, width, height, resolution, resolution, 0, 1, 24, -1)
    return full_box(b"stsd", 0, 0, struct.pack(">I", 1), box(b"av01", shape, box(b"av1C", config)))


def _descriptor(tag: int, content: bytes) -> bytes:
    """A descriptor of ISO/IEC 14496-1 with a length of four bytes."""
    size = len(content)
    return bytes((tag, size >> 21 & 127 | 128, size >> 14 & 127 | 128, size >> 7 & 127 | 128, size & 127)) + content


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The name and content of each box in `data`. Raises ValueError if they are not whole."""
    at = 0
    while at < len(data):
        if at + 8 > len(data):
            raise ValueError("a box is cut")
        size, name = struct.unpack_from(">I4s", data, at)
        if size < 8 or at + size > len(data):
            raise ValueError(f"the box {name!r} has a wrong size")
        yield name, data[at + 8 : at + size]
        at += size


def find_box(data: bytes, name: bytes) -> bytes:
    """The first box of this name, with its header, inside a movie's containers. Raises ValueError if it is missing."""
    found = _find(data, name)
    if found is None:
        raise ValueError(f"there is no box {name!r}")
    return found


def _find(data: bytes, wanted: bytes) -> bytes | None:
    for name, content in boxes(data):
        if name == wanted:
            return box(name, content)
        if name in _CONTAINERS and (inner := _find(content, wanted)) is not None:
            return inner
    return None

"""Reads the key frames of an MP4 or MOV file out of its index, and what FFmpeg does not show of it through PyAV."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from streamvault.playback.dolby_vision import DolbyVision, of_sample_entry
from streamvault.playback.making.mp4_boxes import MOST_BOXES, find, inner
from streamvault.playback.making.mp4_samples import SampleKey, key_frames
from streamvault.playback.making.reading import BadFile, read_at
from streamvault.reading.sandbox.model import BoundedFile

MOST_INDEX = 24 << 20
"""Bytes of moov at most."""
_ENCRYPTED = frozenset({b"encv", b"enca", b"enct", b"drmi", b"drms"})


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the file itself: `data` is where its content begins, `end` where it ends."""

    type: bytes
    start: int
    data: int
    end: int


@dataclass(frozen=True, slots=True)
class Mp4Track:
    """`handler` vide, soun, text, sbtl ...; `scale` in units per second; `rotation` in degrees clockwise.

    `end` in units: where its last sample ends, edits applied. `shift` is what they add
    to its times.
    """

    id: int
    handler: str
    scale: int
    entry: bytes
    encrypted: bool
    dolby_vision: DolbyVision | None
    rotation: int
    keys: tuple[SampleKey, ...]
    end: int
    shift: int


@dataclass(frozen=True, slots=True)
class Mp4:
    """`fragments` of a fragmented file are (track, time in its units, position of the moof), where they are listed.

    `moov`: where the index ends. `lengths`: the usual duration of a sample of a fragmented track, in its units.
    """

    tracks: tuple[Mp4Track, ...]
    fragmented: bool
    fragments: tuple[tuple[int, int, int], ...]
    brand: str
    moov: int
    lengths: dict[int, int]


def read_mp4(file: BoundedFile) -> Mp4:
    """Raises BadFile if the index is absent, cut off, or larger than MOST_INDEX."""
    tops: dict[bytes, Box] = {}
    for box in _top(file):
        tops.setdefault(box.type, box)
        if b"moov" in tops and box.type in (b"moof", b"mdat"):
            break
    moov = tops.get(b"moov")
    if moov is None:
        raise BadFile("the MP4 file has no index (moov): it was cut off, or is still being written")
    if moov.end - moov.data > MOST_INDEX:
        raise BadFile("the index of the MP4 file is too large")
    index = read_at(file, moov.data, moov.end - moov.data)
    if len(index) < moov.end - moov.data:
        raise BadFile("the index of the MP4 file is cut off")
    movie_scale = _movie_scale(find(index, b"mvhd"))
    tracks = tuple(_track(trak, movie_scale) for kind, trak in inner(index) if kind == b"trak")
    fragmented = any(kind == b"mvex" for kind, _ in inner(index))
    fragments = tuple(_fragments(file, tops.get(b"sidx"))) if fragmented else ()
    brand = read_at(file, tops[b"ftyp"].data, 4).decode("latin-1").strip() if b"ftyp" in tops else "qt"
    usual = (trex for kind, trex in inner(find(index, b"mvex")) if kind == b"trex" and len(trex) >= 16)
    lengths = {int.from_bytes(trex[4:8], "big"): int.from_bytes(trex[12:16], "big") for trex in usual}
    return Mp4(tracks, fragmented, fragments, brand, moov.end, lengths)


def _top(file: BoundedFile) -> Iterator[Box]:
    at = 0
    for _ in range(MOST_BOXES):
        head = read_at(file, at, 16)
        if len(head) < 8:
            return
        size, kind, data = int.from_bytes(head[:4], "big"), head[4:8], at + 8
        if size == 1:
            size, data = int.from_bytes(head[8:16], "big"), at + 16
        end = file.size if size == 0 else at + size
        if end < data:
            return
        yield Box(kind, at, data, end)
        at = end


def _movie_scale(mvhd: bytes) -> int:
    at = 20 if mvhd[:1] == b"\x01" else 12
    return int.from_bytes(mvhd[at : at + 4], "big") or 1


def _track(trak: bytes, movie_scale: int) -> Mp4Track:
    header, media = find(trak, b"tkhd"), find(trak, b"mdia")
    mdhd, table = find(media, b"mdhd"), find(media, b"minf", b"stbl")
    scale = _movie_scale(mdhd)  # at the same place
    handler = find(media, b"hdlr")[8:12].decode("latin-1")
    entry = find(table, b"stsd")[8:]
    long = header[:1] == b"\x01"
    matrix = struct.unpack(">9i", header[52 if long else 40 :][:36]) if len(header) >= (88 if long else 76) else ()
    shift = _shift(find(trak, b"edts", b"elst"), scale, movie_scale)
    keys, end = key_frames(table, shift) if handler == "vide" else ((), 0)
    return Mp4Track(
        id=int.from_bytes(header[20 if long else 12 :][:4], "big"),
        handler=handler,
        scale=scale,
        entry=entry,
        encrypted=entry[4:8] in _ENCRYPTED,
        dolby_vision=of_sample_entry(entry),
        rotation=_rotation(matrix),
        keys=keys,
        end=end,
        shift=shift,
    )


def _rotation(matrix: tuple[int, ...]) -> int:
    if not matrix or (matrix[0] > 0 and matrix[4] > 0):
        return 0
    if matrix[0] < 0 and matrix[4] < 0:
        return 180
    if matrix[0] == matrix[4] == 0:
        return 90 if matrix[1] > 0 else 270
    return 0


def _shift(elst: bytes, scale: int, movie_scale: int) -> int:
    """What is added to the times of a track: its first edits delay it, or cut off its beginning."""
    long, at, delay = elst[:1] == b"\x01", 8, 0
    step = 20 if long else 12
    while at + step <= len(elst):
        length, start = struct.unpack(">Qq" if long else ">Ii", elst[at : at + step - 4])
        if start >= 0:
            return delay * scale // movie_scale - int(start)
        delay += length
        at += step
    return 0


def _fragments(file: BoundedFile, sidx: Box | None) -> Iterator[tuple[int, int, int]]:
    """Random access points of a fragmented file: from mfra at its end, else from sidx at its beginning."""
    length = int.from_bytes(read_at(file, max(0, file.size - 4), 4), "big")
    mfra = read_at(file, file.size - length, length) if 16 <= length <= min(MOST_INDEX, file.size) else b""
    if mfra[4:8] == b"mfra":
        for kind, tfra in inner(mfra[8:]):
            if kind == b"tfra":
                yield from _tfra(tfra)
    elif sidx is not None and sidx.end - sidx.data <= MOST_INDEX:
        yield from _sidx(read_at(file, sidx.data, sidx.end - sidx.data), sidx.end)


def _tfra(tfra: bytes) -> Iterator[tuple[int, int, int]]:
    if len(tfra) < 16:
        return
    track, lengths, count = struct.unpack(">III", tfra[4:16])
    width = 16 if tfra[0] == 1 else 8
    step = width + sum((lengths >> shift & 3) + 1 for shift in (0, 2, 4))
    for at in range(16, min(len(tfra), 16 + count * step) - step + 1, step):
        time, moof = struct.unpack(">QQ" if width == 16 else ">II", tfra[at : at + width])
        yield track, time, moof


def _sidx(sidx: bytes, end: int) -> Iterator[tuple[int, int, int]]:
    if len(sidx) < 24:
        return
    long = sidx[0] == 1
    track = int.from_bytes(sidx[4:8], "big")
    time, first = struct.unpack(">QQ" if long else ">II", sidx[12 : 28 if long else 20])
    at, position = 32 if long else 24, end + first
    while at + 12 <= len(sidx):
        size, duration, sap = struct.unpack(">III", sidx[at : at + 12])
        if size >> 31:  # another sidx, not a fragment
            return
        if sap >> 31:
            yield track, time, position
        time, position, at = time + duration, position + size, at + 12

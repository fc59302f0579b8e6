"""Fragments of MP4 files: the one of a moment, and the last one; FFmpeg would read the head of every fragment."""

import io
import re
import struct
from collections.abc import Iterator

from streamvault.playback.making.locate import place_before
from streamvault.playback.making.mp4 import Mp4, read_mp4
from streamvault.playback.making.mp4_boxes import inner
from streamvault.playback.making.reading import read_at
from streamvault.reading.sandbox.model import BoundedFile

MOST_FRAGMENT = 1 << 20
"""Bytes of the head of a fragment at most."""
MOST_SEARCHED = 16 << 20
"""Bytes in which the next fragment is looked for."""
_PIECE = 1 << 17
_HOLE = struct.Struct(">I4sQ")
_MOOF = b"moof\0\0\0\x10mfhd"
BEGINNING = 2 << 20
"""Bytes of the file behind its index that tell of the tracks."""


class Beginning:
    """The first `size` bytes of a file, as a file."""

    def __init__(self, file: BoundedFile, size: int) -> None:
        self._file, self.size = file, min(size, file.size)

    def read(self, count: int = -1) -> bytes:
        """As io's."""
        left = max(0, self.size - self._file.tell())
        return self._file.read(left if count < 0 else min(count, left)) if left and count else b""

    def seek(self, offset: int, whence: int = 0) -> int:
        """As io's."""
        return self._file.seek(self.size + offset if whence == 2 else offset, 1 if whence == 1 else 0)

    def tell(self) -> int:
        """As io's."""
        return self._file.tell()


class Spliced:
    """The index of a fragmented file, then the file from a fragment on, both where they are: places are counted from
    the beginning of the file. What is between them is an empty box.
    """

    def __init__(self, file: BoundedFile, header: bytes, position: int) -> None:
        hole = position - len(header)
        if hole >= _HOLE.size:
            header += _HOLE.pack(1, b"free", hole)
        else:
            position = len(header)
        self._file, self._header, self._position = file, header, position
        self._at = 0

    def read(self, count: int = -1) -> bytes:
        """As io's; may return less than `count` at the seams."""
        if self._at < len(self._header):
            piece = self._header[self._at :] if count < 0 else self._header[self._at : self._at + count]
        elif self._at < self._position:
            left = min(self._position - self._at, _PIECE)
            piece = bytes(left if count < 0 else min(count, left))
        else:
            self._file.seek(self._at)
            piece = self._file.read(count)
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        """As io's."""
        self._at = max(0, (0, self._at, self._file.size)[whence] + offset)
        return self._at

    def tell(self) -> int:
        """As io's."""
        return self._at


def fragment_from(file: BoundedFile, position: int, end: int, track: int) -> tuple[int, int] | None:
    """(position, time in the track's units) of the first fragment of a track that begins within [position, end)."""
    window, base, limit = b"", position, position + MOST_SEARCHED
    while base < min(end, limit):
        data = read_at(file, base + len(window), _PIECE)
        window += data
        at = window.find(_MOOF)
        while at >= 4 and base + at - 4 < end:
            time = time_of(file, base + at - 4, track)
            if time is not None:
                return base + at - 4, time
            at = window.find(_MOOF, at + 4)
        if not data:
            return None
        keep = max(0, len(window) - len(_MOOF) - 4)
        window, base = window[keep:], base + keep
    return None


def fragment_before(file: BoundedFile, header: bytes, index: int, moment: float, *, end: float) -> int:
    """The position of a fragment that begins at `moment` or before it, of the track of this index; -1: there is none.

    Times in seconds on the clock of the file, which ends at `end`; `header` as KeyFrames.header.
    """
    found = read_mp4(_Header(header))
    track = found.tracks[index]

    def find(begin: int, stop: int) -> tuple[int, float] | None:
        place = fragment_from(file, begin, stop, track.id)
        return None if place is None else (place[0], (place[1] + track.shift) / track.scale)

    return place_before(find, file.size, moment, end=end, first=len(header))


class _Header(io.BytesIO):
    """Bytes as a file."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.size, self.most = len(data), 0


def time_of(file: BoundedFile, position: int, track: int) -> int | None:
    """When a fragment begins, in the units of the track; None if it says nothing of it."""
    for header, start, _ in _runs(_moof(file, position)):
        if int.from_bytes(header[4:8], "big") == track and len(start) >= 8:
            return _time(start)
    return None


def end_of(file: BoundedFile, found: Mp4, track: int) -> int | None:
    """Where the track ends, in its units; None if its last fragment is not found, or unreadable."""
    listed = [position for number, _, position in found.fragments if number == track]
    places = [max(listed)] if listed else _last(file, found.moov)
    length = found.lengths.get(track, 0)
    ends = [
        _end(parts, length)
        for place in places
        for parts in _runs(_moof(file, place))
        if int.from_bytes(parts[0][4:8], "big") == track and len(parts[1]) >= 8
    ]
    return max(ends, default=None)


def _last(file: BoundedFile, first: int) -> list[int]:
    """The positions of the last fragments."""
    end = file.size
    while end > first and file.size - end < MOST_SEARCHED:
        begin = max(first, end - (1 << 20))
        data = read_at(file, begin, end - begin + len(_MOOF))
        found = [begin + one.start() - 4 for one in re.finditer(re.escape(_MOOF), data) if begin + one.start() >= 4]
        if found:
            return found
        end = begin
    return []


def _moof(file: BoundedFile, position: int) -> bytes:
    head = read_at(file, position, 8)
    size = int.from_bytes(head[:4], "big")
    return read_at(file, position + 8, size - 8) if head[4:] == b"moof" and 8 < size <= MOST_FRAGMENT else b""


def _runs(moof: bytes) -> Iterator[tuple[bytes, bytes, list[bytes]]]:
    """`tfhd`, `tfdt` and the `trun` boxes of each track in a fragment."""
    for kind, traf in inner(moof):
        parts = list(inner(traf)) if kind == b"traf" else []
        header = next((data for one, data in parts if one == b"tfhd"), b"")
        start = next((data for one, data in parts if one == b"tfdt"), b"")
        if len(header) >= 8:
            yield header, start, [data for one, data in parts if one == b"trun"]


def _time(tfdt: bytes) -> int:
    return int.from_bytes(tfdt[4 : 12 if tfdt[0] else 8], "big")


def _end(parts: tuple[bytes, bytes, list[bytes]], length: int) -> int:
    header, start, runs = parts
    flags = int.from_bytes(header[1:4], "big")
    if flags & 8:
        at = 8 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0)
        length = int.from_bytes(header[at : at + 4], "big")
    return _time(start) + sum(_length(run, length) for run in runs)


def _length(trun: bytes, length: int) -> int:
    """The durations of the samples of a run."""
    flags, count = int.from_bytes(trun[1:4], "big"), int.from_bytes(trun[4:8], "big")
    if not flags & 0x100:
        return count * length
    at = 8 + (4 if flags & 1 else 0) + (4 if flags & 4 else 0)
    step = sum(4 for flag in (0x100, 0x200, 0x400, 0x800) if flags & flag)
    return sum(
        int.from_bytes(trun[place : place + 4], "big") for place in range(at, min(len(trun), at + count * step), step)
    )

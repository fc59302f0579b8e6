"""The end of a fragmented MP4 file, read out of its last fragment; FFmpeg would read the head of every fragment."""

from streamvault.playback.making.mp4 import Mp4, inner
from streamvault.playback.making.reading import read_at
from streamvault.reading.sandbox.model import BoundedFile

MOST_FRAGMENT = 1 << 20
"""Bytes of the head of a fragment at most."""
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


def end_of(file: BoundedFile, found: Mp4, track: int) -> int | None:
    """Where the track ends, in its units; None if the file lists no fragments, or the last one is unreadable."""
    listed = [position for number, _, position in found.fragments if number == track]
    if not listed:
        return None
    head = read_at(file, max(listed), 8)
    size = int.from_bytes(head[:4], "big")
    if head[4:] != b"moof" or not 8 < size <= MOST_FRAGMENT:
        return None
    moof = read_at(file, max(listed) + 8, size - 8)
    ends = [_end(traf, track, found.lengths.get(track, 0)) for kind, traf in inner(moof) if kind == b"traf"]
    return max((end for end in ends if end), default=None)


def _end(traf: bytes, track: int, length: int) -> int | None:
    parts = list(inner(traf))
    header = next((data for kind, data in parts if kind == b"tfhd"), b"")
    start = next((data for kind, data in parts if kind == b"tfdt"), b"")
    if len(header) < 8 or int.from_bytes(header[4:8], "big") != track or len(start) < 8:
        return None
    flags = int.from_bytes(header[1:4], "big")
    if flags & 8:
        at = 8 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0)
        length = int.from_bytes(header[at : at + 4], "big")
    now = int.from_bytes(start[4 : 12 if start[0] else 8], "big")
    return now + sum(_length(data, length) for kind, data in parts if kind == b"trun")


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

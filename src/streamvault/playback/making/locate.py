"""Finds the bytes of a moment in files without an index, by interpolation."""

from collections.abc import Callable

from streamvault.playback.making.clusters import cluster_from
from streamvault.reading.sandbox.model import BoundedFile

_NEAR = 4.0
"""Seconds before a moment at which it is near enough to be read from."""

_MOST_TRIES = 16
_LOOK = 1 << 17
"""Bytes between a place that is too late and the one to look at next."""

_SCALE = b"\x2a\xd7\xb1"


def cluster_before(file: BoundedFile, header: bytes, moment: float, *, end: float) -> int:
    """The position of a cluster that begins at `moment` or before it, mostly by less than _NEAR seconds.

    Times in seconds on the clock of the file, which ends at `end`; `header` as KeyFrames.header. -1: there is none.
    """
    unit = _scale(header) / 1e9

    def find(begin: int, stop: int) -> tuple[int, float] | None:
        found = cluster_from(file, begin, stop)
        return None if found is None else (found[0], found[1] * unit)

    return place_before(find, file.size, moment, end=end)


def place_before(
    find: Callable[[int, int], tuple[int, float] | None], size: int, moment: float, *, end: float, first: int = 0
) -> int:
    """The position of a place that begins at `moment` or before it, mostly by less than _NEAR seconds; -1: none.

    `find` tells position and time of the first place that begins within a range of bytes; the file has `size` bytes, of
    which those before `first` have none.
    """
    begin = find(first, size)
    if begin is None:
        return -1
    low, low_time = begin
    high, high_time = size, max(end, low_time + 1.0)
    for _ in range(_MOST_TRIES):
        if moment - low_time <= _NEAR or high - low <= _LOOK:
            break
        share = (moment - _NEAR / 2 - low_time) / (high_time - low_time)
        at = min(max(low + 4, low + int(share * (high - low))), high - _LOOK // 2)
        found = find(at, high)
        if found is None:
            high = at
        elif found[1] > moment:
            high, high_time = at, found[1]
        else:
            low, low_time = found
    return low


def _scale(header: bytes) -> int:
    """Nanoseconds of a unit of time: TimestampScale of RFC 9559."""
    at = header.find(_SCALE)
    if at < 0:
        return 1_000_000
    size = header[at + 3] & 0x7F
    return int.from_bytes(header[at + 4 : at + 4 + size], "big") or 1_000_000

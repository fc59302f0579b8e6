"""Finds the cluster of a moment in Matroska files without an index, by interpolation over their bytes."""

from streamvault.playback.making.clusters import cluster_from
from streamvault.reading.sandbox.model import BoundedFile

_NEAR = 4.0
"""Seconds before a moment at which a cluster is near enough to be read from."""

_MOST_TRIES = 16
_LOOK = 1 << 17
"""Bytes between a cluster that is too late and the place to look at next."""

_SCALE = b"\x2a\xd7\xb1"


def cluster_before(file: BoundedFile, header: bytes, moment: float, *, end: float) -> int:
    """The position of a cluster that begins at `moment` or before it, mostly by less than _NEAR seconds.

    Times in seconds on the clock of the file, which ends at `end`; `header` as KeyFrames.header. -1: there is none.
    """
    unit = _scale(header) / 1e9
    first = cluster_from(file, 0, file.size)
    if first is None:
        return -1
    low, low_time = first[0], first[1] * unit
    high, high_time = file.size, max(end, low_time + 1.0)
    for _ in range(_MOST_TRIES):
        if moment - low_time <= _NEAR or high - low <= _LOOK:
            break
        share = (moment - _NEAR / 2 - low_time) / (high_time - low_time)
        at = min(max(low + 4, low + int(share * (high - low))), high - _LOOK // 2)
        found = cluster_from(file, at, high)
        if found is None:
            high = at
        elif found[1] * unit > moment:
            high, high_time = at, found[1] * unit
        else:
            low, low_time = found[0], found[1] * unit
    return low


def _scale(header: bytes) -> int:
    """Nanoseconds of a unit of time: TimestampScale of RFC 9559."""
    at = header.find(_SCALE)
    if at < 0:
        return 1_000_000
    size = header[at + 3] & 0x7F
    return int.from_bytes(header[at + 4 : at + 4 + size], "big") or 1_000_000

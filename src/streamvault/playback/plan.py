"""Cuts a film into segments at its key frames; pure, so that every process cuts alike."""

from collections.abc import Sequence

from streamvault.playback.model import Cut, KeyFrames

TARGET = 5.0
"""Seconds of a segment where the key frames allow it."""
SHORTEST = 2.0
"""Seconds; only the last segment may be shorter."""
LONGEST = 10.0
"""Seconds; longer only where there is no key frame before."""
MOST_BYTES = 24 << 20
"""Bytes of the file for one segment; more only where there is no key frame SHORTEST seconds behind its beginning."""
LAST = 0.04
"""Seconds that the last segment has at least."""


def cut(keys: KeyFrames) -> tuple[Cut, ...]:
    """Segments that follow each other without gaps, and hold every key frame once; () without key frames.

    Times are those of the file's own clock, which need not begin at 0.
    """
    times = [float(key.pts * keys.time_base) for key in keys.keys]
    positions = [key.position for key in keys.keys]
    cuts, first = [], 0
    while first < len(times):
        last = _next(times, positions, first)
        end = times[last] if last < len(times) else max(keys.end, times[-1] + LAST)
        cuts.append(Cut(first, last, times[first], end))
        first = last
    return tuple(cuts)


def _next(times: Sequence[float], positions: Sequence[int], first: int) -> int:
    """The key frame with which the next segment begins; the number of key frames if there is none."""
    best = len(times)
    for number in range(first + 1, len(times)):
        length = times[number] - times[first]
        if length < SHORTEST:
            continue
        if best == len(times):
            best = number
            continue
        if length > LONGEST or _bytes(positions, first, number) > MOST_BYTES:
            break
        if abs(length - TARGET) >= abs(times[best] - times[first] - TARGET):
            break
        best = number
    return best


def _bytes(positions: Sequence[int], first: int, last: int) -> int:
    """Bytes of the file between two key frames, 0 where they are not known."""
    return positions[last] - positions[first] if positions[first] >= 0 and positions[last] >= 0 else 0

"""The pictures of one segment in a file without an index, which is cut at regular times; pure.

A segment begins with the first key frame of its window, so that a player can begin there. A window without a key frame
begins with the first picture that is shown in it, and one without pictures is of no packets: its segment shows the key
frame before it (see making.video), as players stop at an empty one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

LEAD = Fraction(1)
"""Seconds before a window at which reading begins, since pictures are decoded before they are shown."""

_REORDERED = 16
"""Pictures behind one in the order of decoding that may be shown before it."""

_MOST_BEFORE = Fraction(1, 2)
"""Seconds that a picture is decoded before the next one is shown, at most."""

Timed = tuple[Fraction, Any]
"""When a packet is shown, in seconds, and the packet."""


@dataclass(frozen=True, slots=True)
class Window:
    """Seconds on the file's clock: the segment's own window [start, stop), and the one behind it, up to `after`.

    None: the end of the file.
    """

    start: Fraction
    stop: Fraction | None
    after: Fraction | None


def pictures_of(packets: Iterable[Timed], window: Window) -> tuple[list[Timed], Fraction, Fraction | None]:
    """The packets of a segment, and when decoding of it and of the next one begins (None: there is none).

    `packets` in the order of decoding, from LEAD before the window on or earlier. Whoever makes the next segment finds
    the same beginning of it.
    """
    held = _read(packets, window)
    begin, first = _beginning(held, window.start, window.stop)
    if window.stop is None:
        return held[begin:], first, None
    end, until = _beginning(held, window.stop, window.after)
    return held[begin:end], first, until


def _read(packets: Iterable[Timed], window: Window) -> list[Timed]:
    """The packets up to those that tell where the next segment begins."""
    held: list[Timed] = []
    left: int | None = None
    for moment, packet in packets:
        held.append((moment, packet))
        if window.stop is None:
            continue
        if left is None:
            is_next = packet.is_keyframe and moment >= window.stop
            beyond = window.after is not None and moment >= window.after + LEAD
            left = _REORDERED if is_next or beyond else None
        elif left > 1:
            left -= 1
        else:
            break
    return held


def _beginning(held: Sequence[Timed], start: Fraction, stop: Fraction | None) -> tuple[int, Fraction]:
    """The number of the packet with which the segment of this window begins, and when that is decoded.

    A key frame is decoded when it is shown. Any other picture is decoded before the ones behind it that are shown
    before it, by as much as it is shown behind them. Where no picture is shown in the window, it begins at its start.
    """
    for number, (moment, packet) in enumerate(held):
        if packet.is_keyframe and start <= moment and (stop is None or moment < stop):
            return number, moment
    for number, (moment, _) in enumerate(held):
        if moment >= start:
            shown = min(later for later, _ in held[number : number + _REORDERED + 1])
            if stop is not None and shown >= stop:
                return number, start
            return number, shown - min(moment - shown, _MOST_BEFORE)
    return len(held), start


def last_key_before(packets: Iterable[Timed], moment: Fraction) -> Timed | None:
    """The last key frame that is shown before `moment`."""
    last = None
    for shown, packet in packets:
        if shown >= moment + LEAD:
            break
        if packet.is_keyframe and shown < moment:
            last = shown, packet
    return last

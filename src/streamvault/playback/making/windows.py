"""The pictures of one segment in a file without an index, which is cut at regular times; pure.

Pictures belong to windows by a time that never decreases in the order of decoding: when the first of a picture and
those decoded behind it is shown. So each is in one segment, wherever reading began. A segment begins with the first key
frame of its window, so that a player can begin there, or else with the window's first picture. Nothing is sent twice,
since decoders begin anew at a key frame: a window without pictures, where players would stop, takes one of the last of
the window before it, or of the first behind it if there is none before.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Any

LEAD = Fraction(1)
"""Seconds before a window at which reading begins, since pictures are decoded before they are shown."""

_REORDERED = 16
"""Pictures behind one in the order of decoding that may be shown before it."""

_MOST_BEFORE = Fraction(1, 2)
"""Seconds that a picture is decoded before the next one is shown, at most."""

Timed = tuple[Fraction, Any]
"""When a packet is shown, in seconds, and the packet."""


class TooLate(Exception):
    """Reading began too late to tell where a segment begins."""


class NoPictures(Exception):
    """There are fewer pictures than segments."""


@dataclass(frozen=True, slots=True)
class Part:
    """The packets of a segment, and when decoding of it and of the next one begins (None: there is none)."""

    pictures: list[Timed]
    begin: Fraction
    until: Fraction | None


def pictures_of(packets: Iterable[Timed], bounds: Sequence[Fraction], number: int, *, whole: bool) -> Part:
    """The segment of a window; `bounds` are when the windows begin, in seconds of the file's clock.

    `packets` in the order of decoding, from the window before it on or from earlier; `whole`: from the beginning of the
    film. Raises TooLate, NoPictures.
    """
    read = _Read(packets, bounds, number, whole=whole)
    index, begin = read.beginning(number)
    if number + 1 == len(bounds):
        end, until = len(read.held), None
    else:
        end, until = read.beginning(number + 1)
    return Part(read.moved(index, end, number), begin, until)


class _Read:
    """The packets up to those that tell where the next segment begins."""

    def __init__(self, packets: Iterable[Timed], bounds: Sequence[Fraction], number: int, *, whole: bool) -> None:
        self.held: list[Timed] = []
        self._bounds, self._whole = bounds, whole
        self._first: list[Fraction] = []
        """By packet: when the first of it and those behind it is shown."""
        self._take(packets, number)
        self._skipped = 0
        """Windows at the beginning of the film without pictures."""
        if not self.held:
            raise NoPictures if whole else TooLate
        if whole:
            self._skipped = max(0, self._window(0))

    def beginning(self, number: int) -> tuple[int, Fraction]:
        """The number of the packet with which a segment begins, and when that is decoded. Raises as pictures_of."""
        if number <= self._skipped and self._skipped:
            return self._before_pictures(number)
        if number and not self._whole and self._first[0] >= self._bounds[number]:
            raise TooLate
        inside = self._range(number)
        if not inside:
            return self._in_gap(number, inside.start), self._bounds[number]
        key = next((one for one in inside if self.held[one][1].is_keyframe), None)
        return (inside.start, self._decoded(inside.start)) if key is None else (key, self.held[key][0])

    def moved(self, begin: int, end: int, number: int) -> list[Timed]:
        """The packets of a segment; in an empty one those of other windows are shown behind its beginning."""
        own, start = self.held[begin:end], self._bounds[number]
        if not own:
            raise NoPictures
        early = number < self._skipped
        strange = [moment for moment, _ in own if early or moment < start]
        if self._range(number) or not strange:
            return own
        shift = start - min(strange) + min(own[0][0] - min(strange), _MOST_BEFORE)
        return [(moment + shift if early or moment < start else moment, packet) for moment, packet in own]

    def _take(self, packets: Iterable[Timed], number: int) -> None:
        bounds, last = self._bounds, len(self._bounds) - 1
        stop = None if number == last else bounds[number + 1]
        after = None if number + 2 > last else bounds[number + 2]
        for timed in packets:
            self.held.append(timed)
            at = len(self.held) - 1 - _REORDERED
            if at < 0:
                continue
            moment = min(one for one, _ in self.held[at:])
            if at == 0 and self._whole and moment >= bounds[min(1, last)]:  # the film begins with empty windows
                behind = bisect_right(bounds, moment)
                after = None if behind > last else max(bounds[behind], after or bounds[behind])
                stop = None
            is_next = self.held[at][1].is_keyframe and stop is not None and stop <= moment
            if (after is not None and moment >= after) or (is_next and (after is None or moment < after)):
                break
        moments = [moment for moment, _ in self.held]
        self._first = [min(moments[at : at + _REORDERED + 1]) for at in range(len(moments))]
        self._first = list(accumulate(reversed(self._first), min))[::-1]

    def _window(self, packet: int) -> int:
        return bisect_right(self._bounds, self._first[packet]) - 1

    def _range(self, number: int) -> range:
        """The packets of a window; the first one has those before it, too, and the last one those behind it."""
        bounds, packets = self._bounds, self._first
        begin = sum(first < bounds[number] for first in packets) if number else 0
        end = len(packets)
        if number + 1 < len(bounds):
            end = sum(first < bounds[number + 1] for first in packets)
        return range(begin, end)

    def _in_gap(self, number: int, behind: int) -> int:
        """The packet with which an empty window begins; `behind`: the first packet behind the gap."""
        if not behind:
            raise NoPictures if self._whole else TooLate
        before = max(0, self._window(behind - 1))
        if not self._whole and self._first[0] >= self._bounds[before]:
            raise TooLate
        empty = (self._window(behind) if behind < len(self.held) else len(self._bounds)) - before - 1
        places = self._places(self.beginning(before)[0] + 1, behind)
        place = len(places) - empty + number - before - 1
        if place < 0:
            raise NoPictures
        return places[place]

    def _before_pictures(self, number: int) -> tuple[int, Fraction]:
        places = [0, *self._places(1, self._range(self._skipped).stop)]
        if self._skipped >= len(places):
            raise NoPictures
        place = places[number]
        return place, self._bounds[number] if number < self._skipped else self._decoded(place)

    def _places(self, begin: int, end: int) -> list[int]:
        """The packets before which all that were decoded are shown before all others."""
        latest = list(accumulate((moment for moment, _ in self.held), max))
        return [at for at in range(max(1, begin), end) if latest[at - 1] < self._first[at]]

    def _decoded(self, packet: int) -> Fraction:
        """A picture is decoded before those that are shown before it, by as much as it is shown behind them."""
        shown = self._first[packet]
        return shown - min(self.held[packet][0] - shown, _MOST_BEFORE)

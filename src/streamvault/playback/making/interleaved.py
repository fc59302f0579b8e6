"""The packets of a sound track, read no farther than other tracks show that there is none left to find."""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

_MARGIN = Fraction(1)
"""Seconds that sound may lie behind its pictures in the file although none of it has been seen so far."""

_MOST_LATE = Fraction(10)
"""Seconds at most that it is looked for behind its pictures, if it has been seen to lie there."""

_LEADS = Fraction(1, 4)
"""Seconds that sound lies before its pictures in files that are interleaved well."""


class SoundPackets:
    """The packets of `track` that begin before `until`, and whether the file may hold more of them before `begin`.

    `video`: the track of pictures, where reading began at the key frame of `begin`. Both in seconds on the file's
    clock.
    """

    def __init__(self, container: Any, track: int, video: int, *, begin: Fraction, until: Fraction) -> None:
        self.track = track
        self.begins_earlier = False
        """Whether the first sound lay that far before its pictures that the sound of `begin` lies before them, too."""
        self._container, self._video = container, video
        units = [Fraction(container.streams[index].time_base) for index in (track, video)]
        exact = (*units, begin, until, _MARGIN, _MOST_LATE, _LEADS)
        self._second = math.lcm(*(value.denominator for value in exact))
        """Ticks in a second of which each time here is a whole number: fractions took a quarter of the sound's time."""
        self._unit, self._picture_unit = map(self._ticks, units)
        self._begin, self._until = self._ticks(begin), self._ticks(until)
        self._shown, self._late, self._found = self._begin, 0, False

    def packets(self) -> Iterator[Any]:
        """Once. Ends, too, where pictures have come far enough behind `until`."""
        streams = self._container.streams
        margin = self._ticks(_MARGIN)
        for packet in self._container.demux([streams[self.track], streams[self._video]]):
            if packet.stream_index == self.track:
                if not packet.size or packet.pts is None:
                    continue
                moment = packet.pts * self._unit
                self._met(moment)
                if moment >= self._until:
                    return
                yield packet
            elif packet.dts is not None:
                self._shown = max(self._shown, packet.dts * self._picture_unit)
                if self._shown >= self._until + margin + self._late:
                    return

    def _ticks(self, seconds: Fraction) -> int:
        return int(seconds * self._second)

    def _met(self, moment: int) -> None:
        if not self._found:
            self._found, self.begins_earlier = True, moment - self._shown > self._ticks(_LEADS)
        late = self._shown - max(moment, self._begin)
        if late > self._late:
            self._late = min(self._ticks(_MOST_LATE), late)

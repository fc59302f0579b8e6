"""The packets of a sound track, read no farther than other tracks show that there is none left to find."""

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
        self._begin, self._until = begin, until
        self._shown, self._late, self._found = begin, Fraction(0), False

    def packets(self) -> Iterator[Any]:
        """Once. Ends, too, where pictures have come far enough behind `until`."""
        streams = self._container.streams
        sound, pictures = streams[self.track], streams[self._video]
        unit, picture_unit = Fraction(sound.time_base), Fraction(pictures.time_base)
        for packet in self._container.demux([sound, pictures]):
            if packet.stream.index == self.track:
                if not packet.size or packet.pts is None:
                    continue
                self._met(packet.pts * unit)
                if packet.pts * unit >= self._until:
                    return
                yield packet
            elif packet.dts is not None:
                self._shown = max(self._shown, packet.dts * picture_unit)
                if self._shown >= self._until + _MARGIN + self._late:
                    return

    def _met(self, moment: Fraction) -> None:
        if not self._found:
            self._found, self.begins_earlier = True, moment - self._shown > _LEADS
        self._late = min(_MOST_LATE, max(self._late, self._shown - max(moment, self._begin)))

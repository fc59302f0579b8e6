"""The grid of frames on which the sound of a film is cut; pure.

All frames of a track lie on one grid that begins with the film, and a segment holds those of
[start + AFTER_KEY, stop + AFTER_KEY). So the bytes from the segment's key frame on hold the sound that a decoder and
an encoder need before its first frame, and every process makes the same frames.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from streamvault.playback.model import Track

AFTER_KEY = Fraction(1, 4)
"""Seconds by which the sound of a segment begins and ends after its pictures."""

ENCODED_BIT_RATE = 192_000
"""Bits a second of AAC that is made of other sound."""

ENCODED = "mp4a.40.2"
ENCODED_CHANNELS = 2

ENCODED_FRAME = 1024
"""Samples of a frame of AAC that is encoded here."""

COPIED = frozenset({"LC", "HE-AAC", "HE-AACv2"})
"""Profiles of AAC that players take as they are."""


def is_copied(track: Track) -> bool:
    """Whether a track of sound is sent as it is."""
    return track.codec == "aac" and track.profile in COPIED


def sounds_alike(track: Track) -> bool:
    """Whether players are told the same of a track if it is copied and if it is encoded."""
    return not is_copied(track) or (sent_codec(track, copied=True) == ENCODED and track.channels == ENCODED_CHANNELS)


def sent_codec(track: Track, *, copied: bool) -> str:
    """RFC 6381's string of what is sent of a track."""
    return track.codec_string or ENCODED if copied else ENCODED


@dataclass(frozen=True, slots=True)
class Sound:
    """A track of sound.

    `rate` (Hz) of the frames that are sent; `source_rate` and `frame` (samples of a packet, 0: they differ) of the
    source; `begin`: its first sample, in source samples on the clock of the file. `copied`: its packets are sent as
    they are, and `silence` (hexadecimal) where it has none. `origin`: the film's beginning on that clock, in seconds.
    """

    track: int
    rate: int
    source_rate: int
    frame: int
    begin: int
    copied: bool
    origin: Fraction
    silence: str = ""

    @classmethod
    def described(cls, values: Mapping[str, Any], origin: Fraction) -> "Sound":
        """Of the values that making.opening tells."""
        return cls(origin=origin, **values)

    @property
    def sent_frame(self) -> int:
        """Samples of a frame that is sent."""
        return self.frame if self.copied else ENCODED_FRAME

    @property
    def offset(self) -> Fraction:
        """Seconds of the film at which the track begins."""
        return Fraction(self.begin, self.source_rate) - self.origin

    def frames(self, start: Fraction, stop: Fraction, *, first: bool, last: bool) -> range:
        """The numbers of a segment's frames. It is cut by pictures from `start` to `stop`, in seconds of the film.

        The first segment begins with the film, and the last one ends with it.
        """
        begin = self._number(Fraction(0)) if first else self._number(start + AFTER_KEY)
        end = self._number(stop if last else stop + AFTER_KEY)
        return range(begin, max(begin, end))

    def seconds(self, frames: range) -> float:
        """How long these frames sound."""
        return float(Fraction(len(frames) * self.sent_frame, self.rate))

    def _number(self, moment: Fraction) -> int:
        """The number of the first frame that begins at `moment` or later."""
        begin = self.offset if self.copied else 0
        return max(0, math.ceil((moment - begin) * self.rate / self.sent_frame))

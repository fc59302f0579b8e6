"""A film as segments: when each begins and ends, where its bytes lie, and what the job that makes it is told; pure."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from streamvault.media.byterange import ByteRange
from streamvault.playback.model import Cut, Facts, KeyFrames, Probed
from streamvault.playback.sound import is_copied

EARLIER = 2
"""Key frames before a segment's at which the sound of badly interleaved files may be looked for."""

_BEHIND = 1.0
"""Seconds of the next segment whose bytes are read for the sound at a segment's end."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The cuts of a film; `size` in bytes."""

    probed: Probed
    cuts: Sequence[Cut]
    size: int

    @property
    def facts(self) -> Facts:
        return self.probed.facts

    @property
    def keys(self) -> KeyFrames:
        return self.probed.keys

    @property
    def origin(self) -> int:
        """The film's beginning, in units of the key frames' time base; without an index it is not rounded up."""
        units = Fraction(self.facts.start) / self.keys.time_base
        return round(units) if self.keys.exact else math.floor(units)

    @property
    def origin_seconds(self) -> Fraction:
        """The film's beginning on the clock of the file, as the jobs compute it."""
        return self.origin * self.keys.time_base

    @property
    def end(self) -> Fraction:
        """Seconds of the film at which it ends."""
        return Fraction(self.keys.end) - self.origin_seconds

    def begin(self, number: int) -> Fraction:
        """Seconds of the film at which a segment begins; the end of the film for the number after the last."""
        if number >= len(self.cuts):
            return max(self.end, self.begin(len(self.cuts) - 1) + Fraction(1, 10))
        return (self._pts(number) - self.origin) * self.keys.time_base

    @property
    def independent(self) -> bool:
        """Whether each segment can be decoded without the ones before it."""
        return self.keys.exact and not self.facts.open_gop

    def durations(self) -> list[float]:
        """Of the pictures of each segment, in seconds. The first one begins with the film."""
        begins = [Fraction(0), *(self.begin(number) for number in range(1, len(self.cuts) + 1))]
        return [float(end - begin) for begin, end in itertools.pairwise(begins)]

    def job(self, number: int) -> Mapping[str, Any]:
        """The arguments that the jobs of pictures and of sound share."""
        last = number + 1 == len(self.cuts)
        return {
            "number": number,
            "start": self._pts(number),
            "stop": None if last else self._pts(number + 1),
            "origin": self.origin,
            "end": float(self.begin(len(self.cuts))),
            "time_base": [self.keys.time_base.numerator, self.keys.time_base.denominator],
            "exact": self.keys.exact,
        }

    def opening_job(self, *, video: int) -> Mapping[str, Any]:
        """The arguments of making.opening."""
        sounds = self.facts.of_type("audio")
        copied = [track.index for track in sounds if is_copied(track)]
        return {
            "video": video,
            "sounds": [track.index for track in sounds],
            "copied": copied,
            "open_gop": bool(self.facts.open_gop),
        }

    def video_job(self, number: int, *, track: int, delay: int) -> Mapping[str, Any]:
        """The arguments of making.video."""
        bounds = [] if self.keys.exact else [self._pts(one) for one in range(len(self.cuts))]
        own = {"track": track, "position": self.position(number), "delay": delay, "bounds": bounds}
        return {**self.job(number), **own}

    def sound_job(self, number: int, *, video: int, sound: Mapping[str, Any]) -> Mapping[str, Any]:
        """The arguments of making.audio; `sound` as making.opening tells."""
        return {**self.job(number), "sound": dict(sound), "places": self.places(number), "video": video}

    def places(self, number: int) -> list[list[int]]:
        """[position, pts] of the key frame at which a segment begins, and of those of EARLIER segments before it."""
        return [[self.position(one), self._pts(one)] for one in range(number, max(-1, number - EARLIER - 1), -1)]

    def position(self, number: int) -> int:
        """The byte where reading for a segment begins; -1: not known."""
        return self.keys.keys[self.cuts[number].first].position

    def bytes_of(self, number: int) -> ByteRange | None:
        """The bytes of a segment, and those behind it that its sound needs; None if they are not known."""
        begin = self.position(number)
        end = self.size if number + 1 >= len(self.cuts) else self.position(number + 1)
        if not 0 <= begin < end:
            return None
        length = float(self.begin(number + 1) - self.begin(number))
        behind = round((end - begin) * min(1.0, _BEHIND / max(length, 0.1)))
        return ByteRange(begin, min(self.size, end + behind))

    def bytes_from(self, begin: int, number: int) -> ByteRange:
        """About the bytes of a segment whose position is not known, and those behind it that tell where it ends; from
        `begin` on, by its length.
        """
        seconds = float(self.begin(number + 1) - self.begin(number)) + 2 * _BEHIND
        return ByteRange(begin, min(self.size, begin + round(self.size * seconds / max(float(self.end), 1.0))))

    def behind(self, number: int, *, seconds: float, most: int) -> range:
        """The segments before one that end less than `seconds` before it, as far as `most` bytes of the file reach; the
        one before it always.
        """
        first = max(0, number - 1)
        while first > 0 and self.begin(number) - self.begin(first) < seconds:
            if self._bytes_between(first - 1, number) > most:
                break
            first -= 1
        return range(first, number)

    def _bytes_between(self, first: int, last: int) -> int:
        """Bytes of the file from one segment to another; by their times where positions are not known."""
        begin, end = self.position(first), self.position(last)
        if 0 <= begin <= end:
            return end - begin
        return round(self.size * float(self.begin(last) - self.begin(first)) / max(float(self.end), 1.0))

    def peak(self) -> int:
        """The highest bit rate of a segment, bits a second; 0: not known."""
        rates = [
            (after - begin) * 8 / seconds
            for number, seconds in enumerate(self.durations())
            if 0 <= (begin := self.position(number)) < (after := self._after(number)) and seconds > 0
        ]
        return round(max(rates, default=0))

    def mean(self) -> int:
        """The mean bit rate of the film, bits a second."""
        return round(self.size * 8 / max(float(self.end), 1.0))

    def _after(self, number: int) -> int:
        return self.size if number + 1 >= len(self.cuts) else self.position(number + 1)

    def _pts(self, number: int) -> int:
        return self.keys.keys[self.cuts[number].first].pts

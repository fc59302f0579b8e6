"""Puts decoded sound at its exact sample, whatever the container has rounded its times to."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av

_LOOKED_AT = 64
"""Frames from whose times the place of a run is computed."""

_JUMP = Fraction(1, 25)
"""Seconds by which a frame may be away from the end of the one before it; beyond that a new run begins."""

_ROUNDED = Fraction(2, 1000)
"""Seconds that rounding may take a run away from its place on the grid of source frames; beyond that it is moved."""

_DOWN_MIX = {"center_mix_level": "1.0", "surround_mix_level": "0.5", "rematrix_maxval": "1.5"}
"""libswresample's levels: speech, which is in the centre, by 3 dB louder than usual beside the rest."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded frame; `moment` in seconds on the clock of the file."""

    frame: Any
    moment: Fraction


class Canvas:
    """Silent stereo sound of these `samples` of the film (at `rate`, Hz), on which decoded frames are put."""

    def __init__(self, samples: range, *, rate: int) -> None:
        self._samples, self._rate = samples, rate
        self.planes = [bytearray(4 * len(samples)) for _ in range(2)]
        """32-bit floats of the left and right channel."""

    def place(self, frames: Sequence[Decoded], *, begin: int, frame: int, origin: Fraction) -> None:
        """`begin`, `frame`: see audio.Sound; `origin`: the film's beginning on the clock of the file, seconds."""
        for run in _runs(frames):
            rate = run[0].frame.sample_rate
            at = Fraction(_first_sample(run, begin=begin, frame=frame), rate) - origin
            self._draw(run, round(at * self._rate))

    def _draw(self, run: Sequence[Decoded], at: int) -> None:
        resampler: Any = av.AudioResampler("fltp", "stereo", self._rate, options=_DOWN_MIX)
        for decoded in [*run, None]:
            if decoded is not None:
                decoded.frame.pts = None
            for part in resampler.resample(decoded.frame if decoded is not None else None):
                self._put(part, at)
                at += part.samples

    def _put(self, part: Any, at: int) -> None:
        begin, end = max(at, self._samples.start), min(at + part.samples, self._samples.stop)
        if begin >= end:
            return
        to = 4 * (begin - self._samples.start)
        for plane, source in zip(self.planes, part.planes, strict=True):
            plane[to : to + 4 * (end - begin)] = memoryview(source)[4 * (begin - at) : 4 * (end - at)]


def _runs(frames: Sequence[Decoded]) -> Iterator[list[Decoded]]:
    """The frames in runs of adjacent ones of the same kind."""
    run: list[Decoded] = []
    follows = Fraction(0)
    for decoded in frames:
        adjacent = run and abs(decoded.moment - follows) <= _JUMP and _kind(decoded) == _kind(run[0])
        if run and not adjacent:
            yield run
            run = []
        if not adjacent:
            follows = decoded.moment
        run.append(decoded)
        follows += Fraction(decoded.frame.samples, decoded.frame.sample_rate)
    if run:
        yield run


def _kind(decoded: Decoded) -> tuple[str, int, str]:
    frame = decoded.frame
    return frame.format.name, frame.sample_rate, frame.layout.name


def _first_sample(run: Sequence[Decoded], *, begin: int, frame: int) -> int:
    """Where the run begins, in samples of its own rate on the clock of the file.

    The end of the first frame is on the grid of source frames: decoders cut the encoder's delay off its beginning.
    """
    rate = int(run[0].frame.sample_rate)
    before, places = 0, list[Fraction]()
    for decoded in run[:_LOOKED_AT]:
        places.append(decoded.moment * rate - before)
        before += decoded.frame.samples
    usual = statistics.median_low(places)
    regular = [place for place in places if abs(place - usual) <= _ROUNDED * rate]
    middle = (min(regular) + max(regular)) / 2  # rounded to units, they lie evenly around the true place
    if frame:
        length = int(run[0].frame.samples)
        snapped = begin + round((middle + length - begin) / frame) * frame - length
        if abs(snapped - middle) <= _ROUNDED * rate:
            return snapped
    return round(middle)

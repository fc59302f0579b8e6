"""What was heard: the sound of a recording as samples, and the tones and gaps in it. Needs PyAV.

tones(recording.audio(), window=0.5)   # [Tone(at=..., frequency=440.1, level=-9.0), ...]
"""

import cmath
import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from tgemulator.sfu.recording import Arrival
from tgemulator.sfu.rtp import AUDIO_CLOCK

RATE = 8000
"""Samples per second: enough for tones below 4 kHz, and cheap."""
SILENCE = -50.0
"""dBFS below which nothing counts as heard."""
_LATE = 0.25  # seconds by which a packet after a break may differ from its place by RTP time
_BLOCK = 0.02
_FULL_SCALE = 32768.0


@dataclass(frozen=True, slots=True)
class Tone:
    """A window: its begin (Unix seconds), the strongest frequency in Hz (None: silence), the level in dBFS."""

    at: float
    frequency: float | None
    level: float


@dataclass(frozen=True, slots=True)
class Run:
    """Windows of one tone in a row."""

    frequency: float | None
    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Samples:
    """Mono 16-bit samples at RATE from `at` (Unix seconds) on; where nothing came they are 0."""

    at: float
    values: "array[int]"


def heard(arrivals: Sequence[Arrival]) -> Samples:
    """The decoded sound, each packet at the time at which it arrived.

    Within a run of packets the RTP times place them, so that uneven arrival leaves no holes; after a break the arrival
    does. What was sent while muted by an administrator is silence.
    """
    audible = [arrival for arrival in arrivals if not arrival.muted]
    if not audible:
        return Samples(0.0, array("h"))
    start = audible[0].at
    values = array("h")
    for at, samples in _decoded(audible):
        place = max(0, round((at - start) * RATE))
        if place > len(values):
            values.extend([0] * (place - len(values)))
        values[place : place + len(samples)] = samples
    return Samples(start, values)


def tones(arrivals: Sequence[Arrival], *, window: float = 0.5) -> list[Tone]:
    """The strongest tone of each window of so many seconds; a last shorter one is left out."""
    samples, size = heard(arrivals), round(window * RATE)
    found = []
    for start in range(0, len(samples.values) - size + 1, size):
        part = samples.values[start : start + size]
        level = level_of(part)
        frequency = strongest(part) if level >= SILENCE else None
        found.append(Tone(samples.at + start / RATE, frequency, level))
    return found


def runs(found: Sequence[Tone], *, tolerance: float = 10.0, window: float = 0.5) -> list[Run]:
    """Neighbouring windows whose tones differ by at most `tolerance` Hz, as one each."""
    made: list[Run] = []
    for tone in found:
        last = made[-1] if made else None
        if last is not None and _alike(last.frequency, tone.frequency, tolerance):
            made[-1] = Run(last.frequency, last.at, last.seconds + window)
        else:
            made.append(Run(tone.frequency, tone.at, window))
    return made


def gaps(arrivals: Sequence[Arrival], *, longest: float = 0.5) -> list[tuple[float, float]]:
    """(begin in Unix seconds, seconds) of each stretch of silence, or of nothing at all, that is longer than that."""
    samples, size = heard(arrivals), round(_BLOCK * RATE)
    blocks = range(0, len(samples.values), size)
    quiet = [level_of(samples.values[start : start + size]) < SILENCE for start in blocks]
    found, length = [], 0
    for number, silent in enumerate([*quiet, False]):
        if silent:
            length += 1
        elif length * _BLOCK > longest:
            found.append((samples.at + (number - length) * _BLOCK, length * _BLOCK))
        length = length if silent else 0
    return found


def level_of(values: "array[int]") -> float:
    """The level of samples in dBFS, -inf for digital silence."""
    power = sum(value * value for value in values) / max(1, len(values))
    return 10 * math.log10(power / _FULL_SCALE**2) if power else -math.inf


def _decoded(arrivals: Sequence[Arrival]) -> Iterator[tuple[float, "array[int]"]]:
    """(place in Unix seconds, samples) of each packet."""
    decoder, place, before = None, 0.0, None
    for arrival in arrivals:
        packet = arrival.packet
        if before is None or packet.source != before.source:
            decoder, place = _Decoder(), arrival.at
        else:
            step = ((packet.timestamp - before.timestamp) & 0xFFFFFFFF) / AUDIO_CLOCK
            place = place + step if step < 60 else arrival.at
            whole = (packet.sequence - before.sequence) & 0xFFFF == 1
            if arrival.at - place > (2 * _LATE if whole else _LATE):
                place = arrival.at
        assert decoder is not None
        before = packet
        yield place, decoder.samples(packet.payload)


class _Decoder:
    """Opus to mono samples at RATE."""

    def __init__(self) -> None:
        import av

        self._packet: Any = av.Packet
        self._codec = av.CodecContext.create("libopus", "r")
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)

    def samples(self, payload: bytes) -> "array[int]":
        """The samples of one packet."""
        values = array("h")
        for frame in self._codec.decode(self._packet(payload)):
            for part in self._resampler.resample(frame):
                values.frombytes(bytes(part.planes[0])[: 2 * part.samples])
        return values


def strongest(values: "array[int]", *, rate: int = RATE) -> float:
    """The frequency of the strongest tone, in Hz, between the bins of the transform by a parabola."""
    size = 1 << (len(values) - 1).bit_length()
    shaped = [value * weight + 0j for value, weight in zip(values, _hann(len(values)), strict=True)]
    spectrum = [abs(value) for value in _transform(shaped + [0j] * (size - len(values)))[: size // 2]]
    top = max(range(2, size // 2 - 1), key=spectrum.__getitem__)
    low, peak, high = spectrum[top - 1 : top + 2]
    bend = low - 2 * peak + high
    return (top + (0.5 * (low - high) / bend if bend else 0.0)) * rate / size


def _transform(values: list[complex]) -> list[complex]:
    """The discrete Fourier transform of 2^n values (radix 2)."""
    size = len(values)
    if size == 1:
        return values
    even, odd = _transform(values[::2]), _transform(values[1::2])
    turned = [factor * value for factor, value in zip(_factors(size), odd, strict=True)]
    return [a + b for a, b in zip(even, turned, strict=True)] + [a - b for a, b in zip(even, turned, strict=True)]


@cache
def _factors(size: int) -> list[complex]:
    return [cmath.exp(-2j * math.pi * k / size) for k in range(size // 2)]


@cache
def _hann(size: int) -> list[float]:
    return [0.5 - 0.5 * math.cos(2 * math.pi * n / size) for n in range(size)]


def _alike(first: float | None, second: float | None, tolerance: float) -> bool:
    if first is None or second is None:
        return first is second
    return abs(first - second) <= tolerance

"""Encodes sound to AAC-LC stereo: always the same bytes for the same samples."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av

from streamvault.playback.sound import ENCODED_BIT_RATE, ENCODED_FRAME

OPTIONS = {"aac_coder": "fast", "aac_is": "0"}
"""Half of the processor time of "twoloop"; without intensity stereo as good to the ear (benchmarks/RESULTS.md)."""

AHEAD = 4
"""Frames to encode before the first one that is kept, so that the encoder's state no longer depends on its start."""

BEHIND = 2
"""Frames to encode after the last one that is kept, for the encoder's delay."""

_RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350)
_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 7: "7.1"}
"""By the channelConfiguration of ISO/IEC 14496-3."""

_SETTLED = 4
"""Frames of silence after which the encoder has told all that it tells once."""

_HIGHEST, _USUAL = 48_000, 48_000


def encoded_rate(rate: int) -> int:
    """The sample rate (Hz) of AAC made of sound with this one."""
    return rate if rate in _RATES and rate <= _HIGHEST else _USUAL


def config_of(rate: int, channels: int) -> bytes:
    """The AudioSpecificConfig of AAC-LC."""
    return (2 << 11 | _RATES.index(rate) << 7 | channels << 3).to_bytes(2, "big")


def silent_frame(config: bytes) -> bytes:
    """A silent frame for a track with this AudioSpecificConfig; empty if it describes its channels on its own."""
    head = int.from_bytes(config[:2].ljust(2, b"\0"), "big")
    frequency, channels = head >> 7 & 15, head >> 3 & 15
    if frequency >= len(_RATES) or channels not in _LAYOUTS:
        return b""
    encoder: Any = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = _RATES[frequency], _LAYOUTS[channels], "fltp"
    encoder.time_base = Fraction(1, _RATES[frequency])
    frame: Any = av.AudioFrame(format="fltp", layout=_LAYOUTS[channels], samples=ENCODED_FRAME)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    made: list[bytes] = []
    for number in range(_SETTLED):
        frame.sample_rate, frame.time_base, frame.pts = _RATES[frequency], encoder.time_base, number * ENCODED_FRAME
        made += [bytes(packet) for packet in encoder.encode(frame)]
    return made[-1]


def encode(planes: Sequence[bytearray], *, rate: int, first: int, count: int) -> list[bytes]:
    """The frames [first, first + count) of the grid.

    `planes` are a channel's 32-bit floats each, from AHEAD frames before `first` to BEHIND after the last.
    """
    encoder: Any = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = rate, "stereo", "fltp"
    encoder.bit_rate, encoder.time_base = ENCODED_BIT_RATE, Fraction(1, rate)
    encoder.options = dict(OPTIONS)
    encoder.open()
    kept: list[bytes] = []
    size = ENCODED_FRAME * 4
    for number in range(count + AHEAD + BEHIND + 1):
        packets = encoder.encode(_frame(planes, number * size, rate, (first - AHEAD + number) * ENCODED_FRAME)
                                 if number < count + AHEAD + BEHIND else None)  # fmt: skip
        kept += [bytes(packet) for packet in packets if first <= packet.pts // ENCODED_FRAME < first + count]
    return kept


def _frame(planes: Sequence[bytearray], at: int, rate: int, pts: int) -> Any:
    frame: Any = av.AudioFrame(format="fltp", layout="stereo", samples=ENCODED_FRAME)
    for plane, samples in zip(frame.planes, planes, strict=True):
        plane.update(memoryview(samples)[at : at + ENCODED_FRAME * 4])
    frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), pts
    return frame

"""A participant that speaks without a client: a tone in Opus packets, sent to everybody in a call. Needs PyAV."""

import asyncio
import math
from array import array
from collections.abc import Callable
from functools import cache

from tgemulator.sfu.rtp import AUDIO_CLOCK, RtpPacket

_PACKET = 0.02
_OPUS = 111
_AMPLITUDE = 8000


@cache
def tone_packets(frequency: int) -> list[bytes]:
    """A second of a tone of so many Hz as Opus of 20 ms each, which can be repeated without a break."""
    import av

    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = AUDIO_CLOCK, "stereo", "s16"
    encoder.options = {"application": "audio", "frame_duration": "20"}
    size = round(AUDIO_CLOCK * _PACKET)
    found: list[bytes] = []
    for start in range(0, 2 * AUDIO_CLOCK, size):  # the first second has the begin of the tone in it
        frame = av.AudioFrame("s16", "stereo", size)
        frame.planes[0].update(_samples(frequency, start, size).tobytes())
        frame.sample_rate, frame.pts = AUDIO_CLOCK, start
        found += [bytes(packet) for packet in encoder.encode(frame)]
    return found[AUDIO_CLOCK // size : 2 * AUDIO_CLOCK // size]


def _samples(frequency: int, start: int, size: int) -> "array[int]":
    """Stereo samples of a tone."""
    step = 2 * math.pi * frequency / AUDIO_CLOCK
    return array("h", [round(_AMPLITUDE * math.sin(step * n)) for n in range(start, start + size) for _ in (0, 1)])


class Speaker:
    """Sends a tone under one source from its making on, until `stop`; `muted` it is silent."""

    def __init__(self, source: int, frequency: int, send: Callable[[RtpPacket], None]) -> None:
        self.muted = False
        self._source, self._send = source, send
        self._packets = tone_packets(frequency)
        self._loop = asyncio.get_running_loop()
        self._begun, self._count = self._loop.time(), 0
        self._timer = self._loop.call_soon(self._speak)

    def stop(self) -> None:
        """Send nothing more. May be called again."""
        self._timer.cancel()

    def _speak(self) -> None:
        """Send the next packet, and call again when the one after it is due."""
        if not self.muted:
            payload = self._packets[self._count % len(self._packets)]
            time = self._count * round(AUDIO_CLOCK * _PACKET)
            self._send(RtpPacket(_OPUS, self._count, time, self._source, self._count == 0, payload))
        self._count += 1
        self._timer = self._loop.call_at(self._begun + self._count * _PACKET, self._speak)

"""Encodes the sounds of films and songs, each for itself or as a cut of a recording that several share."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import av

from streamvault.demo.tunes import Tune, play

AUDIO_RATE = 48_000
RECORDED = 44
"""Seconds of a recording."""
RECORDED_RATE = 24_000
"""Half of what other tracks have: a tune has nothing above 4 kHz, and encoding it takes half as long."""

PacketStream = Iterator[tuple[float, Any]]
"""(seconds, packet) in order of time."""


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """One audio track; `codec` is FFmpeg's encoder name, `language` ISO 639-2, `layout` FFmpeg's name of one.

    `start`: the second of the tune's recording at which the track begins; None: the tune is played for this track.
    """

    tune: Tune
    codec: str = "aac"
    language: str = "und"
    title: str = ""
    layout: str = "stereo"
    start: float | None = None


def add_track(output: Any, track: AudioTrack, *, seconds: float) -> PacketStream:
    """Add the track to a container that is open for writing; its packets."""
    if track.start is None:
        stream = _encoder(output, track)
        packets = _encoded(stream, track.tune, seconds=seconds)
    else:
        source = av.open(io.BytesIO(_recording(track.tune, track.codec)))
        stream = output.add_stream_from_template(source.streams.audio[0])
        packets = _cut(source, stream, start=track.start, seconds=seconds)
    if track.language != "und":
        stream.metadata["language"] = track.language
    if track.title:
        stream.metadata["title"] = track.title
    return packets


def with_times(packets: list[Any]) -> PacketStream:
    """Encoded packets with their times."""
    for packet in packets:
        yield float((packet.dts or 0) * packet.time_base), packet


def _encoder(output: Any, track: AudioTrack, *, rate: int = AUDIO_RATE) -> Any:
    stream = output.add_stream(track.codec, rate=rate, layout=track.layout)
    stream.bit_rate = {"libopus": 64_000, "ac3": 256_000}.get(track.codec, 128_000)
    return stream


def _encoded(stream: Any, tune: Tune, *, seconds: float) -> PacketStream:
    for frame in play(tune, seconds=seconds, rate=stream.rate):
        yield from with_times(stream.encode(frame))
    yield from with_times(stream.encode(None))


@lru_cache(maxsize=2)
def _recording(tune: Tune, codec: str) -> bytes:
    """RECORDED seconds of the tune in Matroska."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska", options={"fflags": "+bitexact"}) as output:
        stream = _encoder(output, AudioTrack(tune, codec), rate=RECORDED_RATE)
        for _, packet in _encoded(stream, tune, seconds=RECORDED):
            output.mux(packet)
    return buffer.getvalue()


def _cut(source: Any, stream: Any, *, start: float, seconds: float) -> PacketStream:
    """The packets from `start` on, `seconds` long in all, with times from 0 on."""
    first: int | None = None
    with source:
        for packet in source.demux():
            at = None if packet.pts is None else float(packet.pts * packet.time_base)
            if at is None or at < start or at >= start + seconds:
                continue
            first = packet.pts if first is None else first
            packet.pts = packet.dts = packet.pts - first
            packet.stream = stream
            yield float(packet.pts * packet.time_base), packet

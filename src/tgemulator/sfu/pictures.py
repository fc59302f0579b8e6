"""What was shown: the video of a recording as frames, and decoded. Only decoding needs PyAV.

for picture in pictures(recording): picture.at, picture.image.to_ndarray(...)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tgemulator.sfu.recording import Arrival, Recording

_H264_STAP, _H264_FU = 24, 28
_H264_SPS = 7
_START_CODE = b"\0\0\0\1"


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as it was sent: when its last packet arrived (Unix seconds), its RTP time, and the coded bytes.

    `whole` False: packets of it are missing.
    """

    at: float
    timestamp: int
    key: bool
    data: bytes
    whole: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded frame; `image` is an av.VideoFrame."""

    at: float
    timestamp: int
    image: Any


def largest_layer(arrivals: Sequence[Arrival]) -> int | None:
    """The source that has sent most of these packets' bytes, None without any: of simulcast layers the largest."""
    sizes: dict[int, int] = {}
    for arrival in arrivals:
        packet = arrival.packet
        sizes[packet.source] = sizes.get(packet.source, 0) + len(packet.payload)
    return max(sizes, key=sizes.__getitem__, default=None)


def frames(recording: Recording, *, since: float = 0.0, source: int | None = None) -> list[Frame]:
    """The frames of one source (default: of the largest layer), in the order in which they were sent."""
    arrivals = recording.video(since=since)
    chosen = largest_layer(arrivals) if source is None else source
    groups: list[list[Arrival]] = []
    for arrival in arrivals:
        if arrival.packet.source == chosen:
            if not groups or groups[-1][0].packet.timestamp != arrival.packet.timestamp:
                groups.append([])
            groups[-1].append(arrival)
    made: list[Frame] = []
    expected: int | None = None  # the sequence number with which the next frame begins
    for group in groups:
        made.append(_frame(group, recording.codec, expected=expected))
        expected = (group[-1].packet.sequence + 1) & 0xFFFF
    return made


def pictures(recording: Recording, *, since: float = 0.0, source: int | None = None) -> Iterator[Picture]:
    """The decoded frames, from the first key frame on; after a frame with a hole, from the next key frame on."""
    import av

    decoder: Any = None
    for frame in frames(recording, since=since, source=source):
        if not frame.whole:
            decoder = None
            continue
        if frame.key and decoder is None:
            decoder = av.CodecContext.create("h264" if recording.codec == "H264" else "vp8", "r")
        if decoder is not None:
            for image in decoder.decode(av.Packet(frame.data)):
                yield Picture(frame.at, frame.timestamp, image)


def _frame(group: list[Arrival], codec: str, *, expected: int | None) -> Frame:
    """The frame in packets of one RTP time; they come in order, as there is one hop on loopback."""
    packets = [arrival.packet for arrival in group]
    steps = [(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(packets)]
    payloads = [packet.payload for packet in packets]
    data, begins, key = _h264(payloads) if codec == "H264" else _vp8(payloads)
    begins = begins and expected in (None, packets[0].sequence)
    whole = begins and packets[-1].marker and all(step == 1 for step in steps)
    return Frame(group[-1].at, packets[0].timestamp, key, data, whole)


def _vp8(payloads: list[bytes]) -> tuple[bytes, bool, bool]:
    """(data, whether the first packet begins it, whether it is a key frame) of a frame of VP8 (RFC 7741)."""
    parts = [payload[_vp8_descriptor(payload) :] for payload in payloads]
    data = b"".join(parts)
    begins = bool(payloads[0][:1]) and payloads[0][0] & 0x17 == 0x10
    return data, begins, begins and bool(data) and not data[0] & 1


def _vp8_descriptor(payload: bytes) -> int:
    """The length of a payload descriptor."""
    if len(payload) < 2 or not payload[0] & 0x80:
        return 1
    flags, size = payload[1], 2
    if flags & 0x80:
        size += 2 if payload[size : size + 1] >= b"\x80" else 1
    return size + bool(flags & 0x40) + bool(flags & 0x30)


def _h264(payloads: list[bytes]) -> tuple[bytes, bool, bool]:
    """The same of a frame of H.264 (RFC 6184), with start codes between its units."""
    data, begins, key = bytearray(), True, False
    for number, payload in enumerate(payloads):
        kind = payload[0] & 0x1F if payload else 0
        if kind == _H264_FU:
            first = bool(payload[1] & 0x80)
            begins = begins and (first or number > 0)
            data += (_START_CODE + bytes([payload[0] & 0xE0 | payload[1] & 0x1F]) if first else b"") + payload[2:]
        else:
            for unit in _units(payload) if kind == _H264_STAP else [payload]:
                data += _START_CODE + unit
                key = key or (unit[:1] != b"" and unit[0] & 0x1F == _H264_SPS)
    return bytes(data), begins, key


def _units(payload: bytes) -> Iterator[bytes]:
    """The units in a STAP-A."""
    at = 1
    while at + 2 <= len(payload):
        size = int.from_bytes(payload[at : at + 2], "big")
        yield payload[at + 2 : at + 2 + size]
        at += 2 + size

"""Sound and pictures of recordings: places in time, tones, gaps, frames with holes."""

import math
from array import array
from collections.abc import Iterator
from fractions import Fraction

import av
import pytest

from tgemulator.sfu.pictures import frames, pictures
from tgemulator.sfu.recording import Arrival, Recording
from tgemulator.sfu.rtp import RtpPacket
from tgemulator.sfu.sound import RATE, Samples, gaps, heard, level_of, runs, tones
from tgemulator.sfu.speaker import tone_packets

BEGIN = 1_700_000_000.0


def arrivals(frequency: int, *, at: float, first: int = 0, jitter: float = 0.0) -> list[Arrival]:
    """A second of a tone from `at` on."""
    return [
        Arrival(
            BEGIN + at + 0.02 * number + (jitter if number % 2 else 0.0),
            RtpPacket(111, first + number, 960 * (first + number), 1, False, payload),
        )
        for number, payload in enumerate(tone_packets(frequency))
    ]


def rounded(found: list[Arrival]) -> list[tuple[float, float, float]]:
    return [(round(run.frequency or 0, -1), round(run.at - BEGIN, 1), run.seconds) for run in runs(tones(found))]


def test_nothing_is_nothing() -> None:
    assert (tones([]), gaps([]), runs([]), len(heard([]).values)) == ([], [], [], 0)
    assert level_of(array("h", [0] * 10)) == -math.inf


def test_uneven_arrival_leaves_no_holes_and_a_pause_leaves_one() -> None:
    steady = arrivals(440, at=0, jitter=0.15) + arrivals(880, at=1, first=50)
    assert rounded(steady) == [(440, 0, 1), (880, 1, 1)]
    assert gaps(steady) == []
    paused = arrivals(440, at=0) + arrivals(880, at=3, first=50)  # the sender's RTP time stood still
    assert rounded(paused) == [(440, 0, 1), (0, 1, 2), (880, 3, 1)]
    [(at, seconds)] = gaps(paused)
    assert (round(at - BEGIN, 1), round(seconds, 1)) == (1, 2)
    assert gaps(paused, longest=2.5) == []


def test_another_connection_is_placed_by_its_arrival() -> None:
    again = [
        Arrival(arrival.at + 2, RtpPacket(111, 9, arrival.packet.timestamp + 12345, 2, False, arrival.packet.payload))
        for arrival in arrivals(880, at=0)
    ]
    assert rounded(arrivals(440, at=0) + again[:1] + again[1:])[0] == (440, 0, 1)
    assert rounded(arrivals(440, at=0) + again)[-1][:2] == (880, 2)


def test_what_was_muted_is_silence() -> None:
    muted = [Arrival(arrival.at, arrival.packet, muted=True) for arrival in arrivals(440, at=1, first=50)]
    found = arrivals(440, at=0) + muted + arrivals(880, at=2, first=100)
    assert rounded(found) == [(440, 0, 1), (0, 1, 1), (880, 2, 1)]
    assert isinstance(heard(found), Samples)
    assert abs(len(heard(found).values) - 3 * RATE) < RATE / 50


def coded(codec: str, number: int) -> Iterator[tuple[bytes, bool]]:
    """(data, whether it is a key frame) of grey frames that become brighter; the third one is a key frame, too."""
    encoder = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 320, 180, "yuv420p", Fraction(1, 30)
    vp8 = {"deadline": "realtime", "lag-in-frames": "0"}
    encoder.options = vp8 if codec == "libvpx" else {"tune": "zerolatency", "preset": "ultrafast"}
    for count in range(number):
        frame = av.VideoFrame(320, 180, "yuv420p")
        for plane, value in zip(frame.planes, (30 + 20 * count, 128, 128), strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts, frame.pict_type = count, 1 if count == 2 else 0
        for packet in encoder.encode(frame):
            yield bytes(packet), packet.is_keyframe


def vp8_payloads(data: bytes) -> list[bytes]:
    """Packets of a frame, each with a descriptor that has a picture id."""
    parts = [data[at : at + 20] for at in range(0, len(data), 20)]
    return [bytes([0x90 if number == 0 else 0x80, 0x80, 0x81, 0x23]) + part for number, part in enumerate(parts)]


def h264_payloads(data: bytes) -> list[bytes]:
    """Packets of a frame: parameter sets together, slices in fragments."""
    units = [
        unit.rstrip(b"\0") if unit[0] & 0x1F in (7, 8) else unit
        for unit in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")
        if unit
    ]
    sets = [unit for unit in units if unit[0] & 0x1F in (7, 8)]
    found = [b"\x78" + b"".join(len(unit).to_bytes(2, "big") + unit for unit in sets)] if sets else []
    for unit in (unit for unit in units if unit[0] & 0x1F not in (7, 8)):
        parts = [unit[1:][at : at + 20] for at in range(0, len(unit) - 1, 20)]
        for number, part in enumerate(parts):
            mark = 0x80 if number == 0 else 0x40 if number == len(parts) - 1 else 0
            whole = len(parts) == 1
            found.append(unit if whole else bytes([unit[0] & 0xE0 | 28, mark | unit[0] & 0x1F]) + part)
    return found


def filmed(codec: str, encoder: str, *, lost: int | None = None) -> Recording:
    """A recording of five frames in two layers; the packet `lost` of the larger one is missing."""
    recording, sequence = Recording(codec=codec), 0
    for count, (data, _) in enumerate(coded(encoder, 5)):
        payloads = vp8_payloads(data) if codec == "VP8" else h264_payloads(data)
        for place, payload in enumerate(payloads):
            packet = RtpPacket(100, sequence, 3000 * count, 2, place == len(payloads) - 1, payload)
            if sequence != lost:
                recording.add_video(Arrival(BEGIN + count, packet))
            sequence += 1
        recording.add_video(Arrival(BEGIN + count, RtpPacket(100, count, 3000 * count, 1, True, b"\x10\1")))
    return recording


@pytest.mark.parametrize(("codec", "encoder"), [("VP8", "libvpx"), ("H264", "libx264")])
def test_frames_of_the_larger_layer_are_decoded_in_order(codec: str, encoder: str) -> None:
    recording = filmed(codec, encoder)
    assert [frame.whole for frame in frames(recording)] == [True] * 5
    assert [frame.key for frame in frames(recording)] == [True, False, True, False, False]
    assert len(frames(recording, since=BEGIN + 2)) == 3
    found = list(pictures(recording))
    assert [picture.at - BEGIN for picture in found] == [0, 1, 2, 3, 4]
    grey = [bytes(picture.image.planes[0])[0] for picture in found]
    assert all(abs(value - 30 - 20 * count) < 6 for count, value in enumerate(grey))
    assert (recording.counts[2].frames, recording.counts[1].frames) == (5, 5)


@pytest.mark.parametrize(("codec", "encoder"), [("VP8", "libvpx"), ("H264", "libx264")])
def test_after_a_hole_decoding_begins_again_at_the_next_key_frame(codec: str, encoder: str) -> None:
    recording = filmed(codec, encoder, lost=1)
    assert [frame.whole for frame in frames(recording)] == [False, True, True, True, True]
    assert [picture.at - BEGIN for picture in pictures(recording)] == [2, 3, 4]


def test_a_recording_forgets_its_oldest_packets() -> None:
    recording = Recording()
    for number in range(70):
        recording.add_audio(Arrival(BEGIN + number, RtpPacket(111, number, 0, 1, False, bytes(1 << 20))))
    assert [arrival.packet.sequence for arrival in recording.audio()] == list(range(6, 70))
    assert recording.counts[1].packets == 70
    recording.clear()
    assert (recording.audio(), recording.counts) == ([], {})

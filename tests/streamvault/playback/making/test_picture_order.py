"""AVI has pictures in the order of decoding: when each is shown is read out of the pictures themselves."""

import io
from fractions import Fraction
from functools import cache

import av
import pytest

from streamvault.playback.making.picture_order import PictureOrder, shown_at
from streamvault.playback.making.probe import probe_file
from streamvault.playback.plan import cut
from streamvault.playback.timeline import Timeline
from tests.support.ffmpeg_films import FILMS as SHARED
from tests.support.ffmpeg_films import H264_B, OPEN_GOP, Film, Sound, frame_number, make
from tests.support.repackaged import FileInMemory, Repackaged, packets

MP3 = (Sound(("libmp3lame",)),)
PYRAMID = ("libx264", "-preset", "fast", "-x264-params", "keyint=1000:scenecut=0:bframes=5:b-pyramid=normal:ref=4",
           "-pix_fmt", "yuv420p")  # fmt: skip
FILMS = {
    "b frames": Film("avi", H264_B, MP3),
    "pyramid": Film("avi", PYRAMID, MP3),
    "open gop": Film("avi", OPEN_GOP, MP3, keys=()),
    "high 4:4:4": Film("avi", (*PYRAMID[:-1], "yuv444p"), MP3),
    "interlaced": Film("avi", (*PYRAMID, "-flags", "+ilme+ildct"), MP3),
}


@cache
def repackaged(name: str) -> Repackaged:
    data = make(FILMS[name]).read_bytes()
    probed = probe_file(FileInMemory(data))
    assert probed.facts.reason == ""
    return Repackaged(data, Timeline(probed, cut(probed.keys), len(data)))


def shown(data: bytes, track: int = 0) -> list[tuple[int, Fraction]]:
    """The number in each picture in the order in which a decoder gives them, and its time."""
    found = []
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.video[0]
        for frame in container.decode(stream):
            plane = frame.reformat(format="gray").planes[0]
            number = frame_number(bytes(plane), plane.line_size, frame.width)
            found.append((number, (frame.pts or 0) * Fraction(stream.time_base or 1)))
    return found


@pytest.mark.parametrize("name", FILMS)
def test_pictures_of_avi_are_shown_in_order_and_in_time(name: str) -> None:
    film = repackaged(name)
    with av.open(io.BytesIO(film.data)) as container:
        decoded = sorted(
            one.dts * one.time_base for one in container.demux(video=0) if one.dts is not None and one.size
        )
    assert len(film.timeline.cuts) >= 3
    joined = film.joined(film.video)
    found = shown(joined)
    assert [number for number, _ in found] == list(range(600))
    begin = film.timeline.origin_seconds
    late = [float(moment - (there - begin)) for (_, moment), there in zip(found, decoded, strict=True)]
    assert max(map(abs, late)) < 0.001
    assert len(packets(joined)) == len(decoded)


@pytest.mark.parametrize("name", ["mkv", "mp4", "ts", "mp4 open gop"])
def test_the_order_is_that_which_other_containers_tell(name: str) -> None:
    with av.open(str(SHARED[name].path)) as container:
        stream = container.streams.video[0]
        found = [(one.pts * one.time_base, bytes(one)) for one in container.demux(stream) if one.pts is not None]
        order = PictureOrder(bytes(stream.codec_context.extradata or b""))
    told = [moment for moment, _ in found]
    assert shown_at(sorted(told), [data for _, data in found], order) == told


def test_pictures_that_do_not_tell_are_refused() -> None:
    data = make(FILMS["b frames"]).read_bytes()
    broken = data.replace(b"\0\0\0\1\x67", b"\0\0\0\1\x6c").replace(b"\0\0\1\x67", b"\0\0\1\x6c")
    found = probe_file(FileInMemory(broken))
    assert "when its pictures are shown" in found.facts.reason or found.facts.video is None
    assert found.keys.keys == ()


@pytest.mark.parametrize("data", [b"", b"\0\0\1", b"\0\0\1\x65", b"\0\0\1\x67\0", b"\0\0\1\x67" + bytes(40), b"x" * 50])
def test_damage_tells_nothing(data: bytes) -> None:
    assert PictureOrder(b"")(data) is None
    assert PictureOrder(data)(data) is None
    assert PictureOrder(b"\1" + data)(data) is None


FILLERS = {
    "drop": b"\x7f",
    "delimiter": b"\0\0\1\x09\x10",
    "filler": b"\0\0\1\x0c\xff\xff\x80",
    "damage": b"\0\0\1\x65",
}
"""Packets that hold no picture, as codecs of Video for Windows write them where one is dropped or late."""


@pytest.mark.parametrize("kind", FILLERS)
def test_packets_without_a_picture_are_left_out(kind: str) -> None:
    filler = FILLERS[kind]
    with av.open(str(make(FILMS["b frames"]))) as container:
        stream = container.streams.video[0]
        found = [(one.is_keyframe, bytes(one)) for one in container.demux(stream) if one.size]
        unit, private = Fraction(stream.time_base or 1), bytes(stream.codec_context.extradata or b"")
        written = io.BytesIO()
        with av.open(written, "w", format="avi") as output:
            made = output.add_stream_from_template(stream)
            made.codec_context.codec_tag = "X264"
            listed = [(False, filler)] * 2 + found[:200] + [(False, filler)] + found[200:]
            for number, (key, data) in enumerate(listed):
                packet = av.Packet(data)
                packet.stream, packet.time_base = made, unit
                packet.pts = packet.dts = number
                packet.is_keyframe = key
                output.mux(packet)
    assert PictureOrder(private)(filler) is None
    data = written.getvalue()
    probed = probe_file(FileInMemory(data))
    assert probed.facts.reason == ""
    film = Repackaged(data, Timeline(probed, cut(probed.keys), len(data)))
    assert len(film.timeline.cuts) >= 3
    numbers = shown(film.joined(film.video))
    assert [number for number, _ in numbers] == list(range(600))
    times = [float(moment) for _, moment in numbers]
    expected = [float((number + (number >= 200)) * unit) for number in range(600)]
    begin = times[0]
    late = [time - begin - there for time, there in zip(times, expected, strict=True)]
    assert max(map(abs, late)) <= 3.001 * float(unit), "some pictures around the one that is missing are moved"


def test_a_segment_without_any_picture_is_no_segment() -> None:
    assert shown_at([], [], PictureOrder(b"")) == []
    with pytest.raises(ValueError, match="no picture"):
        shown_at([Fraction(0), Fraction(1)], [b"\x7f", b"\0\0\1\x65"], PictureOrder(b""))

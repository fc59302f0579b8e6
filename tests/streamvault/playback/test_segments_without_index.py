"""Files without an index are cut at regular times: no segment is empty, and each picture is in one of them."""

import io
import itertools
from functools import cache

import av
import pytest

from streamvault.playback import playlists
from streamvault.playback.making.fmp4 import boxes
from streamvault.playback.making.nal import from_annex_b
from streamvault.playback.making.probe import probe_file
from streamvault.playback.plan import cut
from streamvault.playback.timeline import Timeline
from tests.support.ffmpeg_films import AAC, AC3, H264, H264_B, OPEN_GOP, Film, Sound, make, run_ffmpeg, without_cues
from tests.support.repackaged import FileInMemory, Repackaged, packets

LONG = (0.0, 12.4, 13.0, 26.0)
"""Seconds of key frames: windows of 5 s without any, and with several."""
NEAR = (0.0, 4.98, 10.02, 15.0, 19.96, 25.04)
"""Key frames that are decoded before the beginning of a window and shown behind it, and the like."""
FRAGMENTS = ("-movflags", "+frag_keyframe+empty_moov+default_base_moof+skip_trailer")
FILMS = {
    "ts": Film("ts", H264_B, (Sound(AC3),), seconds=31, keys=LONG),
    "ts near": Film("ts", H264_B, (Sound(AC3),), seconds=31, keys=NEAR),
    "ts open gop": Film("ts", OPEN_GOP, (Sound(AC3),), seconds=31, keys=()),
    "mkv": Film("mkv", H264_B, (Sound(AAC),), seconds=31, keys=LONG, edit=without_cues),
    "mp4": Film("mp4", H264, (Sound(AAC),), seconds=31, keys=LONG, output=FRAGMENTS),
}  # fmt: skip


@cache
def repackaged(name: str) -> Repackaged:
    data = make(FILMS[name]).read_bytes()
    probed = probe_file(FileInMemory(data))
    return Repackaged(data, Timeline(probed, cut(probed.keys), len(data)))


def begins(joined: bytes) -> list[float]:
    """When the first picture of each segment is decoded, in seconds."""
    found = [dict(boxes(dict(boxes(content))[b"traf"]))[b"tfdt"] for name, content in boxes(joined) if name == b"moof"]
    return [int.from_bytes(box[4:], "big") / 90_000 for box in found]


def counts(joined: bytes) -> list[int]:
    """The pictures of each segment."""
    found = [dict(boxes(dict(boxes(content))[b"traf"]))[b"trun"] for name, content in boxes(joined) if name == b"moof"]
    return [int.from_bytes(box[4:8], "big") for box in found]


@pytest.mark.parametrize("name", FILMS)
def test_each_picture_is_in_one_segment_and_none_is_empty(name: str) -> None:
    film = repackaged(name)
    assert not film.timeline.keys.exact
    joined = film.joined(film.video)
    source = packets(film.data, film.video)
    if name.startswith("ts"):
        source = [(moment, from_annex_b(data)) for moment, data in source]
    made = packets(joined)
    assert [data for _, data in made] == [data for _, data in source]
    begin = float(film.timeline.origin_seconds)
    assert max(abs(moment - (there - begin)) for (moment, _), (there, _) in zip(made, source, strict=True)) < 0.001
    assert len(counts(joined)) == len(film.timeline.cuts) >= 5
    assert min(counts(joined)) > 0
    with av.open(io.BytesIO(joined)) as container:
        times = [one.dts for one in container.demux(container.streams.video[0]) if one.dts is not None]
    assert all(before < after for before, after in itertools.pairwise(times))


@pytest.mark.parametrize("name", FILMS)
def test_each_segment_begins_in_its_window_with_a_key_frame_where_there_is_one(name: str) -> None:
    film = repackaged(name)
    durations, found = film.timeline.durations(), begins(film.joined(film.video))
    starts = list(itertools.accumulate(durations, initial=0.0))
    with av.open(io.BytesIO(film.data)) as container:
        stream = container.streams[film.video]
        origin = float(film.timeline.origin_seconds)
        keys = [
            float(one.pts * stream.time_base) - origin
            for one in container.demux(stream)
            if one.is_keyframe and one.pts is not None
        ]
    reordering = 0.3
    for number, begin in enumerate(found):
        start, stop = starts[number], starts[number + 1]
        inside = [key for key in keys if start - 1e-6 <= key < stop - 1e-6]
        if inside and number:
            assert begin == pytest.approx(inside[0], abs=0.002)
        else:
            assert start - reordering <= begin < stop


def test_the_playlist_does_not_promise_that_segments_begin_with_key_frames() -> None:
    line = repackaged("ts").timeline
    assert not line.independent
    assert "INDEPENDENT" not in playlists.master(line)


def with_holes(pictures: str, *, rate: int = 25) -> bytes:
    """31 s of MPEG-TS with sound; of its pictures those that the filter of ffmpeg selects, a key frame each second."""
    lavfi = ("-f", "lavfi", "-i")
    sources = (*lavfi, f"testsrc2=s=64x36:r={rate}:d=31", *lavfi, "sine=duration=31")
    coders = (
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-g",
        str(rate),
        "-bf",
        "2",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "ac3",
    )
    chosen = ("-vf", f"select={pictures}", "-fps_mode", "vfr")
    return run_ffmpeg([*sources, *chosen, *coders, "-f", "mpegts", "-"])


@pytest.mark.parametrize(
    ("pictures", "stills"),
    [("'lt(t,12)'", [3, 4, 5]), ("'lt(t,7)+gt(t,21)'", [2, 3]), ("'lt(t,2)+gt(t,28)'", [1, 2, 3, 4])],
)
def test_a_window_without_pictures_shows_the_key_frame_before_it(pictures: str, stills: list[int]) -> None:
    """Players stop at an empty segment: a recording with a gap, or whose sound goes on."""
    data = with_holes(pictures)
    probed = probe_file(FileInMemory(data))
    film = Repackaged(data, Timeline(probed, cut(probed.keys), len(data)))
    source, joined = packets(data, film.video), film.joined(film.video)
    own = [from_annex_b(one) for _, one in source]
    found = counts(joined)
    assert [number for number, count in enumerate(found) if count == 1] == stills
    assert sum(found) == len(own) + len(stills)
    sent = iter([one for _, one in packets(joined)])
    in_segments = [[next(sent) for _ in range(count)] for count in found]
    with av.open(io.BytesIO(data)) as container:
        keys = [from_annex_b(bytes(one)) for one in container.demux(video=0) if one.is_keyframe]
    for number in stills:
        before = [one for part in in_segments[:number] for one in part]
        assert in_segments[number] == [[one for one in before if one in keys][-1]]
    assert [one for number, part in enumerate(in_segments) if number not in stills for one in part] == own
    starts = list(itertools.accumulate(film.timeline.durations(), initial=0.0))
    assert [begins(joined)[number] for number in stills] == pytest.approx([starts[one] for one in stills], abs=0.01)
    with av.open(io.BytesIO(joined)) as container:
        times = [one.dts for one in container.demux(container.streams.video[0]) if one.dts is not None]
    assert all(before < after for before, after in itertools.pairwise(times))

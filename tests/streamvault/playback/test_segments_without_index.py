"""Files without an index are cut at regular times: no segment is empty, and each picture is in one of them."""

import hashlib
import io
import itertools
from collections.abc import Callable
from functools import cache

import av
import pytest

from streamvault.playback import playlists
from streamvault.playback.making.fmp4 import boxes
from streamvault.playback.making.nal import from_annex_b
from streamvault.playback.making.probe import probe_file
from streamvault.playback.making.windows import NoPictures
from streamvault.playback.plan import cut
from streamvault.playback.timeline import Timeline
from tests.support.ffmpeg_films import (
    AAC,
    AC3,
    H264,
    H264_B,
    OPEN_GOP,
    Film,
    Sound,
    make,
    without_cues,
    written_by_ffmpeg,
)
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
        pictures = [
            (float(one.pts * stream.time_base) - origin, one.is_keyframe)
            for one in container.demux(stream)
            if one.pts is not None
        ]
    keys = [  # with the time of their first leading picture
        (moment, min(later for later, _ in pictures[at : at + 17])) for at, (moment, key) in enumerate(pictures) if key
    ]
    reordering = 0.3
    for number, begin in enumerate(found):
        start, stop = starts[number], starts[number + 1]
        inside = [key for key, first in keys if start - 1e-6 <= first < stop - 1e-6]
        if inside and number:
            assert begin == pytest.approx(inside[0], abs=0.002)
        else:
            assert start - reordering <= begin < stop


def test_the_playlist_does_not_promise_that_segments_begin_with_key_frames() -> None:
    line = repackaged("ts").timeline
    assert not line.independent
    assert "INDEPENDENT" not in playlists.master(line)


def with_holes(pictures: str, *, rate: int = 25, keys: int = 25) -> bytes:
    """31 s of MPEG-TS with sound; of its pictures those that the filter of ffmpeg selects."""
    lavfi = ("-f", "lavfi", "-i")
    sources = (*lavfi, f"testsrc2=s=64x36:r={rate}:d=31", *lavfi, "sine=duration=31")
    coders = (
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-g",
        str(keys),
        "-bf",
        "2",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "ac3",
    )
    chosen = ("-vf", f"select={pictures}", "-fps_mode", "vfr")
    return written_by_ffmpeg([*sources, *chosen, *coders, "-f", "mpegts", "-"])


def film_of(data: bytes) -> Repackaged:
    probed = probe_file(FileInMemory(data))
    return Repackaged(data, Timeline(probed, cut(probed.keys), len(data)))


def pixels(data: bytes, track: int = 0) -> list[str]:
    """Digests of the decoded pictures in the order in which they are shown."""
    with av.open(io.BytesIO(data)) as container:
        frames = container.decode(container.streams[track])
        return [hashlib.sha256(bytes(frame.reformat(format="gray").planes[0])).hexdigest() for frame in frames]


@pytest.mark.parametrize(
    ("pictures", "stills"),
    [
        ("'lt(t,12)'", [3, 4, 5]), ("'lt(t,7)+gt(t,21)'", [2, 3]), ("'lt(t,2)+gt(t,28)'", [1, 2, 3, 4]),
        ("'gt(t,12)'", [0, 1]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("keys", [25, 1000])
def test_a_window_without_pictures_takes_one_of_its_neighbour(pictures: str, stills: list[int], keys: int) -> None:
    """Players stop at an empty segment; and an inserted key frame would empty the decoder's references."""
    data = with_holes(pictures, keys=keys)
    film = film_of(data)
    joined = film.joined(film.video)
    source = packets(data, film.video)
    sent, found = packets(joined), counts(joined)
    assert [one for _, one in sent] == [from_annex_b(one) for _, one in source]
    assert pixels(joined) == pixels(data, film.video)
    assert len(found) == len(film.timeline.cuts)
    assert min(found) > 0
    starts = list(itertools.accumulate(film.timeline.durations(), initial=0.0))
    assert [begins(joined)[number] for number in stills] == pytest.approx([starts[one] for one in stills], abs=0.01)
    shown = [min(moment for moment, _ in sent[sum(found[:one]) : sum(found[: one + 1])]) for one in stills]
    assert shown == pytest.approx([starts[one] for one in stills], abs=0.51)
    with av.open(io.BytesIO(joined)) as container:
        times = [one.dts for one in container.demux(container.streams.video[0]) if one.dts is not None]
    assert all(before < after for before, after in itertools.pairwise(times))


@pytest.mark.parametrize("rate", [1, 2, 10, "varied"])
@pytest.mark.parametrize("form", ["mpegts", "matroska"])
def test_pictures_that_are_decoded_long_before_they_are_shown(form: str, rate: int | str) -> None:
    data = slow(form, rate)
    film = film_of(data)
    assert not film.timeline.keys.exact
    joined = film.joined(film.video)
    source = [one if form == "matroska" else from_annex_b(one) for _, one in packets(data, film.video)]
    assert [one for _, one in packets(joined)] == source
    assert min(counts(joined)) > 0
    assert pixels(joined) == pixels(data, film.video)


def slow(form: str, rate: int | str) -> bytes:
    """70 s with four B-frames and a key frame only at the beginning, in Matroska without its index."""
    lavfi, filters = ("-f", "lavfi", "-i"), ("-vf", "select='lt(mod(n,50),12)'", "-fps_mode", "vfr")
    sources = (*lavfi, f"testsrc2=s=64x36:r={10 if rate == 'varied' else rate}:d=70", *lavfi, "sine=duration=70")
    pictures = ("-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-bf", "4", "-b_strategy", "0", "-g", "300")
    chosen = filters if rate == "varied" else ()
    output = ("-live", "1") if form == "matroska" else ()
    return written_by_ffmpeg(
        [*sources, *chosen, *pictures, "-pix_fmt", "yuv420p", "-c:a", "ac3", "-f", form, *output, "-"]
    )


def test_pictures_that_are_too_far_apart_are_refused() -> None:
    lavfi = ("-f", "lavfi", "-i")
    sources = (*lavfi, "testsrc2=s=64x36:r=1/20:d=80", *lavfi, "sine=duration=80")
    coders = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "ac3", "-f", "mpegts", "-")
    film = film_of(written_by_ffmpeg([*sources, *coders]))
    with pytest.raises(NoPictures):
        film.joined(film.video)


def shifted(data: bytes) -> bytes:
    """Packets of 192 bytes, as camcorders and Blu-rays have them."""
    return b"".join(b"\0\0\0\0" + data[at : at + 188] for at in range(0, len(data), 188))


@pytest.mark.parametrize("change", [shifted, lambda data: data[77:], lambda data: b"\xff" * 600 + data])
def test_a_transport_stream_that_does_not_begin_with_its_tables(change: Callable[[bytes], bytes]) -> None:
    data = change(make(FILMS["ts"]).read_bytes())
    film = film_of(data)
    source = [from_annex_b(one) for _, one in packets(data, film.video)]
    assert [one for _, one in packets(film.joined(film.video))] == source


@pytest.mark.parametrize("offset", ["0.3333", "1.41", "2.0077", "7.77717"])
def test_the_first_picture_is_not_lost_by_rounding(offset: str) -> None:
    lavfi = ("-f", "lavfi", "-i")
    coders = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "20", "-pix_fmt", "yuv420p", "-muxdelay", "0")
    output = ("-output_ts_offset", offset, "-f", "mpegts", "-")
    data = written_by_ffmpeg([*lavfi, "testsrc2=s=64x36:r=30000/1001:d=12", *coders, *output])
    film = film_of(data)
    assert [one for _, one in packets(film.joined(film.video))] == [from_annex_b(one) for _, one in packets(data)]


SHORT = Film("ts", H264_B, (Sound(AC3),), seconds=9, keys=())


@pytest.mark.parametrize("order", [("ts", "ts"), ("ts", "short"), ("short", "ts"), ("ts", "short", "ts")])
def test_joined_recordings_whose_clock_goes_back_are_refused(order: tuple[str, ...]) -> None:
    parts = {"ts": make(FILMS["ts"]).read_bytes(), "short": make(SHORT).read_bytes()}
    for change in (bytes, shifted):
        facts = film_of(change(b"".join(parts[one] for one in order))).timeline.facts
        assert "goes back" in facts.reason


def test_a_clock_that_begins_anew_after_26_hours_goes_on() -> None:
    lavfi = ("-f", "lavfi", "-i")
    coders = (
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-bf",
        "2",
        "-g",
        "25",
        "-pix_fmt",
        "yuv420p",
        "-muxdelay",
        "0",
    )
    output = ("-output_ts_offset", "95433", "-f", "mpegts", "-")
    data = written_by_ffmpeg([*lavfi, "testsrc2=s=320x180:r=25:d=24", *coders, *output])
    film = film_of(data)
    assert not film.timeline.facts.reason
    assert [one for _, one in packets(film.joined(film.video))] == [from_annex_b(one) for _, one in packets(data)]


@pytest.mark.parametrize("late", [3, 8, 21])
def test_pictures_that_begin_long_after_the_sound(late: int) -> None:
    data = with_holes(f"'gt(t,{late})'")
    film = film_of(data)
    video = film.timeline.facts.video
    assert video is not None
    assert video.codec_string.startswith("avc1.")
    source = [from_annex_b(one) for _, one in packets(data, film.video)]
    assert [one for _, one in packets(film.joined(film.video))] == source


def test_sound_whose_pictures_never_come_has_a_reason() -> None:
    data = make(FILMS["ts"]).read_bytes()
    lavfi = ("-f", "lavfi", "-i")
    late = written_by_ffmpeg([
        *lavfi, "sine=duration=200", "-itsoffset", "150", *lavfi, "testsrc2=s=64x36:r=25:d=9", "-map", "0", "-map", "1",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "ac3", "-f", "mpegts", "-",
    ])  # fmt: skip
    assert not film_of(data).timeline.facts.reason
    assert "describes its pictures" in film_of(late).timeline.facts.reason


@pytest.mark.parametrize("kept", [1, 2, 5])
def test_matroska_whose_index_ends_early_goes_on_behind_it(kept: int) -> None:
    film = film_of(with_short_index(make(INDEXED).read_bytes(), kept))
    assert not film.timeline.keys.exact or kept == 1
    joined = film.joined(film.video)
    assert [one for _, one in packets(joined)] == [one for _, one in packets(film.data, film.video)]
    assert max(film.timeline.durations()) < 11 or kept == 1


INDEXED = Film("mkv", H264, (Sound(AAC),), seconds=61, keys=tuple(range(0, 61, 2)))


def with_short_index(data: bytes, kept: int) -> bytes:
    """The first entries of the index (Cues); the others are an empty element (Void) in it."""
    begin = data.rindex(b"\x1c\x53\xbb\x6b")
    body = data.index(b"\xbb", begin + 4)
    at = body
    for _ in range(kept):
        at += 2 + (data[at + 1] & 0x7F)
    first = data[begin + 4]
    length = 9 - first.bit_length()
    size = int.from_bytes(data[begin + 4 : begin + 4 + length], "big") & (1 << 7 * length) - 1
    end = begin + 4 + length + size
    void = b"\xec" + (1 << 56 | end - at - 9).to_bytes(8, "big")
    return data[:at] + void + bytes(end - at - 9) + data[end:]

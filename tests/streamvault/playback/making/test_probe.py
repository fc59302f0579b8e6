"""Facts and key frames of real files, compared with ffprobe's."""

import itertools
import json
import subprocess
from typing import Any

import pytest

from streamvault.playback.making.probe import probe, probe_file
from streamvault.playback.model import Probed
from streamvault.playback.packing import facts_from_json, facts_to_json, unpack_keys
from tests.support.cell_files import CellFile, call_of
from tests.support.ffmpeg_films import FILMS, Film
from tests.support.programs import program

MB = 1_000_000
INDEXED = [
    "mkv", "mkv open gop", "mkv hevc", "mkv av1", "webm", "mp4", "mov late index", "mp4 fragmented", "mp4 open gop",
    "avi",
]  # fmt: skip
CONTAINERS = {"mkv": "matroska", "mov": "mp4", "m4a": "mp4", "ts": "mpegts", "mka": "matroska"}


def probed(film: Film) -> tuple[Probed, int]:
    file = CellFile(film.path)
    return probe_file(file), file.fetched


def ffprobe(film: Film, *arguments: str) -> Any:
    command = [program("ffprobe"), "-v", "error", "-of", "json", *arguments, str(film.path)]
    return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)


@pytest.mark.parametrize("name", FILMS)
def test_tracks_and_duration_are_ffprobes(name: str) -> None:
    film = FILMS[name]
    found, fetched = probed(film)
    told = ffprobe(film, "-show_streams", "-show_format")
    streams = [stream for stream in told["streams"] if stream["codec_type"] in ("video", "audio", "subtitle")]

    assert [(track.index, track.type, track.codec) for track in found.facts.tracks] == [
        (stream["index"], stream["codec_type"], stream["codec_name"]) for stream in streams
    ]
    for track, stream in zip(found.facts.tracks, streams, strict=True):
        assert track.channels == stream.get("channels")
        assert track.sample_rate == (int(stream["sample_rate"]) if "sample_rate" in stream else None)
        assert (track.width, track.height) == (stream.get("width") or None, stream.get("height") or None)
        assert track.default == bool(stream["disposition"]["default"])
        assert track.forced == bool(stream["disposition"]["forced"])
        assert track.profile.upper() in ("", str(stream.get("profile")).upper())
    assert found.facts.container == CONTAINERS.get(film.suffix, film.suffix)
    if "duration" in told["format"]:
        assert found.facts.duration == pytest.approx(float(told["format"]["duration"]), abs=0.05)
    else:
        assert found.facts.duration == pytest.approx(film.seconds, abs=0.1)
    assert found.facts.start == pytest.approx(float(told["format"]["start_time"]), abs=0.05)
    assert fetched <= (2 if film.suffix == "ts" else 1) * MB


@pytest.mark.parametrize("name", INDEXED)
def test_key_frames_are_ffprobes(name: str) -> None:
    film = FILMS[name]
    found, _ = probed(film)
    entries = ("-select_streams", "v:0", "-show_entries", "packet=pts_time,dts_time,flags")
    packets = ffprobe(film, *entries)["packets"]
    keys = [float(packet.get("pts_time") or packet["dts_time"]) for packet in packets if packet["flags"][0] == "K"]

    assert found.keys.exact
    assert [float(key.pts * found.keys.time_base) for key in found.keys.keys] == pytest.approx(keys, abs=0.001)
    assert all(key.position >= 0 for key in found.keys.keys)
    assert found.keys.end == pytest.approx(found.facts.start + (found.facts.duration or 0), abs=0.05)


@pytest.mark.parametrize("name", ["mkv without cues", "mkv live", "ts"])
def test_file_without_index_is_cut_at_regular_times(name: str) -> None:
    found, _ = probed(FILMS[name])
    times = [float(key.pts * found.keys.time_base) for key in found.keys.keys]

    assert not found.keys.exact
    assert not found.facts.seekable
    assert times[0] == pytest.approx(found.facts.start, abs=0.001)
    assert [b - a for a, b in itertools.pairwise(times)] == pytest.approx([5.0] * (len(times) - 1))
    assert 5 <= found.keys.end - times[-1] < 10
    assert found.keys.keys[0].position >= 0


@pytest.mark.parametrize("name", ["mkv", "mkv without cues", "webm", "mkv hevc"])
def test_header_and_bytes_of_a_cluster_open_as_one_file(name: str) -> None:
    film = FILMS[name]
    found, _ = probed(film)
    key = found.keys.keys[2] if found.keys.exact else found.keys.keys[0]
    command = [program("ffprobe"), "-v", "error", "-of", "json", "-show_packets", "-select_streams", "v", "-"]
    joined = found.keys.header + film.path.read_bytes()[key.position :]
    done = subprocess.run(command, input=joined, capture_output=True, check=True, timeout=60)

    packet = json.loads(done.stdout)["packets"][0]
    assert float(packet["pts_time"]) == pytest.approx(float(key.pts * found.keys.time_base), abs=0.006)
    assert packet["flags"][0] == "K"
    assert len(found.keys.header) < 4096


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mkv", False), ("mkv open gop", True), ("mkv hevc", True), ("mkv av1", False), ("webm", False), ("mp4", False),
        ("mp4 open gop", True), ("ts", False), ("avi", False), ("mka", None),
    ],
)  # fmt: skip
def test_open_groups_of_pictures(name: str, expected: bool | None) -> None:
    assert probed(FILMS[name])[0].facts.open_gop is expected


@pytest.mark.parametrize(
    ("name", "reason"),
    [("avi xvid", "MPEG-4 Part 2"), ("mkv mpeg2", "MPEG-2"), ("flac", "sound")],
)
def test_what_cannot_be_repackaged_says_why(name: str, reason: str) -> None:
    found, fetched = probed(FILMS[name])

    assert reason in found.facts.reason
    assert found.keys.addressing == "none"
    assert fetched <= MB


def test_chapters_attachments_and_names_of_tracks() -> None:
    facts = probed(FILMS["mkv"])[0].facts

    assert [(chapter.start, chapter.end, chapter.title) for chapter in facts.chapters] == [
        (0, 5, "One"),
        (5, 24, "Two"),
    ]
    assert [(one.name, one.mime_type, one.size) for one in facts.attachments] == [("a.ttf", "font/ttf", 3_000_000)]
    assert [(track.language, track.title) for track in facts.tracks] == [
        ("", ""), ("en", "Surround"), ("de", ""), ("en", ""), ("fr", ""),
    ]  # fmt: skip


def test_high_dynamic_range_is_told() -> None:
    video = probed(FILMS["mkv hevc"])[0].facts.video

    assert video is not None
    assert (video.bit_depth, video.hdr, video.profile) == (10, "pq", "Main 10")


def test_job_gives_back_what_was_probed() -> None:
    film = FILMS["mkv"]
    call, written = call_of(CellFile(film.path))
    result = json.loads(json.dumps(probe(call)))

    expected = probed(film)[0]
    assert facts_from_json(result["facts"]) == expected.facts
    assert unpack_keys(bytes(written)) == expected.keys
    assert facts_to_json(facts_from_json(result["facts"])) == result["facts"]


@pytest.mark.parametrize("data", [b"", b"\x1a\x45\xdf\xa3", b"hello" * 1000, b"\0\0\0\x20ftypisom" + bytes(5000)])
def test_file_that_is_none_has_a_reason(data: bytes) -> None:
    found = probe_file(CellFile(data))

    assert found.facts.reason
    assert found.keys.keys == ()

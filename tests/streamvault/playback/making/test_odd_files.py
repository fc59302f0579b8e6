"""Files of the field that are not as FFmpeg would write them: packed tracks, edits, fragments, encryption, damage."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streamvault.playback.making.probe import probe_file
from streamvault.playback.model import Probed
from tests.support.cell_files import CellFile
from tests.support.ffmpeg_films import AAC, AC3, FILMS, H264, H264_B, Film, Sound, Words
from tests.support.packed_tracks import with_zlib, without_headers
from tests.support.programs import program

PLAIN = Film("mkv", H264_B, (Sound(AC3),), (Words("subrip"),), seconds=12)
FRAGMENTS = "+frag_keyframe+empty_moov+default_base_moof"
KEY = "0123456789abcdef0123456789abcdef"
MP4 = Film("mp4", H264_B, (Sound(AAC),), seconds=12)
ENCRYPTION = ("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", KEY, "-encryption_kid", KEY)
ROTATED = b"\0\0\0\0\0\1\0\0\0\0\0\0\xff\xff\0\0" + bytes(16) + b"\x40\0\0\0"


def probed(data: bytes) -> Probed:
    return probe_file(CellFile(data))


def packets(film: bytes | Path, tracks: str) -> list[Any]:
    command = [program("ffprobe"), "-v", "error", "-of", "json", "-select_streams", tracks, "-show_packets"]
    entries = [
        "-show_entries",
        "packet=pts_time,flags,data_hash",
        "-show_data_hash",
        "md5",
        "-" if isinstance(film, bytes) else str(film),
    ]
    given = film if isinstance(film, bytes) else None
    done = subprocess.run([*command, *entries], input=given, capture_output=True, check=True, timeout=60)
    return list(json.loads(done.stdout)["packets"])


@pytest.mark.parametrize("edit", [without_headers, with_zlib])
def test_tracks_with_stripped_headers_or_compression(edit: Any) -> None:
    whole = PLAIN.path.read_bytes()
    data = edit(whole)
    found, plain = probed(data), probed(whole)

    assert found.facts.tracks == plain.facts.tracks
    assert found.facts.open_gop is False
    assert found.facts.reason == ""
    joined = found.keys.header + data[found.keys.keys[0].position :]
    for tracks in ("v", "s"):
        assert packets(joined, tracks) == packets(whole, tracks)


@pytest.mark.parametrize(
    "output",
    [
        ("-output_ts_offset", "1.5"),
        ("-movflags", "+faststart", "-output_ts_offset", "3"),
        ("-movflags", FRAGMENTS),
        ("-movflags", f"{FRAGMENTS}+dash+global_sidx"),
        ("-movflags", "+negative_cts_offsets"),
    ],
)
def test_edits_and_fragments(output: tuple[str, ...]) -> None:
    path = replace(MP4, output=output).path
    found = probed(path.read_bytes())
    keys = [float(packet["pts_time"]) for packet in packets(path, "v") if packet["flags"][0] == "K"]

    assert found.keys.exact
    assert [float(key.pts * found.keys.time_base) for key in found.keys.keys] == pytest.approx(keys, abs=0.001)


def test_fragments_that_no_index_lists_are_cut_at_regular_times() -> None:
    found = probed(replace(MP4, output=("-movflags", f"{FRAGMENTS}+skip_trailer")).path.read_bytes())

    assert (found.keys.exact, found.facts.seekable, found.facts.fragmented) == (False, False, True)
    assert [float(key.pts * found.keys.time_base) for key in found.keys.keys] == pytest.approx([0.08, 5.08], abs=0.1)


def test_an_encrypted_film_is_refused() -> None:
    found = probed(replace(MP4, output=ENCRYPTION).path.read_bytes())

    assert "encrypted" in found.facts.reason
    assert found.keys.keys == ()


def test_a_film_of_a_phone_is_described_as_it_is_displayed() -> None:
    data = MP4.path.read_bytes()
    at = data.index(b"tkhd") + 44
    video = probed(data[:at] + ROTATED + data[at + 36 :]).facts.video

    assert video is not None
    assert (video.width, video.height) == (180, 320)


def test_an_mp4_without_its_end_has_no_index() -> None:
    data = MP4.path.read_bytes()
    found = probed(data[: len(data) // 2])

    assert "no index" in found.facts.reason


def test_a_matroska_file_that_is_cut_off_is_read_without_its_index() -> None:
    data = PLAIN.path.read_bytes()
    found = probed(data[: len(data) * 2 // 3])

    assert found.facts.reason == ""
    assert not found.keys.exact
    assert len(found.facts.tracks) == 3


def test_interlaced_pictures_and_ten_bits() -> None:
    coder = (*H264[:-2], "-pix_fmt", "yuv420p10le", "-flags", "+ilme+ildct")
    video = probed(Film("mkv", coder, seconds=6).path.read_bytes()).facts.video

    assert video is not None
    assert (video.bit_depth, video.codec_string[:7]) == (10, "avc1.6e")


@pytest.mark.parametrize("name", ["mkv", "mp4", "ts", "avi", "mkv hevc"])
def test_damage_is_a_reason_or_does_no_harm(name: str) -> None:
    """Every 997th byte flipped, at several offsets; and every length that is cut off."""
    data = FILMS[name].path.read_bytes()
    for offset in range(5):
        damaged = bytearray(data[: 1 << 20])
        for at in range(offset * 100 + 8, len(damaged), 997):
            damaged[at] ^= 0xFF
        for length in (len(damaged), 50_000 + offset, 900 + offset):
            found = probed(bytes(damaged[:length]))
            assert found.facts.reason or found.keys.keys


def test_many_fragments_cost_no_more_bytes_than_few() -> None:
    coder = (*H264, "-qp", "0")
    film = Film(
        "mp4", coder, seconds=20, size="640x360", keys=tuple(map(float, range(20))), output=("-movflags", FRAGMENTS)
    )
    file = CellFile(film.path)
    found = probe_file(file)

    assert file.size > 8_000_000
    assert file.fetched <= 1_200_000
    assert len(found.keys.keys) == 20
    assert found.facts.duration == pytest.approx(20, abs=0.05)

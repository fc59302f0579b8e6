"""Names of codecs: made from real extradata, and compared with what ffmpeg's DASH muxer writes into its manifest."""

import re
from pathlib import Path

import pytest

from streamvault.playback.codecs import Coding, codec_string
from streamvault.playback.making.probe import probe_file
from tests.support.cell_files import CellFile
from tests.support.ffmpeg_films import FILMS, run_ffmpeg


@pytest.mark.parametrize(
    ("coding", "expected"),
    [
        # Blu-ray remux, web download, baseline of a phone; with a configuration record and with start codes
        (Coding("h264", bytes.fromhex("01640029ffe1")), "avc1.640029"),
        (Coding("h264", bytes.fromhex("014d401fffe1")), "avc1.4d401f"),
        (Coding("h264", bytes.fromhex("0000000167 42c01e 95a8 0000000168ce3c80".replace(" ", ""))), "avc1.42c01e"),
        (Coding("h264", b""), ""),
        (Coding("hevc", bytes.fromhex("0101600000009000000000005df000fcfdf8f8")), "hvc1.1.6.L93.90"),
        (Coding("hevc", bytes.fromhex("01222000000090000000000099f000fcfdfafa")), "hvc1.2.4.H153.90"),
        (Coding("hevc", b"\1\2"), ""),
        (Coding("av1", bytes.fromhex("81084c00")), "av01.0.08M.10"),
        (Coding("av1", bytes.fromhex("810d8c00")), "av01.0.13H.08"),
        (Coding("av1", bytes.fromhex("81216c00")), "av01.1.01M.12"),
        (Coding("av1", b""), ""),
        (Coding("vp9", profile="Profile 0", width=1920, height=1080, frame_rate=24.0), "vp09.00.40.08"),
        (Coding("vp9", profile="Profile 2", width=3840, height=2160, frame_rate=60.0, bit_depth=10), "vp09.02.51.10"),
        (Coding("vp9", width=1280, height=720), "vp09.00.31.08"),
        (Coding("aac", bytes.fromhex("1190")), "mp4a.40.2"),
        (Coding("aac", bytes.fromhex("2b92080000")), "mp4a.40.5"),
        (Coding("aac", bytes.fromhex("131056e598")), "mp4a.40.5"),
        (Coding("aac", bytes.fromhex("eb8a0800")), "mp4a.40.29"),
        (Coding("aac", bytes.fromhex("0a10")), "mp4a.40.1"),
        (Coding("aac", profile="HE-AACv2"), "mp4a.40.29"),
        (Coding("aac"), "mp4a.40.2"),
        (Coding("dts", profile="DTS-HD MA"), "dtsh"),
        (Coding("dts", profile="DTS"), "dtsc"),
        (Coding("eac3", profile="Dolby Digital Plus + Dolby Atmos"), "ec-3"),
        (Coding("opus"), "opus"),
        (Coding("pcm_s16le"), ""),
        (Coding("subrip"), ""),
    ],
)
def test_names(coding: Coding, expected: str) -> None:
    assert codec_string(coding) == expected


def test_h264_with_start_codes_has_the_name_that_it_has_in_matroska() -> None:
    names = {name: probe_file(CellFile(FILMS[name].path)).facts.video for name in ("mkv", "ts", "mp4")}

    assert {video.codec_string for video in names.values() if video} == {"avc1.64000c"}


@pytest.mark.parametrize("name", ["mp4", "mov late index", "mkv without cues", "mkv av1", "webm"])
def test_they_are_those_of_ffmpegs_manifest(name: str, tmp_path: Path) -> None:
    film = FILMS[name].path
    video = probe_file(CellFile(film)).facts.video
    assert video is not None
    manifest = tmp_path / "film.mpd"
    run_ffmpeg(["-i", str(film), "-map", "0:v:0", "-c", "copy", "-strict", "-2", "-f", "dash", str(manifest)])

    said = re.findall(r'codecs="([^"]+)"', manifest.read_text())
    assert [one.replace("hev1", "hvc1") for one in said] == [video.codec_string]


@pytest.mark.parametrize("name", ["mp4", "mov late index", "mkv av1", "webm"])
def test_sound_is_named_as_in_ffmpegs_manifest(name: str, tmp_path: Path) -> None:
    film = FILMS[name].path
    sound = probe_file(CellFile(film)).facts.of_type("audio")[0]
    manifest = tmp_path / "film.mpd"
    run_ffmpeg(["-i", str(film), "-map", "0:a:0", "-c", "copy", "-strict", "-2", "-f", "dash", str(manifest)])

    said = re.findall(r'codecs="([^"]+)"', manifest.read_text())
    assert [one.lower() for one in said] == [sound.codec_string.lower()]

"""Pictures that ffmpeg has no encoder for are refused with their name; HDR is told, whoever tells it in the file."""

import dataclasses

import pytest

from streamvault.playback.making.probe import probe_file
from streamvault.playback.model import Probed
from tests.support import foreign_codecs
from tests.support.cell_files import CellFile
from tests.support.ffmpeg_films import AAC, FILMS, H264, Film, Sound, hevc, make

MB = 1_000_000
SHORT = Film("mkv", H264, (Sound(AAC),), seconds=3)
HEVC = Film("mkv", hevc("bt709"), seconds=2, keys=())
HEVC_MP4 = dataclasses.replace(HEVC, suffix="mp4", output=("-movflags", "+faststart"))
HLG = Film("mkv", hevc("arib-std-b67"), seconds=2, keys=())
VC1 = bytes.fromhex("0000010fcbf217e0b0100100002004403c0000010e")
"""The sequence header of an advanced profile, and the start of an entry point."""
WMV3 = bytes.fromhex("4e391a01")
"""The sequence header of a main profile."""


def probed(data: bytes) -> tuple[Probed, int]:
    file = CellFile(data)
    return probe_file(file), file.fetched


@pytest.mark.parametrize(
    ("codec", "private", "name", "words"),
    [
        ("V_MS/VFW/FOURCC", foreign_codecs.bitmap_header(b"WVC1", extra=VC1), "vc1", "VC-1"),
        ("V_MS/VFW/FOURCC", foreign_codecs.bitmap_header(b"WMV3", extra=WMV3), "wmv3", "Windows Media Video"),
        ("V_MS/VFW/FOURCC", foreign_codecs.bitmap_header(b"DIV3"), "msmpeg4v3", "DivX 3"),
        ("V_REAL/RV30", b"", "rv30", "RealVideo"),
        ("V_REAL/RV40", b"", "rv40", "RealVideo"),
        ("V_REAL/RV20", b"", "rv20", "RealVideo"),
        ("V_THEORA", b"", "theora", "Theora"),
        ("V_PRORES", b"apcn", "prores", "ProRes"),
    ],
)  # fmt: skip
def test_pictures_that_nobody_repackages_are_refused_by_name(codec: str, private: bytes, name: str, words: str) -> None:
    found, fetched = probed(foreign_codecs.renamed(make(SHORT).read_bytes(), codec, private))
    assert found.facts.video is not None
    assert found.facts.video.codec == name
    assert words in found.facts.reason
    assert (found.keys.addressing, found.keys.keys) == ("none", ())
    assert fetched <= MB


@pytest.mark.parametrize(("four", "name", "words"), [
    (b"WVC1", "vc1", "VC-1"), (b"WMV2", "wmv2", "Windows Media Video"), (b"RV40", "rv40", "RealVideo"),
    (b"DX50", "mpeg4", "XviD"),
])  # fmt: skip
def test_pictures_in_avi_are_refused_by_name(four: bytes, name: str, words: str) -> None:
    data = FILMS["avi"].path.read_bytes()
    assert data.count(b"H264", 0, 4096) == 2, "in the head of the stream and in its format"
    found, fetched = probed(data[:4096].replace(b"H264", four) + data[4096:])
    assert found.facts.video is not None
    assert found.facts.video.codec == name
    assert words in found.facts.reason
    assert fetched <= MB


def test_hlg_is_told_by_the_pictures_or_by_the_container() -> None:
    by_pictures, by_container = make(HLG).read_bytes(), foreign_codecs.with_transfer(make(HEVC).read_bytes(), 18)
    mp4 = dataclasses.replace(HLG, suffix="mp4").path.read_bytes()
    for data in (by_pictures, by_container, mp4):
        video = probed(data)[0].facts.video
        assert video is not None
        assert (video.hdr, video.bit_depth, video.codec_string.partition(".L")[0]) == ("hlg", 10, "hvc1.2.4")
    plain = probed(make(HEVC).read_bytes())[0].facts.video
    assert plain is not None
    assert plain.hdr == ""


@pytest.mark.parametrize(
    ("profile", "compatibility", "kind", "hdr"),
    [
        (7, 6, b"dvcC", "dovi"),
        (8, 1, b"dvvC", "dovi"),
        (8, 2, b"dvvC", ""),
        (8, 4, b"dvvC", "hlg"),
        (9, 2, b"dvvC", ""),
    ],
)
def test_dolby_vision_on_other_pictures_is_played_as_these(
    profile: int, compatibility: int, kind: bytes, hdr: str
) -> None:
    record = foreign_codecs.dolby_vision(profile, compatibility)
    for data in (
        foreign_codecs.with_dolby_vision(make(HEVC).read_bytes(), record, kind=kind),
        foreign_codecs.with_dolby_vision_in_mp4(make(HEVC_MP4).read_bytes(), record, kind=kind),
    ):
        found, _ = probed(data)
        assert found.facts.video is not None
        assert (found.facts.video.hdr, found.facts.reason) == (hdr, "")
        assert found.facts.video.codec_string.startswith("hvc1.2.4.")


@pytest.mark.parametrize(
    ("profile", "compatibility", "name"), [(5, 0, "dvh1.05.06"), (5, 1, "dvh1.05.06"), (20, 0, "dvh1.20.06")]
)
def test_dolby_vision_alone_is_refused(profile: int, compatibility: int, name: str) -> None:
    """Its colours are not those that decoders of HEVC take them for."""
    record = foreign_codecs.dolby_vision(profile, compatibility)
    for data in (
        foreign_codecs.with_dolby_vision(make(HEVC).read_bytes(), record),
        foreign_codecs.with_dolby_vision_in_mp4(make(HEVC_MP4).read_bytes(), record),
    ):
        found, _ = probed(data)
        assert found.facts.video is not None
        assert (found.facts.video.hdr, found.facts.video.codec_string) == ("dovi", name)
        assert "Dolby Vision" in found.facts.reason
        assert found.keys.keys == ()


def test_a_record_of_dolby_vision_that_is_cut_off_tells_nothing() -> None:
    found, _ = probed(foreign_codecs.with_dolby_vision(make(HEVC).read_bytes(), bytes(4)))
    assert found.facts.video is not None
    assert (found.facts.video.hdr, found.facts.reason) == ("", "")

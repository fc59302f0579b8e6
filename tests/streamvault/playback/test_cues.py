"""Cues out of the text tracks of real films, by segments and whole."""

import json
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest

from streamvault.playback.making.cues import segment_cues, track_cues
from streamvault.playback.webvtt import Cue, document, segment
from streamvault.reading.sandbox.model import Call
from tests.support.programs import program
from tests.support.repackaged import FileInMemory, Film

COUNT, EVERY, LENGTH = 150, 400, 650
"""Cues, and milliseconds: each is shown beyond the beginning of the next, so that many lie across seams."""
EXPECTED = [Cue(n * EVERY, n * EVERY + LENGTH, f"<i>cue {n}</i>, &amp;\nline") for n in range(COUNT)]
ONE_AT_A_TIME = [*(Cue(cue.start, cue.start + EVERY, cue.text) for cue in EXPECTED[:-1]), EXPECTED[-1]]
"""What MP4 can hold: a text ends when the next one begins."""
CODECS = {"mkv": ("subrip", "ass", "webvtt"), "mp4": ("mov_text",)}


def stamp(milliseconds: int) -> str:
    return f"00:{milliseconds // 60_000:02d}:{milliseconds // 1000 % 60:02d},{milliseconds % 1000:03d}"


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Film]:
    """60 s with a key frame every 2 s; a Matroska and an MP4 with the same subtitles in all codecs."""
    folder = tmp_path_factory.mktemp("films")
    lines = [f"{n + 1}\n{stamp(c.start)} --> {stamp(c.end)}\n<i>cue {n}</i>, &\nline\n" for n, c in enumerate(EXPECTED)]
    (folder / "cues.srt").write_text("\n".join(lines))
    return {ending: Film.of(make(folder, ending), seconds=4.0) for ending in CODECS}


def make(folder: Path, ending: str) -> Path:
    path = folder / f"film.{ending}"
    picture = ["-f", "lavfi", "-i", "testsrc2=s=160x90:r=12:d=60.8", "-i", str(folder / "cues.srt")]
    maps = ["-map", "0:v", *["-map", "1:s"] * len(CODECS[ending])]
    codecs = [part for n, codec in enumerate(CODECS[ending]) for part in (f"-c:s:{n}", codec)]
    coder = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "24", "-x264-params", "scenecut=0"]
    command = [program("ffmpeg"), "-v", "error", "-nostdin", *picture, *maps, *coder, *codecs, str(path)]
    subprocess.run(command, check=True, timeout=60)
    return path


def cues_of(sent: bytes) -> list[Cue]:
    return [Cue(*json.loads(line)) for line in sent.splitlines()]


def arguments(film: Film, track: int, number: int) -> dict[str, Any]:
    """Of the job of one segment."""
    place = {"track": track, "video": film.video, "position": film.cuts[number][1]}
    return {**film.common(number), **place}


def in_segment(film: Film, track: int, number: int) -> list[Cue]:
    found = film.run(segment_cues, **arguments(film, track, number))[1]
    return cues_of(found)


TRACKS = [(ending, 1 + number) for ending, codecs in CODECS.items() for number in range(len(codecs))]


@pytest.mark.parametrize(("ending", "track"), TRACKS, ids=[name for names in CODECS.values() for name in names])
def test_150_cues_over_all_segments(films: dict[str, Film], ending: str, track: int) -> None:
    """6: none twice, none lost at a seam, tags gone; those that last over a seam are in both segments."""
    film = films[ending]
    assert len(film.cuts) >= 14
    held = [in_segment(film, track, number) for number in range(len(film.cuts))]
    expected = EXPECTED if ending == "mkv" else ONE_AT_A_TIME
    assert sorted({cue for cues in held for cue in cues}) == expected
    for number, (pts, _) in enumerate(film.cuts):
        following = film.cuts[number + 1][0] if number + 1 < len(film.cuts) else None
        start, stop = (
            None if one is None else round(float((one - film.origin) * film.time_base) * 1000)
            for one in (pts, following)
        )
        assert start is not None
        before = held[number - 1] if number else []
        made = segment(held[number], before, start, stop=stop).decode()
        across = [cue for cue in expected if cue.start <= start < cue.end]
        for cue in across:
            assert made.count(f"{cue.text}\n") == 1
        assert made.count(" --> ") == len({*held[number], *across})


@pytest.mark.parametrize(("ending", "track"), TRACKS, ids=[name for names in CODECS.values() for name in names])
def test_the_whole_track(films: dict[str, Film], ending: str, track: int) -> None:
    result, sent = films[ending].run(track_cues, track=track, origin=0.0)
    assert result == {"cues": COUNT}
    assert document(cues_of(sent)) == document(EXPECTED if ending == "mkv" else ONE_AT_A_TIME)


def test_a_segment_needs_its_own_bytes_only(films: dict[str, Film]) -> None:
    film = films["mkv"]
    position, after = film.cuts[7][1], film.cuts[8][1]
    cut = bytes(position) + film.data[position : after + 512] + bytes(1 << 16)
    sent = list[bytes]()
    segment_cues(Call(FileInMemory(cut), arguments(film, 1, 7), (film.header,), sent.append))
    assert cues_of(b"".join(sent)) == in_segment(film, 1, 7)


def test_pictures_are_no_text(films: dict[str, Film]) -> None:
    with pytest.raises(ValueError, match="h264"):
        films["mkv"].run(track_cues, track=0, origin=0.0)


def element(identifier: str, *parts: bytes) -> bytes:
    data = b"".join(parts)
    return bytes.fromhex(identifier) + struct.pack(">Q", len(data) | 1 << 56) + data


def number(identifier: str, value: int) -> bytes:
    return element(identifier, value.to_bytes(4, "big"))


def compressed_film(texts: list[str]) -> bytes:
    """A Matroska file of one SubRip track whose frames are compressed by zlib, a cue a second."""
    zlib_encoding = element("6D80", element("6240", number("5031", 0), number("5032", 1), number("5033", 0),
                                           element("5034", number("4254", 0))))  # fmt: skip
    track = element(
        "AE", number("D7", 1), number("73C5", 1), number("83", 17), element("86", b"S_TEXT/UTF8"), zlib_encoding
    )
    blocks = [
        element(
            "A0",
            element("A1", b"\x81" + struct.pack(">h", n * 1000) + b"\0" + zlib.compress(text.encode())),
            number("9B", 900),
        )
        for n, text in enumerate(texts)
    ]
    head = element("1A45DFA3", element("4282", b"matroska"), number("4287", 4), number("4285", 2))
    info = element("1549A966", number("2AD7B1", 1_000_000))
    return head + element("18538067", info, element("1654AE6B", track), element("1F43B675", number("E7", 0), *blocks))


def test_compressed_texts() -> None:
    sent = list[bytes]()
    data = compressed_film(["<b>first</b>", "second {\\an8}line", "third"])
    track_cues(Call(FileInMemory(data), {"track": 0, "origin": 0.0}, (), sent.append))
    assert cues_of(b"".join(sent)) == [
        Cue(0, 900, "<b>first</b>"),
        Cue(1000, 1900, "second line"),
        Cue(2000, 2900, "third"),
    ]

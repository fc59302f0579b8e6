"""Cues that last over several segments are in each of them, so that a viewer who seeks sees them, too."""

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from streamvault.playback.making.probe import probe_file
from streamvault.playback.model import Facts, KeyFrame, KeyFrames, Probed
from streamvault.playback.plan import cut
from streamvault.playback.segments import Film
from streamvault.playback.subtitles import LONGEST, MOST_BEHIND, SubtitleService
from streamvault.playback.timeline import Timeline
from streamvault.reading.reader import Bounds
from tests.support.ffmpeg_films import run_ffmpeg
from tests.support.hls import FilmSource, cells_over, no_limit
from tests.support.in_process import InProcess
from tests.support.repackaged import FileInMemory
from tests.support.sources import media_file

CUES = {
    "mkv": ((1000, 3000), (4500, 40_000), (20_000, 21_000), (26_000, 39_500), (39_000, 58_500), (50_000, 51_000)),
    "mp4": ((1000, 3000), (4500, 40_000), (41_000, 58_500)),  # whose texts do not overlap
}
CODECS = {"subrip": "mkv", "ass": "mkv", "webvtt": "mkv", "mov_text": "mp4"}
TIMING = re.compile(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})\n(.*)\n")


def stamp(milliseconds: int) -> str:
    return f"00:00:{milliseconds // 1000:02d},{milliseconds % 1000:03d}"


def made(folder: Path, codec: str) -> bytes:
    """60 s with a key frame every 2 s."""
    ending = CODECS[codec]
    lines = [f"{n + 1}\n{stamp(a)} --> {stamp(b)}\ncue {n}\n" for n, (a, b) in enumerate(CUES[ending])]
    (folder / "cues.srt").write_text("\n".join(lines))
    path = folder / f"film.{ending}"
    picture = ("-f", "lavfi", "-i", "testsrc2=s=64x36:r=10:d=60", "-i", str(folder / "cues.srt"))
    run_ffmpeg([*picture, "-c:v", "libx264", "-preset", "ultrafast", "-g", "20", "-c:s", codec, str(path)])
    return path.read_bytes()


def cues_of(vtt: str) -> list[tuple[int, int, str]]:
    def time(hours: str, minutes: str, seconds: str) -> int:
        return round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1000)

    return [(time(*found[:3]), time(*found[3:6]), found[6]) for found in TIMING.findall(vtt)]


@pytest.mark.parametrize("codec", CODECS)
async def test_a_long_cue_is_in_each_segment_over_which_it_lasts(codec: str, tmp_path: Path) -> None:
    """Whoever begins there has it; whoever had it drops it, as its times and text are the same."""
    data = made(tmp_path, codec)
    known = probe_file(FileInMemory(data))
    film = Film(media_file(len(data)), Timeline(known, cut(known.keys), len(data)))
    expected = [(start, end, f"cue {n}") for n, (start, end) in enumerate(CUES[CODECS[codec]])]
    count = len(film.timeline.cuts)
    assert count >= 10
    (track,) = known.facts.of_type("subtitle")

    async def probe(_: object, __: str) -> Probed:
        return known

    async with cells_over(FilmSource()) as cells:
        for order in (range(count), reversed(range(count))):
            service = SubtitleService(InProcess(data), cells, probe=probe, slot=no_limit, bounds=Bounds(5.0, 5.0))
            for number in order:
                begin, end = (float(film.timeline.begin(one)) * 1000 for one in (number, number + 1))
                found = cues_of((await service.segment(film, track.index, number, viewer="")).decode())
                assert len(found) == len(set(found))
                assert set(found) >= {one for one in expected if one[0] < end and one[1] > begin}
                assert set(found) <= set(expected)


async def test_those_who_watch_on_read_each_segment_once(tmp_path: Path) -> None:
    data = made(tmp_path, "subrip")
    known, runs = probe_file(FileInMemory(data)), InProcess(data)
    film = Film(media_file(len(data)), Timeline(known, cut(known.keys), len(data)))

    async def probe(_: object, __: str) -> Probed:
        return known

    async with cells_over(FilmSource()) as cells:
        service = SubtitleService(runs, cells, probe=probe, slot=no_limit, bounds=Bounds(5.0, 5.0))
        for number in range(len(film.timeline.cuts)):
            await service.segment(film, 1, number, viewer="")
            assert runs.jobs == number + 1


@pytest.mark.parametrize(("rate", "expected"), [(1000, 12), (1 << 19, 3), (1 << 23, 1)])
@pytest.mark.parametrize("known", [True, False])
def test_a_seek_does_not_cost_many_bytes_for_it(rate: int, expected: int, *, known: bool) -> None:
    """`rate` in bytes a second: a small film, one of 4 Mbit/s, one of 64 Mbit/s."""
    keys = tuple(KeyFrame(n * 5000, n * 5 * rate if known else -1) for n in range(40))
    probed = Probed(Facts("matroska", 200.0), KeyFrames("clusters", Fraction(1, 1000), keys, 200.0))
    line = Timeline(replace(probed), cut(probed.keys), 200 * rate)
    behind = line.behind(30, seconds=LONGEST, most=MOST_BEHIND)
    assert (behind.stop, len(behind)) == (30, expected)
    assert line.behind(0, seconds=LONGEST, most=MOST_BEHIND) == range(0)
    assert line.behind(1, seconds=LONGEST, most=MOST_BEHIND) == range(1)

"""Text of films without an index: segments are windows of time, whose text is found without reading the film."""

import re

import pytest

from streamvault.playback.making.probe import probe_file
from streamvault.playback.model import Probed
from streamvault.playback.plan import cut
from streamvault.playback.segments import Film
from streamvault.playback.subtitles import SubtitleService
from streamvault.playback.timeline import Timeline
from streamvault.reading.reader import Bounds
from tests.support import ffmpeg_films
from tests.support.ffmpeg_films import Words, without_cues
from tests.support.hls import FilmSource, cells_over, no_limit
from tests.support.in_process import InProcess
from tests.support.repackaged import FileInMemory
from tests.support.sources import media_file

LOUD = ("libx264", "-preset", "ultrafast", "-qp", "4", "-g", "25", "-bf", "2", "-pix_fmt", "yuv420p")
"""Some 2 MiB in 5 seconds."""
FRAGMENTS = ("-movflags", "+frag_keyframe+empty_moov+default_base_moof+skip_trailer")
EVERY = 1.7
TEXT = re.compile(r"(\d\d):(\d\d\.\d{3}) --> \S+\n(cue \d+)\n")


def at_half_speed(data: bytes) -> bytes:
    """The same without an index, whose unit of time is 2 ms."""
    scale = b"\x2a\xd7\xb1\x83"
    changed = data.replace(scale + (1_000_000).to_bytes(3, "big"), scale + (2_000_000).to_bytes(3, "big"), 1)
    assert changed != data
    return without_cues(changed)


def at_double_speed(data: bytes) -> bytes:
    """The same without an index, whose unit of time is 0.5 ms."""
    scale = b"\x2a\xd7\xb1\x83"
    changed = data.replace(scale + (1_000_000).to_bytes(3, "big"), scale + (500_000).to_bytes(3, "big"), 1)
    assert changed != data
    return without_cues(changed)


def film(suffix: str, coder: str, **changes: object) -> ffmpeg_films.Film:
    return ffmpeg_films.Film(suffix, LOUD, words=(Words(coder, every=EVERY),), seconds=40, keys=(), **changes)  # type: ignore[arg-type]


FILMS = {
    "mkv": (film("mkv", "subrip", edit=without_cues), 1.0),
    "mkv live": (film("mkv", "ass", output=("-live", "1")), 1.0),
    "mkv of 2 ms": (film("mkv", "subrip", edit=at_half_speed), 2.0),
    "mkv of 0.5 ms": (film("mkv", "subrip", edit=at_double_speed), 0.5),
    "mp4": (film("mp4", "mov_text", output=FRAGMENTS), 1.0),
}
"""With the factor by which their times are longer than they were made."""


@pytest.mark.parametrize("name", FILMS)
async def test_each_segment_has_the_text_of_its_time_out_of_few_bytes(name: str) -> None:
    recipe, factor = FILMS[name]
    data = recipe.path.read_bytes()
    known, runs = probe_file(FileInMemory(data)), InProcess(data)
    assert not known.keys.exact or name == "mp4"
    line = Timeline(known, cut(known.keys), len(data))
    assert len(line.cuts) >= 4
    (text,) = known.facts.of_type("subtitle")
    times = {f"cue {n}": n * EVERY * factor for n in range(int((40 - 1.5) / EVERY) + 1)}

    async def probe(_: object, __: str) -> Probed:
        return known

    async with cells_over(FilmSource()) as cells:
        service = SubtitleService(runs, cells, probe=probe, slot=no_limit, bounds=Bounds(5.0, 5.0))
        for number in range(len(line.cuts)):
            made = await service.segment(Film(media_file(len(data)), line), text.index, number, viewer="")
            found = {cue: int(minutes) * 60 + float(seconds) for minutes, seconds, cue in TEXT.findall(made.decode())}
            begin, end = float(line.begin(number)), float(line.begin(number + 1))
            own = {cue: time for cue, time in times.items() if begin <= time < end}
            assert {cue: time for cue, time in found.items() if begin <= time < end} == pytest.approx(own, abs=0.002)
            if recipe.suffix == "mkv":
                near = (end - begin + 7.0) / float(line.end)
                assert runs.read <= len(data) * near + (1 << 20), number

"""Every container that is repackaged gives every picture once, in time, and sound without gaps."""

import io
import itertools
from fractions import Fraction
from functools import cache

import av
import pytest

from streamvault.playback.making.nal import from_annex_b
from streamvault.playback.making.probe import probe_file
from streamvault.playback.plan import cut
from streamvault.playback.timeline import Timeline
from tests.support.ffmpeg_films import FILMS, make
from tests.support.repackaged import FileInMemory, Repackaged, packets

INDEXED = (
    "avi", "mp4 open gop",
    "mkv", "mkv hevc", "mkv av1", "webm", "mp4", "mov late index", "mp4 fragmented", "mkv open gop",
)  # fmt: skip
WITHOUT_INDEX = ("mkv without cues", "mkv live", "ts")


@cache
def repackaged(name: str) -> Repackaged:
    data = make(FILMS[name]).read_bytes()
    probed = probe_file(FileInMemory(data))
    return Repackaged(data, Timeline(probed, cut(probed.keys), len(data)))


@pytest.mark.parametrize("name", [*INDEXED, *WITHOUT_INDEX])
def test_each_picture_once_and_in_time(name: str) -> None:
    film = repackaged(name)
    track = film.video
    source = packets(film.data, track)
    if name in ("ts", "avi"):
        source = [(moment, from_annex_b(data)) for moment, data in source]
    made = packets(film.joined(track))
    assert len(made) == len(source)
    assert [data for _, data in made] == [data for _, data in source]
    begins = float(film.timeline.origin_seconds)
    late = [moment - (there - begins) for (moment, _), (there, _) in zip(made, source, strict=True)]
    assert max(map(abs, late)) < 0.001


@pytest.mark.parametrize("name", [*INDEXED, *WITHOUT_INDEX])
def test_sound_has_no_gaps(name: str) -> None:
    film = repackaged(name)
    for track in film.sounds:
        with av.open(io.BytesIO(film.joined(track))) as container:
            stream = container.streams.audio[0]
            frames = [(packet.pts, packet.duration) for packet in container.demux(stream) if packet.pts is not None]
        assert {after[0] - before[0] for before, after in itertools.pairwise(frames)} == {1024}
        assert float(len(frames) * 1024 * Fraction(stream.time_base or 1)) == pytest.approx(
            float(film.timeline.end), abs=0.15
        )

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
from tests.support.proof import sample
from tests.support.repackaged import FileInMemory, Repackaged, packets

INDEXED = (
    "avi", "mp4 open gop",
    "avi dropped", "mp4 negative", "mp4 fragmented negative",
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
    source = packets(film.data, track, decoded=name.startswith("avi"))
    if name in ("ts", "avi", "avi dropped"):
        source = [(moment, from_annex_b(data)) for moment, data in source]
    made = packets(film.joined(track))
    assert len(made) == len(source)
    assert [data for _, data in made] == [data for _, data in source]
    begins = float(film.timeline.origin_seconds)
    late = [moment - (there - begins) for (moment, _), (there, _) in zip(made, source, strict=True)]
    assert max(map(abs, late)) < 0.001


@pytest.mark.parametrize("name", [*INDEXED, *WITHOUT_INDEX])
def test_decode_times_increase_over_the_joins(name: str) -> None:
    film = repackaged(name)
    with av.open(io.BytesIO(film.joined(film.video))) as container:
        times = [one.dts for one in container.demux(container.streams.video[0]) if one.dts is not None]
    assert all(before < after for before, after in itertools.pairwise(times))


@pytest.mark.parametrize("name", ["mp4", "mp4 negative", "mp4 fragmented", "mp4 fragmented negative", "mp4 open gop"])
def test_the_index_tells_when_key_frames_are_shown(name: str) -> None:
    film = repackaged(name)
    keys = film.timeline.keys
    with av.open(io.BytesIO(film.data)) as container:
        stream = container.streams[film.video]
        shown = {one.pts for one in container.demux(stream) if one.is_keyframe and one.size}
    assert keys.time_base == stream.time_base
    assert {key.pts for key in keys.keys} <= shown


@pytest.mark.parametrize("name", [*sample(INDEXED), *sample(WITHOUT_INDEX)])
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

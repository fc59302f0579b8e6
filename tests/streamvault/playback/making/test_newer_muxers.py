"""Films of newer muxers, which tell the delay of the encoder, so that decoders cut it off."""

from functools import cache

import pytest

from streamvault.playback.making.probe import probe_file
from streamvault.playback.plan import cut
from streamvault.playback.timeline import Timeline
from tests.support.muxed_films import muxed
from tests.support.repackaged import FileInMemory, Repackaged, left_channel

SECONDS = 11
FILMS = {
    ("matroska", 48_000): ("ac3", "libopus"),
    ("matroska", 44_100): ("libmp3lame", "mp2", "eac3", "vorbis"),
    ("matroska", 32_000): ("libmp3lame",),
    ("matroska", 22_050): ("libmp3lame", "flac"),
    ("mp4", 44_100): ("libmp3lame", "ac3"),
}
SOUNDS = [(*film, number) for film, coders in FILMS.items() for number in range(len(coders))]
MOST = 30
"""Samples of a lag that are tried."""
LATE = 24
"""Samples that sound may be out of step: Matroska rounds times to 1 ms."""


@cache
def repackaged(form: str, rate: int) -> Repackaged:
    data = muxed(form, [(coder, rate) for coder in FILMS[form, rate]], seconds=SECONDS)
    probed = probe_file(FileInMemory(data))
    return Repackaged(data, Timeline(probed, cut(probed.keys), len(data)))


@pytest.mark.parametrize(("form", "rate", "number"), SOUNDS, ids=[f"{a} {b} {FILMS[a, b][c]}" for a, b, c in SOUNDS])
def test_sound_does_not_slip_at_joins(form: str, rate: int, number: int) -> None:
    film = repackaged(form, rate)
    track = film.timeline.facts.of_type("audio")[number]
    assert (film.timeline.facts.reason, track.sample_rate) == ("", rate)
    assert len(film.timeline.cuts) >= 2, "there is a join"
    origin = round(float(film.timeline.origin_seconds) * rate)
    source = left_channel(film.data, track.index, rate=rate, length=SECONDS * rate + origin)[origin:]
    made = left_channel(film.joined(track.index), 0, rate=rate, length=SECONDS * rate)
    lags = {second: _lag(source, made, round(second * rate)) for second in (0.9, 2.2, 4.3, 5.5, 7.5, 9.6)}
    assert len(set(lags.values())) == 1, lags
    assert abs(lags[0.9]) <= LATE


def _lag(source: list[float], made: list[float], at: int) -> int:
    here = made[at : at + 1024]
    return min(
        range(-MOST, MOST + 1),
        key=lambda lag: sum((x - y) ** 2 for x, y in zip(here, source[at - lag : at - lag + 1024], strict=True)),
    )

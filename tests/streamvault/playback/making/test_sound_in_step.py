"""Sound does not slip between segments, whatever is told of it: newer muxers tell the encoder's delay, for example."""

from collections.abc import Sequence
from functools import cache
from math import dist

import pytest

from streamvault.playback.making.probe import probe_file
from streamvault.playback.plan import cut
from streamvault.playback.timeline import Timeline
from tests.support.chirp_films import X264, made, picture
from tests.support.muxed_films import muxed
from tests.support.proof import full, sample
from tests.support.repackaged import FileInMemory, Repackaged, left_channel

SECONDS = 11 if full() else 9
FILMS = {
    ("matroska", 48_000): ("ac3", "libopus"),
    ("matroska", 44_100): ("libmp3lame", "mp2", "eac3", "vorbis"),
    ("matroska", 32_000): ("libmp3lame",),
    ("matroska", 22_050): ("libmp3lame", "flac"),
    ("mp4", 44_100): ("libmp3lame", "ac3"),
}
SOUNDS = [(*film, number) for film, coders in FILMS.items() for number in sample(range(len(coders)))]
MOST = 30
"""Samples of a lag that are tried."""
LATE = 24
"""Samples that sound may be out of step: Matroska rounds times to 1 ms."""


VARYING = (("libvorbis", 44_100), ("libvorbis", 48_000), ("truehd", 44_100), ("truehd", 48_000))
VARYING_SECONDS = 18 if full() else 12


def repackaged(data: bytes) -> Repackaged:
    probed = probe_file(FileInMemory(data))
    assert probed.facts.reason == ""
    return Repackaged(data, Timeline(probed, cut(probed.keys), len(data)))


@cache
def newer(form: str, rate: int) -> Repackaged:
    return repackaged(muxed(form, [(coder, rate) for coder in FILMS[form, rate]], seconds=SECONDS))


@cache
def varying() -> Repackaged:
    """Clicks in the sound, at which Vorbis takes short blocks; and TrueHD, whose frames are shorter than 1 ms."""
    sounds: list[str] = []
    tracks = ["-map", "0"]
    for number, (coder, rate) in enumerate(VARYING):
        tone = "0.3*sin(2*PI*(200*t+20*t*t))+if(lt(mod(t,0.31),0.002),0.6*(random(0)-0.5),0)"
        sounds += ["-f", "lavfi", "-i", f"aevalsrc='{tone}|{tone}':s={rate}:d={VARYING_SECONDS}:c=stereo"]
        tracks += ["-map", str(number + 1), f"-c:a:{number}", coder]
    keys = ("-force_key_frames", "expr:gte(t,n_forced*1.1)")
    path = made(
        "varying.mkv", *picture(VARYING_SECONDS, size="160x90"), *sounds, *tracks, *X264, *keys, "-strict", "-2"
    )
    return repackaged(path.read_bytes())


@pytest.mark.parametrize(("form", "rate", "number"), SOUNDS, ids=[f"{a} {b} {FILMS[a, b][c]}" for a, b, c in SOUNDS])
def test_sound_does_not_slip_at_joins(form: str, rate: int, number: int) -> None:
    in_step(newer(form, rate), number, SECONDS)


@pytest.mark.parametrize("number", sample(range(len(VARYING))), ids=lambda number: "{} {}".format(*VARYING[number]))
def test_sound_of_packets_that_vary_or_are_short_does_not_slip(number: int) -> None:
    in_step(varying(), number, VARYING_SECONDS)


def in_step(film: Repackaged, number: int, seconds: int) -> None:
    """The sound of every segment is as late as that of the first one, and not much."""
    track = film.timeline.facts.of_type("audio")[number]
    rate = track.sample_rate or 0
    origin = round(float(film.timeline.origin_seconds) * rate)
    source = left_channel(film.data, track.index, rate=rate, length=seconds * rate + origin)[origin:]
    sent = left_channel(film.joined(track.index), 0, rate=rate, length=seconds * rate)
    moments = [one.start + late for one in film.timeline.cuts for late in (0.5, 1.2) if one.start + late < seconds - 1]
    assert len(moments) >= 4, "there is a join"
    lags = [_lag(source, sent, round(moment * rate)) for moment in moments]
    assert len(set(lags)) == 1, lags
    assert abs(lags[0]) <= LATE


def _lag(source: Sequence[float], made: Sequence[float], at: int) -> int:
    here = made[at : at + 1024]
    return min(range(-MOST, MOST + 1), key=lambda lag: dist(here, source[at - lag : at - lag + 1024]))

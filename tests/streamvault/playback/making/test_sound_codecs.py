"""Every codec of sound that is promised, from the probe to the joined segments: in step, and the sound that it was."""

import io
import itertools
from collections.abc import Sequence
from functools import cache
from math import dist, hypot
from pathlib import Path

import av
import pytest

from streamvault.playback.making.probe import probe_file
from streamvault.playback.plan import cut
from streamvault.playback.timeline import Timeline
from tests.support import chirp_films
from tests.support.chirp_films import X264, chirp, made, picture
from tests.support.proof import sample
from tests.support.repackaged import FileInMemory, Repackaged, left_channel, packets

SECONDS = 8
KEYS = ("-force_key_frames", "0.7,2.3,5.1")
CODECS = {
    "mkv": ("truehd", "mlp", "libvorbis", "pcm_s16le", "pcm_f32le", "flac", "libopus", "libmp3lame"),
    "mov": ("pcm_s16be", "pcm_s24le", "alac"),
    "mp4": ("libmp3lame", "libopus", "flac"),
    "avi": ("pcm_s16le", "libmp3lame"),
}
NAMES = {"libvorbis": "vorbis", "libopus": "opus", "libmp3lame": "mp3"}
PAIRS = [(suffix, number) for suffix, coders in CODECS.items() for number in sample(range(len(coders)))]
LATE = 24
"""Samples that sound may be out of step."""


def _film(suffix: str) -> Path:
    coders = CODECS[suffix]
    sounds = [part for number, coder in enumerate(coders) for part in ("-map", "1", f"-c:a:{number}", coder)]
    return made(
        f"coders.{suffix}", *picture(SECONDS), *chirp(SECONDS), "-map", "0", *sounds, *X264, *KEYS, "-strict", "-2"
    )


@cache
def repackaged(suffix: str) -> Repackaged:
    data = _film(suffix).read_bytes()
    probed = probe_file(FileInMemory(data))
    return Repackaged(data, Timeline(probed, cut(probed.keys), len(data)))


@pytest.mark.parametrize(("suffix", "number"), PAIRS, ids=[f"{one} {CODECS[one][at]}" for one, at in PAIRS])
def test_sound_of_each_codec_is_in_step_and_complete(suffix: str, number: int) -> None:
    film = repackaged(suffix)
    track, coder = film.timeline.facts.of_type("audio")[number], CODECS[suffix][number]
    assert (track.codec, film.timeline.facts.reason) == (NAMES.get(coder, coder), "")
    assert len(film.timeline.cuts) >= 2, "there is a join"
    joined = film.joined(track.index)
    with av.open(io.BytesIO(joined)) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.codec_context.sample_rate) == ("aac", track.sample_rate)
        times = [packet.pts for packet in container.demux(stream) if packet.pts is not None]
    assert {after - before for before, after in itertools.pairwise(times)} == {1024}
    rate = track.sample_rate or 0
    origin = round(float(film.timeline.origin_seconds) * rate)
    source = left_channel(film.data, track.index, rate=rate, length=SECONDS * rate + origin)[origin:]
    sent = left_channel(joined, 0, rate=rate, length=SECONDS * rate)
    lags = [_lag(source, sent, round(second * rate)) for second in (1.3, 4.4, 6.9)]
    assert max(map(abs, lags)) <= LATE
    begin, end = rate // 2, round((SECONDS - 0.5) * rate)
    there = source[begin - lags[1] : end - lags[1]]
    assert dist(there, sent[begin:end]) < 0.1 * hypot(*there)


def _lag(source: Sequence[float], sent: Sequence[float], at: int) -> int:
    here = sent[at : at + 1024]
    return min(range(-64, 65), key=lambda lag: dist(here, source[at - lag : at - lag + 1024]))


def test_he_aac_is_copied(tmp_path: Path) -> None:
    data = chirp_films.he_aac(tmp_path).read_bytes()
    probed = probe_file(FileInMemory(data))
    film = Repackaged(data, Timeline(probed, cut(probed.keys), len(data)))
    (track,) = probed.facts.of_type("audio")
    assert (track.codec_string, track.sample_rate) == ("mp4a.40.5", 48_000)
    joined = film.joined(track.index)
    source = packets(data, track.index)
    begins = float(film.timeline.origin_seconds)
    sent = packets(joined)
    kept = [(moment - begins, packet) for moment, packet in source if 0.05 < moment - begins < SECONDS - 0.1]
    assert len(kept) > 180
    nearest = [min(sent, key=lambda one: abs(one[0] - moment)) for moment, _ in kept]
    assert [packet for _, packet in nearest] == [packet for _, packet in kept]
    assert max(abs(there - moment) for (there, _), (moment, _) in zip(nearest, kept, strict=True)) < 0.002

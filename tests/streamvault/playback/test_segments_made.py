"""Media segments: what they hold, that they fit together, and that anybody makes the same ones."""

import hashlib
import io
import itertools
import json
import multiprocessing
import random
import statistics
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from math import dist

import av
import pytest

from streamvault.playback.making.fmp4 import boxes, find_box
from streamvault.playback.making.video import Picture, arrange, delay_of
from tests.support import chirp_films
from tests.support.proof import sample
from tests.support.repackaged import Film, left_channel, packets

SOUNDS = {"ac3": 1, "eac3": 2, "dts": 3, "mp3 44.1": 4, "aac 44.1": 5, "opus": 7}
RATES = {"mp3 44.1": 44_100, "aac 44.1": 44_100}


@cache
def film() -> Film:
    return Film.of(chirp_films.many_sounds())


@cache
def joined(track: int) -> bytes:
    return film().joined(track)


@cache
def original(track: int) -> list[tuple[float, bytes]]:
    return packets(film().data, track)


def _digests(order: list[tuple[int, int]]) -> dict[str, str]:
    one = Film.of(chirp_films.many_sounds())
    told, _ = one.opening()
    return {f"{track}/{n}": hashlib.sha256(one.segment(told, track, n)).hexdigest() for track, n in order}


def test_other_processes_in_another_order_make_the_same_bytes() -> None:
    order = [(track, number) for track in sample((0, 2, 3, 5)) for number in range(len(film().cuts))]
    shuffled = random.Random(3).sample(order, len(order))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        elsewhere = pool.apply(_digests, (shuffled,))
    assert elsewhere == _digests(order)


def test_each_picture_is_there_once_and_in_time() -> None:
    made = packets(joined(0))
    assert [data for _, data in made] == [data for _, data in original(0)]
    late = [moment - source for (moment, _), (source, _) in zip(made, original(0), strict=True)]
    begins = film().origin * film().time_base
    assert max(abs(one + float(begins)) for one in late) < 0.001


def test_decode_times_of_pictures_tile_the_film() -> None:
    told, _ = film().opening()
    previous = None
    for number, (pts, _) in enumerate(film().cuts):
        moof = dict(boxes(film().segment(told, 0, number)))[b"moof"]
        traf = dict(boxes(moof))[b"traf"]
        inside = dict(boxes(traf))
        begin = int.from_bytes(inside[b"tfdt"][4:], "big")
        assert begin == round((pts - film().origin) * film().time_base * 90_000)
        assert previous in (None, begin)
        rows = inside[b"trun"][12:]
        offsets = [int.from_bytes(rows[at + 12 : at + 16], "big", signed=True) for at in range(0, len(rows), 16)]
        assert min(offsets) >= 0
        steps = [int.from_bytes(rows[at : at + 4], "big") for at in range(0, len(rows), 16)]
        assert min(steps) > 0
        previous = begin + sum(steps)


@pytest.mark.parametrize("reordered", [1, 2, 5, 16])
def test_closed_groups_need_no_delay_whatever_order_their_pictures_are_decoded_in(reordered: int) -> None:
    """VLC ignores the edit list that would take a delay back: its picture would be late."""
    assert delay_of("h264", 25.0, open_gop=False) == 0
    shown = [0]
    for begin in range(1, 60, reordered):
        shown += [begin + reordered - 1, *range(begin, begin + reordered - 1)]
    pictures = [Picture(b"", 1000 + 3600 * number, number == 0) for number in shown]
    samples = arrange(pictures, 1000, 1000 + 3600 * len(pictures), delay=0)
    times = list(itertools.accumulate((one.duration for one in samples), initial=1000))
    assert [moment + one.offset for moment, one in zip(times, samples, strict=False)] == [one.pts for one in pictures]
    assert min(one.duration for one in samples) > 0
    assert min(one.offset for one in samples) >= 0


def test_only_open_groups_have_an_edit_list() -> None:
    for open_gop in (False, True):
        one = Film.of(chirp_films.many_sounds())
        one.open_gop = open_gop
        moov = dict(boxes(one.opening()[1][0]))[b"moov"]
        assert (b"edts" in dict(boxes(dict(boxes(moov))[b"trak"]))) == open_gop


@pytest.mark.parametrize("name", SOUNDS)
def test_no_gap_between_frames_of_sound(name: str) -> None:
    rate = RATES.get(name, 48_000)
    with av.open(io.BytesIO(joined(SOUNDS[name]))) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.codec_context.sample_rate) == ("aac", rate)
        frames = [(packet.pts, packet.duration) for packet in container.demux(stream) if packet.pts is not None]
    assert stream.time_base == Fraction(1, rate)
    assert {after[0] - before[0] for before, after in itertools.pairwise(frames)} == {1024}
    assert len(frames) * 1024 / rate == pytest.approx(20, abs=0.08)


@pytest.mark.parametrize("name", SOUNDS)
def test_sound_is_in_step_and_joins_are_not_heard(name: str) -> None:
    rate, track = RATES.get(name, 48_000), SOUNDS[name]
    source = left_channel(film().data, track, rate=rate, length=20 * rate)
    made = left_channel(joined(track), 0, rate=rate, length=20 * rate)
    lags = {_lag(source, made, int(second * rate)) for second in (3.1, 9.7, 15.2)}
    assert max(map(abs, lags)) <= 24, lags
    lag = statistics.median_low(sorted(lags))
    origin = film().origin
    joins = [int((float((pts - origin) * film().time_base) + 0.25) * rate) for pts, _ in film().cuts[1:]]
    errors = {at: _error(source, made, at, lag) for at in range(rate, 19 * rate, rate // 8)}
    usual = statistics.median(errors.values())
    assert [at / rate for at in joins if _error(source, made, at, lag) > 2 * usual + 1e-6] == []


def _lag(source: Sequence[float], made: Sequence[float], at: int) -> int:
    here = made[at : at + 2048]
    return min(range(-64, 65), key=lambda lag: dist(here, source[at - lag : at - lag + 2048]))


def _error(source: Sequence[float], made: Sequence[float], at: int, lag: int) -> float:
    return dist(made[at - 1024 : at + 2048], source[at - 1024 - lag : at + 2048 - lag]) ** 2


def test_initialization_segments_describe_the_codec() -> None:
    _, inits = film().opening()
    stsd = {track: find_box(data[data.index(b"moov") - 4 :], b"stsd") for track, data in inits.items()}
    assert b"avc1" in stsd[0]
    assert b"avcC" in stsd[0]
    assert all(b"mp4a" in stsd[track] for track in SOUNDS.values())


def test_what_a_job_returns_is_json() -> None:
    told, _ = film().opening()
    assert json.loads(json.dumps(told)) == told

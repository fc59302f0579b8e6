"""Segments tile the film, and are as long as its key frames allow."""

import itertools
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from streamvault.playback.making.probe import probe_file
from streamvault.playback.model import KeyFrame, KeyFrames
from streamvault.playback.plan import LONGEST, MOST_BYTES, SHORTEST, TARGET, cut
from tests.support.cell_files import CellFile
from tests.support.ffmpeg_films import FILMS, KEYS

GAPS = st.lists(st.tuples(st.integers(1, 15_000), st.integers(0, 30 << 20)), max_size=120)


def keys_of(gaps: list[tuple[int, int]], *, start: int = 0, tail: float = 1.0, known: bool = True) -> KeyFrames:
    """Key frames with these gaps (milliseconds, bytes) between them."""
    times = itertools.accumulate((gap for gap, _ in gaps), initial=start)
    places = itertools.accumulate((size for _, size in gaps), initial=500)
    listed = tuple(KeyFrame(time, place if known else -1) for time, place in zip(times, places, strict=True))
    return KeyFrames("clusters", Fraction(1, 1000), listed, end=listed[-1].pts / 1000 + tail)


@given(GAPS, st.integers(0, 100_000), st.floats(0, 12), st.booleans())
def test_segments_tile_and_hold_every_key_frame_once(
    gaps: list[tuple[int, int]], start: int, tail: float, known: bool
) -> None:
    keys = keys_of(gaps, start=start, tail=tail, known=known)
    cuts = cut(keys)

    assert [number for one in cuts for number in range(one.first, one.last)] == list(range(len(keys.keys)))
    assert all(before.end == after.start for before, after in itertools.pairwise(cuts))
    assert cuts[0].start == start / 1000
    assert cuts[-1].end >= keys.end
    assert all(one.start == keys.keys[one.first].pts / 1000 for one in cuts)
    assert all(one.end > one.start for one in cuts)


@given(GAPS)
def test_lengths_are_within_what_key_frames_allow(gaps: list[tuple[int, int]]) -> None:
    keys = keys_of(gaps)
    times = [key.pts / 1000 for key in keys.keys]

    for one in cut(keys)[:-1]:
        assert one.end - one.start >= SHORTEST - 1e-9
        inner = [time for time in times[one.first + 1 : one.last] if time - one.start >= SHORTEST]
        if inner:  # there was a choice
            assert one.end - one.start <= LONGEST
            assert keys.keys[one.last].position - keys.keys[one.first].position <= MOST_BYTES
            assert abs(one.end - one.start - TARGET) < abs(inner[0] - one.start - TARGET)


@given(st.integers(1, 400), st.integers(100, 2000))
def test_frequent_key_frames_give_segments_near_the_target(count: int, step: int) -> None:
    cuts = cut(keys_of([(step, 1000)] * count))

    assert all(abs(one.end - one.start - TARGET) <= step / 2000 + 1e-9 for one in cuts[:-2])


def test_bytes_bound_a_segment() -> None:
    cuts = cut(keys_of([(500, 5 << 20)] * 40))

    assert {one.end - one.start for one in cuts[:-1]} == {2.0}


def test_no_key_frames_no_segments() -> None:
    assert cut(KeyFrames("none", Fraction(1, 1000))) == ()


def test_real_film_is_cut_at_its_key_frames() -> None:
    cuts = cut(probe_file(CellFile(FILMS["mp4"].path)).keys)

    assert [one.start for one in cuts] == [0.0, 4.6, 9.2, 16.4, 23.0]
    assert {one.start for one in cuts} <= set(KEYS)
    assert cuts[-1].end == 24.0

"""The window: shallow at first, as deep as rate and delay need, never deeper than the limit, shrinking in a pause."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.cells import CELL, PER_WINDOW
from streamvault.media.readahead import (
    CUSHION,
    EAGER,
    LEAST,
    NEAR,
    OPENING,
    SETTLED,
    SEVERAL,
    STARVED,
    STAYED,
    UNDER_WAY,
    Window,
)

MIB = 1 << 20
LIMIT = 16 * MIB


def read_at(rate: float, *, seconds: float, delay: float) -> Window:
    """The window of a reader who has taken `rate` bytes a second for so long."""
    window = Window(began=0.0)
    for tick in range(int(seconds * 20)):
        window.took(int(rate / 20), tick / 20)
        window.answered(delay)
    return window


def test_it_begins_with_the_least() -> None:
    assert Window(began=5.0).depth(5.0, limit=LIMIT) == LEAST


def test_it_opens_no_wider_than_what_was_taken_allows() -> None:
    window = Window(began=0.0)
    window.took(CELL, 0.001)
    assert window.depth(0.001, limit=LIMIT) <= LEAST + 2 * CELL


def test_it_opens_at_once_for_a_reader_on_a_long_line_who_stays() -> None:
    window = Window(began=0.0)
    window.answered(0.1)
    window.took(STAYED, 0.1)
    assert window.depth(0.1, limit=LIMIT) == LIMIT


def test_on_a_short_line_it_stays_narrow_for_longer() -> None:
    window = Window(began=0.0)
    window.answered(NEAR / 2)
    window.took(SETTLED - 1, 0.1)
    assert window.depth(0.1, limit=LIMIT) == EAGER
    window.took(1, 0.1)
    assert window.depth(0.1, limit=LIMIT) == LIMIT


def test_a_fast_reader_on_a_long_line_gets_the_limit() -> None:
    assert read_at(100 * MIB, seconds=2, delay=0.1).depth(2.0, limit=LIMIT) == LIMIT


def test_a_steady_player_has_a_cushion_and_what_the_delay_needs() -> None:
    depth = read_at(2 * MIB, seconds=20, delay=0.1).depth(20.0, limit=LIMIT)
    assert 0.9 < depth / (2 * MIB * (CUSHION + 0.2)) < 1.1


def test_it_shrinks_while_the_reader_takes_nothing() -> None:
    window = read_at(2 * MIB, seconds=20, delay=0.1)
    assert window.depth(60.0, limit=LIMIT) == LEAST


def test_it_is_shallow_again_after_a_failure() -> None:
    window = read_at(100 * MIB, seconds=2, delay=0.1)
    window.failed()
    assert window.depth(2.0, limit=LIMIT) == LEAST


@given(
    st.lists(st.tuples(st.integers(0, 8 * MIB), st.floats(0, 10), st.floats(0, 30))), st.integers(CELL, 64 * MIB)
)  # fmt: skip
def test_it_stays_within_its_bounds_whatever_happens(steps: list[tuple[int, float, float]], limit: int) -> None:
    window, now = Window(began=0.0), 0.0
    for taken, passed, delay in steps:
        now += passed
        window.took(taken, now)
        window.answered(delay)
        assert LEAST <= window.depth(now, limit=limit) <= max(LEAST, limit)


def test_requests_are_small_while_the_window_opens_and_large_once_it_is_open() -> None:
    opening = Window(began=0.0)
    opening.took(8 * CELL, 0.1)
    assert opening.request(opening.depth(0.1, limit=LIMIT)) == 2
    steady = read_at(100 * MIB, seconds=2, delay=0.1)
    assert steady.request(steady.depth(2.0, limit=LIMIT)) == PER_WINDOW


def test_a_reader_whom_the_line_holds_up_has_no_more_on_its_way_than_the_line_brings_in_a_moment() -> None:
    window = read_at(4 * MIB, seconds=20, delay=0.1)
    window.answered(UNDER_WAY)
    window.waited(20.0)
    under_way = window.under_way(20.0)
    assert under_way is not None
    assert 0.9 < under_way / (4 * MIB * UNDER_WAY) < 1.1
    assert window.request(window.depth(20.0, limit=LIMIT), under_way=under_way) * SEVERAL * CELL <= under_way


def test_more_may_be_on_its_way_while_nothing_queues_up() -> None:
    window = read_at(4 * MIB, seconds=20, delay=0.1)
    window.waited(20.0)
    opening = window.under_way(20.0)
    window.answered(0.21)
    assert opening == pytest.approx((window.under_way(20.0) or 0) * OPENING, rel=1e-5)


def test_what_comes_from_a_cache_is_no_line() -> None:
    window = Window(began=0.0)
    window.took(64 * MIB, 0.1)
    window.waited(0.1)
    assert window.under_way(0.1) is None
    assert window.request(window.depth(0.1, limit=LIMIT), under_way=None) == PER_WINDOW


def test_on_a_long_line_a_moment_is_several_round_trips() -> None:
    window = read_at(40 * MIB, seconds=20, delay=1.0)
    window.waited(20.0)
    assert (window.under_way(20.0) or 0) > 2 * 40 * MIB


def test_a_reader_who_takes_little_still_has_a_cell_from_each_connection_on_its_way() -> None:
    window = read_at(1000, seconds=20, delay=0.1)
    window.waited(20.0)
    assert window.under_way(20.0) == SEVERAL * CELL
    assert window.request(LIMIT, under_way=SEVERAL * CELL) == 1


def test_a_reader_who_never_waits_gets_large_requests() -> None:
    window = read_at(2 * MIB, seconds=20, delay=0.1)
    assert window.under_way(20.0) is None
    window.waited(20.0)
    assert window.under_way(20.0 + STARVED + 0.1) is None


@given(st.integers(0, 64 * MIB), st.integers(LEAST, 64 * MIB))
def test_a_request_is_a_power_of_two_and_two_fit_into_the_window(taken: int, depth: int) -> None:
    window = Window(began=0.0)
    window.took(taken, 0.1)
    cells = window.request(depth)
    assert cells.bit_count() == 1
    assert cells <= PER_WINDOW
    assert 2 * cells * CELL <= depth

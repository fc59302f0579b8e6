"""The window: narrow at first, as wide as rate and delay need, within its limit, shrinking in a pause."""

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


def test_the_window_begins_with_its_minimum() -> None:
    assert Window(began=5.0).depth(5.0, limit=LIMIT) == LEAST


def test_the_window_widens_only_with_what_was_taken() -> None:
    window = Window(began=0.0)
    window.took(CELL, 0.001)
    assert window.depth(0.001, limit=LIMIT) <= LEAST + 2 * CELL


def test_with_a_long_delay_the_window_widens_once_the_reader_stays() -> None:
    window = Window(began=0.0)
    window.answered(0.1)
    window.took(STAYED, 0.1)
    assert window.depth(0.1, limit=LIMIT) == LIMIT


def test_with_a_short_delay_the_window_stays_narrow_for_longer() -> None:
    window = Window(began=0.0)
    window.answered(NEAR / 2)
    window.took(SETTLED - 1, 0.1)
    assert window.depth(0.1, limit=LIMIT) == EAGER
    window.took(1, 0.1)
    assert window.depth(0.1, limit=LIMIT) == LIMIT


def test_a_fast_reader_with_a_long_delay_gets_the_limit() -> None:
    assert read_at(100 * MIB, seconds=2, delay=0.1).depth(2.0, limit=LIMIT) == LIMIT


def test_a_steady_player_has_a_cushion_and_what_the_delay_needs() -> None:
    depth = read_at(2 * MIB, seconds=20, delay=0.1).depth(20.0, limit=LIMIT)
    assert 0.9 < depth / (2 * MIB * (CUSHION + 0.2)) < 1.1


def test_the_window_shrinks_while_nothing_is_taken() -> None:
    window = read_at(2 * MIB, seconds=20, delay=0.1)
    assert window.depth(60.0, limit=LIMIT) == LEAST


def test_the_window_is_narrow_again_after_a_failure() -> None:
    window = read_at(100 * MIB, seconds=2, delay=0.1)
    window.failed()
    assert window.depth(2.0, limit=LIMIT) == LEAST


@given(
    st.lists(st.tuples(st.integers(0, 8 * MIB), st.floats(0, 10), st.floats(0, 30))), st.integers(CELL, 64 * MIB)
)  # fmt: skip
def test_the_window_stays_within_its_bounds(steps: list[tuple[int, float, float]], limit: int) -> None:
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


def test_a_reader_limited_by_the_network_has_bounded_bytes_under_way() -> None:
    window = read_at(4 * MIB, seconds=20, delay=0.1)
    window.answered(UNDER_WAY)
    window.waited(20.0)
    under_way = window.under_way(20.0)
    assert under_way is not None
    assert 0.9 < under_way / (4 * MIB * UNDER_WAY) < 1.1
    assert window.request(window.depth(20.0, limit=LIMIT), under_way=under_way) * SEVERAL * CELL <= under_way


def test_the_bound_is_higher_while_nothing_queues_in_the_network() -> None:
    window = read_at(4 * MIB, seconds=20, delay=0.1)
    window.waited(20.0)
    opening = window.under_way(20.0)
    window.answered(0.21)
    assert opening == pytest.approx((window.under_way(20.0) or 0) * OPENING, rel=1e-5)


def test_answers_from_a_cache_set_no_bound() -> None:
    window = Window(began=0.0)
    window.took(64 * MIB, 0.1)
    window.waited(0.1)
    assert window.under_way(0.1) is None
    assert window.request(window.depth(0.1, limit=LIMIT), under_way=None) == PER_WINDOW


def test_with_a_long_delay_the_bound_is_several_round_trips() -> None:
    window = read_at(40 * MIB, seconds=20, delay=1.0)
    window.waited(20.0)
    assert (window.under_way(20.0) or 0) > 2 * 40 * MIB


def test_a_slow_reader_still_has_a_cell_per_connection_under_way() -> None:
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

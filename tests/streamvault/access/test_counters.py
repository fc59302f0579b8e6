"""Counts within a window: exact while there are places, and never lost for who is near a limit."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.access.counters import WindowCounters


class Clock:
    def __init__(self, now: float = 1_000_000_020.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def counters(most: int = 10, *, keep_from: int = 5, window: int = 60) -> tuple[WindowCounters, Clock]:
    clock = Clock()
    return WindowCounters(window, keep_from=keep_from, most=most, clock=clock), clock


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 7)), max_size=60))
def test_counts_are_exact_while_there_are_places(hits: list[tuple[str, int]]) -> None:
    counted, _ = counters(most=8)
    wanted: Counter[str] = Counter()
    for key, amount in hits:
        wanted[key] += amount
        assert counted.add(key, amount) == wanted[key]
    assert all(counted.get(key) == wanted[key] for key in "abcdefgh")


def test_a_window_ends_at_a_multiple_of_its_length() -> None:
    counted, clock = counters()
    counted.add("a", 3)
    assert counted.ends_at == 1_000_000_080
    clock.now = 1_000_000_079.999
    assert counted.get("a") == 3
    clock.now = 1_000_000_080
    assert (counted.get("a"), len(counted), counted.take_unshared(10)) == (0, 0, {})


def test_a_day_ends_at_midnight_utc() -> None:
    counted, clock = counters(window=86_400)
    clock.now = 20_000 * 86_400 + 5
    assert counted.ends_at == 20_001 * 86_400


@pytest.mark.parametrize("flood", [11, 1000])
def test_a_flood_of_keys_frees_nobody_who_is_near_a_limit(flood: int) -> None:
    counted, _ = counters()
    counted.add("near", 5)
    for number in range(flood):
        counted.add(f"flood {number}")
    assert counted.get("near") == 5
    assert len(counted) == 10
    assert counted.add(f"flood {flood - 1}") == 2


def test_where_everybody_is_near_a_limit_new_keys_share_a_count() -> None:
    counted, _ = counters(most=3)
    for key in "abc":
        counted.add(key, 5)
    assert [counted.add(key) for key in "def"] == [1, 2, 3]
    assert counted.get("new") == 3
    assert [counted.add(key) for key in "abc"] == [6, 6, 6]


def test_what_is_not_shared_is_taken_once_and_bounded() -> None:
    counted, _ = counters(most=4)
    for key in "abcdef":
        counted.add(key, 2)
    assert counted.take_unshared(3) == {"a": 2, "b": 2, "c": 2}
    counted.give_back({"a": 2})
    counted.add("a")
    assert counted.take_unshared(9) == {"d": 2, "a": 3}
    assert counted.take_unshared(9) == {}


def test_totals_of_all_processes_count_and_what_is_new_comes_on_top() -> None:
    counted, _ = counters()
    counted.add("a", 2)
    counted.take_unshared(9)
    counted.add("a")
    counted.learn({"a": 10, "b": 7})
    assert (counted.get("a"), counted.get("b")) == (11, 7)
    counted.learn({"a": 3})
    assert counted.get("a") == 11, "an old answer"

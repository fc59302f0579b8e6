"""Journals: one counter, every event once, and whether events are missing."""

from hypothesis import given
from hypothesis import strategies as st

from tgemulator.world.journal import Journal

batches = st.lists(st.integers(min_value=1, max_value=5), max_size=30)


@given(batches, st.integers(min_value=0, max_value=200))
def test_events_since_a_pts_add_up_to_the_newest(sizes: list[int], back: int) -> None:
    journal = Journal()
    for size in sizes:
        journal.record("delete", *range(size))
    start = max(1, journal.pts - back)
    events = journal.since(start)
    assert all(event.pts > start for event in events)
    assert sum(event.count for event in events) >= journal.pts - start
    boundaries = {1, *(1 + sum(sizes[: number + 1]) for number in range(len(sizes)))}
    if start in boundaries:
        assert sum(event.count for event in events) == journal.pts - start


@given(batches, st.integers(min_value=1, max_value=10))
def test_remembers_is_false_once_events_were_dropped(sizes: list[int], limit: int) -> None:
    journal = Journal(limit=limit)
    for size in sizes:
        journal.record("new", *range(size))
    kept = sizes[-limit:]
    oldest = 1 + sum(sizes) - sum(kept)
    assert journal.remembers(oldest)
    assert journal.remembers(oldest - 1) is False
    assert [event.count for event in journal.since(oldest)] == kept


def test_an_event_without_messages_counts_as_one() -> None:
    journal = Journal(first=0)
    assert journal.record("other", payload="joined").pts == 1


def test_a_smaller_limit_drops_events_at_once() -> None:
    journal = Journal()
    for number in range(5):
        journal.record("new", number)
    journal.resize(2)
    assert (journal.remembers(3), journal.remembers(4)) == (False, True)

"""The rules of a call."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.errors import EntryMissing, QueueFull, VoiceConflict
from streamvault.voice import transitions
from streamvault.voice.model import Call, Loop, Status
from streamvault.voice.transitions import position_of
from tests.contracts.voice_calls import GROUP, item

NOW = 1000.0
IDLE = Call(GROUP)


def names(call: Call) -> list[str]:
    return [one.id for one in (*([call.item] if call.item else []), *call.queue)]


def held(call: Call, now: float = NOW) -> Call:
    """Taken up and playing."""
    call = transitions.claimed(call, "1/w", node="n", now=now)
    return transitions.begun(call, call.stream, now=now)


def test_the_first_item_begins_and_others_wait() -> None:
    call = transitions.added(IDLE, [item("a"), item("b")], now=NOW)
    assert (call.status, names(call), call.stream) == (Status.JOINING, ["a", "b"], 1)
    more = transitions.added(call, [item("c")], now=NOW)
    assert (names(more), more.stream) == (["a", "b", "c"], 1), "what plays goes on"
    at_once = transitions.added(more, [item("d"), item("e")], now=NOW, at_once=True, position=41.0)
    assert (names(at_once), at_once.position, at_once.stream) == (["d", "e", "b", "c"], 41.0, 2)


def test_the_position_goes_on_while_it_plays_and_no_further_than_the_worker_tells() -> None:
    call = held(transitions.added(IDLE, [item("a")], now=NOW, position=10.0))
    assert position_of(call, NOW + 3) == 13.0
    assert position_of(call, NOW + 60) == 10.0 + transitions.MAX_GAP, "the worker may be dead"
    later = transitions.beaten(call, now=NOW + 3)
    assert (later.position, later.position_at) == (13.0, NOW + 3)
    paused = transitions.paused(later, now=NOW + 4)
    assert position_of(paused, NOW + 400) == 14.0
    again = transitions.resumed(paused, now=NOW + 400)
    assert (again.status, again.position, again.stream) == (Status.JOINING, 14.0, later.stream + 1)


def test_the_end_of_an_item_is_followed_by_what_is_wished() -> None:
    call = held(transitions.added(IDLE, [item("a"), item("b"), item("c")], now=NOW, position=118.0))
    for loop, expected in ((Loop.OFF, ["b", "c"]), (Loop.ONE, ["a", "b", "c"]), (Loop.ALL, ["b", "c", "a"])):
        looped = transitions.with_loop(call, loop, now=NOW)
        after = transitions.ended(looped, call.stream, now=NOW + 2)
        assert (names(after), after.position, after.status) == (expected, 0.0, Status.JOINING), loop
        assert names(transitions.skipped(looped, now=NOW)) == (["b", "c", "a"] if loop is Loop.ALL else ["b", "c"])
    last = held(transitions.added(IDLE, [item("a")], now=NOW, position=119.0))
    assert transitions.ended(last, last.stream, now=NOW + 1).status is Status.IDLE


def test_the_end_of_a_stream_that_was_replaced_skips_nothing() -> None:
    call = held(transitions.added(IDLE, [item("a"), item("b")], now=NOW, position=118.0))
    sought = transitions.sought(call, 10.0, now=NOW)
    assert transitions.ended(sought, call.stream, now=NOW) == sought
    paused = transitions.paused(call, now=NOW)
    assert transitions.ended(paused, call.stream, now=NOW) == paused, "a pause ends no item"


def test_a_source_that_ends_early_is_resumed_where_it_ended_and_given_up_without_progress() -> None:
    call, now = held(transitions.added(IDLE, [item("a"), item("b")], now=NOW)), NOW
    for _ in range(transitions.MAX_TRIES):
        call = transitions.ended(call, call.stream, now=now + 1)
        assert (names(call), call.status) == (["a", "b"], Status.RECONNECTING)
        call, now = transitions.begun(call, call.stream, now=now + 1), now + 1
    assert names(transitions.ended(call, call.stream, now=now + 1)) == ["b"]
    steady = replace(call, position=60.0, position_at=now)
    resumed = transitions.ended(steady, steady.stream, now=now)
    assert (names(resumed), resumed.position, resumed.tries) == (["a", "b"], 60.0, 1), "it has made progress"


def test_an_item_of_unknown_length_ends_when_its_source_does() -> None:
    call = held(transitions.added(IDLE, [item("a", duration=None), item("b")], now=NOW))
    assert names(transitions.ended(call, call.stream, now=NOW + 1)) == ["b"]


def test_a_call_that_is_lost_is_joined_again_after_pauses_that_grow_and_then_told() -> None:
    call, pauses = held(transitions.added(IDLE, [item("a")], now=NOW, position=7.0)), list[float]()
    while call.status is not Status.FAILED:
        call = transitions.interrupted(call, "It was lost.", now=NOW)
        pauses.append(call.due - NOW)
    assert pauses[:-1] == list(transitions.PAUSES[:-1])
    assert (call.position, names(call)) == (7.0, ["a"])
    assert call.reason is not None
    assert "/resume" in call.reason
    assert transitions.resumed(call, now=NOW).status is Status.JOINING


def test_without_listeners_it_is_paused_and_then_left_and_goes_on_when_one_comes_back() -> None:
    call = held(transitions.added(IDLE, [item("a")], now=NOW))
    alone = transitions.heard(call, 0, now=NOW)
    assert alone.status is Status.PLAYING
    silent = transitions.heard(alone, 0, now=NOW + transitions.ALONE_PAUSE)
    assert (silent.status, silent.paused_alone) == (Status.PAUSED, True)
    assert transitions.heard(silent, 1, now=NOW + 100).status is Status.JOINING
    by_hand = transitions.paused(silent, now=NOW + 100)
    assert transitions.heard(by_hand, 1, now=NOW + 101).status is Status.PAUSED, "somebody paused it"
    assert transitions.heard(silent, 0, now=NOW + transitions.ALONE_STOP).status is Status.IDLE


def test_a_worker_that_takes_up_a_call_goes_on_where_it_was() -> None:
    call = transitions.beaten(held(transitions.added(IDLE, [item("a")], now=NOW)), now=NOW + 4)
    assert not transitions.claimable(call, NOW + 5)
    taken = transitions.claimed(call, "1/other", node="m", now=NOW + 4 + transitions.LEASE)
    assert (taken.status, taken.position, taken.fence) == (Status.RECONNECTING, 4.0, 2)
    assert taken.stream > call.stream
    paused = transitions.released(transitions.paused(call, now=NOW + 4), now=NOW + 4)
    assert transitions.claimed(paused, "1/other", node="m", now=NOW + 5).status is Status.PAUSED


def test_what_cannot_be_done_says_so() -> None:
    for change in (transitions.paused, transitions.resumed, transitions.skipped):
        with pytest.raises(VoiceConflict, match="Nothing plays"):
            change(IDLE, now=NOW)
    call = transitions.added(IDLE, [item("a"), item("b"), item("c")], now=NOW)
    with pytest.raises(VoiceConflict, match="120 s"):
        transitions.sought(call, 120.0, now=NOW)
    with pytest.raises(VoiceConflict, match="0 to 200"):
        transitions.with_volume(call, 201, now=NOW)
    with pytest.raises(EntryMissing):
        transitions.removed(call, "x", now=NOW)
    for ids in (["b"], ["b", "b"], ["b", "c", "d"]):
        with pytest.raises(VoiceConflict, match="changed meanwhile"):
            transitions.ordered(call, ids, now=NOW)
    assert names(transitions.ordered(call, ["c", "b"], now=NOW)) == ["a", "c", "b"]
    assert names(transitions.removed(call, "b", now=NOW)) == ["a", "c"]


def test_a_person_and_a_queue_have_bounds() -> None:
    many = [item(str(n), person=5) for n in range(transitions.MAX_OF_PERSON)]
    call = transitions.added(IDLE, many, now=NOW)
    call = transitions.added(call, [item("x", person=5)], now=NOW)
    with pytest.raises(QueueFull, match="each person"):
        transitions.added(call, [item("y", person=5)], now=NOW)
    transitions.added(call, [item("y", person=6)], now=NOW)
    with pytest.raises(QueueFull, match="1000"):
        transitions.added(call, [item(str(n)) for n in range(transitions.MAX_QUEUE)], now=NOW, owner=True)


Step = Callable[[Call, float], Call]
_STEPS: tuple[Step, ...] = (
    lambda call, now: transitions.added(call, [item("a"), item("b")], now=now),
    lambda call, now: transitions.added(call, [item("c")], now=now, at_once=True, position=3.0),
    lambda call, now: transitions.paused(call, now=now),
    lambda call, now: transitions.resumed(call, now=now),
    lambda call, now: transitions.skipped(call, now=now),
    lambda call, now: transitions.sought(call, 50.0, now=now),
    lambda call, now: transitions.with_volume(call, int(now) % 200, now=now),
    lambda call, now: transitions.with_loop(call, list(Loop)[int(now) % 3], now=now),
    lambda call, now: transitions.stopped(call, now=now),
    lambda call, now: transitions.claimed(call, "1/w", node="n", now=now),
    lambda call, now: transitions.begun(call, call.stream, now=now),
    lambda call, now: transitions.ended(call, call.stream, now=now),
    lambda call, now: transitions.interrupted(call, "Lost.", now=now),
    lambda call, now: transitions.failed(call, "Failed.", now=now),
    lambda call, now: transitions.heard(call, int(now) % 2, now=now),
    lambda call, now: transitions.beaten(call, now=now),
    lambda call, now: transitions.released(call, now=now),
)


@given(st.lists(st.tuples(st.integers(0, len(_STEPS) - 1), st.sampled_from((0.0, 0.5, 3.0, 70.0)))))
def test_in_any_order_a_call_stays_sound(steps: list[tuple[int, float]]) -> None:
    call, now = IDLE, NOW
    for number, seconds in steps:
        now += seconds
        try:
            after = _STEPS[number](call, now)
        except (VoiceConflict, QueueFull, ValueError):
            continue
        assert after.stream >= call.stream, "numbers of streams never come back"
        assert (after.item is None) == (after.status is Status.IDLE)
        assert after.item is None or 0.0 <= position_of(after, now) <= 120.0
        assert after.item == call.item or after.stream > call.stream, "another item is another stream"
        call = after

"""What a feed becomes: when it is looked at next, how it is asked, where it moves, when it stops."""

from dataclasses import replace

import pytest

from streamvault.errors import JobConflict
from streamvault.leech.feeds import transitions
from streamvault.leech.feeds.choice import HERE
from streamvault.leech.feeds.model import Feed, FeedState, Parsed, Pick
from streamvault.leech.feeds.transitions import CATCH_UP, CONDITIONAL, LONGEST_PAUSE, MOVED_AFTER, Answered
from tests.support.feeds import BEGUN, DAY, WHERE, feed, item

NEW = "https://new.example/rss"
TOLD = Answered('"2"', "Tue, 01 Jan 2041 00:00:00 GMT")


def read(one: Feed, *numbers: int, answered: Answered = TOLD, now: float = BEGUN, whole: bool = True) -> Feed:
    parsed = Parsed("T", tuple(map(item, numbers)), whole=whole)
    return transitions.read(
        one, answered, parsed, now=now, jitter=0.5, abilities=HERE, seal=lambda _, address: f"sealed {address}"
    )


def unchanged(one: Feed, *, answered: Answered = TOLD, now: float = BEGUN) -> Feed:
    return transitions.unchanged(one, answered, now=now, jitter=0.5)


def test_each_nth_look_asks_for_all_of_it() -> None:
    """R4: a server that answers 304 for ever."""
    one = read(feed(), 1)
    looks = 0
    while not transitions.asks_all(one):
        one = unchanged(one)
        looks += 1
    assert looks == CONDITIONAL
    assert (one.error, one.failures, one.polled) == (None, 0, BEGUN), "304 is a success"
    assert not transitions.asks_all(read(one, 1))
    assert transitions.asks_all(feed(started=False))


def test_both_validators_are_those_of_the_last_document() -> None:
    """R4."""
    one = read(feed(etag='"1"', modified="Mon"), 1)
    assert (one.etag, one.modified) == (TOLD.etag, TOLD.modified)
    one = read(one, 1, answered=Answered(None, "Wed"))
    assert (one.etag, one.modified) == (None, "Wed")
    assert unchanged(one, answered=Answered('"9"')).etag is None
    cut = read(one, 1, whole=False)
    assert (cut.etag, cut.modified) == (None, None), "the end of it is still to come"


def test_a_move_is_taken_over_after_days_of_a_valid_feed() -> None:
    """R5."""
    moved = replace(TOLD, moved=NEW)
    one = feed()
    for day in range(3):
        assert transitions.moves(one, now=BEGUN + day * DAY) is None
        one = (unchanged if day == 2 else read)(one, answered=moved, now=BEGUN + day * DAY)
    assert transitions.moves(one, now=BEGUN + MOVED_AFTER) == NEW
    failed = transitions.failed(one, "x", now=BEGUN + MOVED_AFTER, jitter=0.5)
    assert transitions.moves(failed, now=BEGUN + 5 * DAY) is None, "a log-in page is no feed"
    back = read(one, answered=TOLD, now=BEGUN + 3.5 * DAY)
    assert back.moved is None
    portal = read(one, answered=replace(TOLD, moved="https://portal.example/"), now=BEGUN + 3.5 * DAY)
    assert transitions.moves(portal, now=BEGUN + 4 * DAY) is None, "another address begins anew"
    assert read(feed(), answered=replace(TOLD, moved=WHERE)).moved is None


def test_failures_back_off_and_obey_the_server() -> None:
    pauses, one = [], feed(every=600.0)
    for _ in range(12):
        one = transitions.failed(one, "it is away", now=BEGUN, jitter=0.5)
        pauses.append(one.poll_at - BEGUN)
    assert pauses[:4] == [600.0, 600.0, 1200.0, 2400.0]
    assert pauses[-1] == LONGEST_PAUSE
    assert (one.due, one.error, one.failures, one.lease) == (one.poll_at, "it is away", 12, None)
    spread = {transitions.failed(feed(), "x", now=BEGUN, jitter=jitter).poll_at for jitter in (0.0, 0.5, 1.0)}
    assert len(spread) == 3
    busy = transitions.failed(feed(every=600.0), "429", now=BEGUN, jitter=0.5, retry_after=7200.0)
    assert busy.poll_at == BEGUN + 7200.0
    well = unchanged(one)
    assert (well.error, well.failures) == (None, 0)
    assert well.poll_at == BEGUN + 600.0


def test_a_feed_that_is_gone_stops_until_somebody_has_it_tried() -> None:
    """R5: 410."""
    one = transitions.stopped(feed(etag='"1"'), "it is gone", now=BEGUN)
    assert (one.state, one.error) == (FeedState.STOPPED, "it is gone")
    assert not transitions.claimable(one, BEGUN + 1e9)
    again = transitions.tried_again(one, now=BEGUN)
    assert (again.state, again.error, again.due, again.etag) == (FeedState.ACTIVE, None, BEGUN, None)
    assert transitions.claimable(again, BEGUN)


def test_a_feed_is_held_by_one_worker() -> None:
    held = transitions.claimed(feed(), "w1", now=BEGUN)
    assert not transitions.claimable(held, BEGUN + transitions.LEASE - 1)
    with pytest.raises(ValueError, match="cannot be taken up"):
        transitions.claimed(held, "w2", now=BEGUN + 1)
    second = transitions.claimed(held, "w2", now=BEGUN + transitions.LEASE)
    assert (second.fence, second.lease and second.lease.worker) == (2, "w2")
    assert transitions.claimable(transitions.released(second), BEGUN)


def test_an_answer_makes_picks_of_what_was_in_question() -> None:
    asked = read(feed(), *range(CATCH_UP + 5))
    assert (len(asked.question), asked.picks) == (CATCH_UP + 5, ())
    everything = transitions.answered(asked, "all", now=BEGUN + 9)
    assert (everything.picks, everything.question, everything.due) == (asked.question, (), BEGUN + 9)
    newest = transitions.answered(asked, "newest", now=BEGUN + 9)
    assert newest.picks == asked.question[-CATCH_UP:]
    none = transitions.answered(asked, "none", now=BEGUN + 9)
    assert (none.picks, none.question) == ((), ())
    with pytest.raises(JobConflict, match="asks nothing"):
        transitions.answered(none, "all", now=BEGUN)


def test_picks_are_left_until_they_are_jobs() -> None:
    one = read(feed(), 1, 2, 3)
    assert one.due <= BEGUN + transitions.BUSY_PAUSE, "a worker that dies now is followed soon"
    ids = [pick.id for pick in one.picks]
    assert [pick.sealed for pick in one.picks] == [f"sealed https://files.example/{n}.mkv" for n in (3, 2, 1)]
    part = transitions.handed_over(one, ids[:1], now=BEGUN, later=300.0)
    assert ([pick.id for pick in part.picks], part.taken, part.due) == (ids[1:], 1, BEGUN + 300.0)
    meanwhile = replace(part, picks=(*part.picks, Pick("x", "", "")))
    assert transitions.handed_over(meanwhile, ids, now=BEGUN).due == BEGUN, "somebody answered meanwhile"
    rest = transitions.handed_over(part, ids, now=BEGUN, lost=1)
    assert (rest.picks, rest.taken, rest.due) == ((), 2, one.poll_at)

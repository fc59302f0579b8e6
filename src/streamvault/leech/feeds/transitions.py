"""The rules of a feed's states: pure functions from a feed to what it becomes, to be stored by FeedStore.replace.

`now` is in Unix seconds, `jitter` between 0 and 1.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from streamvault.errors import JobConflict
from streamvault.leech.feeds.choice import Abilities
from streamvault.leech.feeds.judging import Verdict, job_id, judged, seen_after
from streamvault.leech.feeds.model import Feed, FeedState, Moved, Parsed, Pick
from streamvault.leech.model import Lease

LEASE = 180.0
"""Seconds for which a worker holds a feed; a look at it takes less."""
CATCH_UP = 10
"""New items of one look that are taken without a question."""
MOST_HELD = 200
"""Items that a feed holds until they have become jobs, or somebody has answered; further ones are looked at again."""
CONDITIONAL = 12
"""Looks in a row that ask only for a newer document; the next one asks for all of it."""
MOVED_AFTER = 3 * 86_400.0
"""Seconds for which a feed must say that it has moved, before its new address is taken over."""
FIRST_PAUSE, LONGEST_PAUSE = 300.0, 86_400.0
"""Seconds before the next look after the first failure, and the most."""
BUSY_PAUSE = 300.0
"""Seconds before picks are handed over again that could not be."""

Take = Literal["all", "newest", "none"]
Seal = Callable[[str, str], str]
"""Encrypts an address under an id."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a server said of a feed: `etag` and `modified` as it sent them; `moved`: the address that it says the feed
    has moved to for good.
    """

    etag: str | None = None
    modified: str | None = None
    moved: str | None = None


def held(feed: Feed, now: float) -> bool:
    """Whether a worker holds the feed."""
    return feed.lease is not None and feed.lease.until > now


def claimable(feed: Feed, now: float) -> bool:
    """Whether a worker may take it up. See FeedStore.due."""
    return feed.state is FeedState.ACTIVE and feed.due <= now and not held(feed, now)


def claimed(feed: Feed, worker: str, *, now: float) -> Feed:
    """The feed as a worker takes it up. Raises ValueError for one that is not `claimable`."""
    if not claimable(feed, now):
        raise ValueError(f"feed {feed.id} cannot be taken up")
    lease = Lease(worker, until=now + LEASE, fence=feed.fence + 1)
    return replace(feed, lease=lease, fence=lease.fence)


def read(
    feed: Feed, answered: Answered, parsed: Parsed, *, now: float, jitter: float, abilities: Abilities, seal: Seal
) -> Feed:
    """After a document was read: its new items are picks, or a question where they are too many."""
    verdicts = judged(feed, parsed, abilities)
    taken = _oldest_first([one for one in verdicts if one.why is None])
    room = MOST_HELD - len(feed.picks) - len(feed.question)
    kept, left = taken[:room], taken[room:]
    picks = tuple(_pick(feed, one, seal) for one in kept)
    asks = len(kept) > CATCH_UP or bool(left)
    whole = parsed.whole and not left
    unknown = {id(one) for one in left}
    after = replace(
        _polled(feed, answered, now=now, jitter=jitter),
        title=parsed.title or feed.title,
        started=True,
        etag=answered.etag if whole else None,
        modified=answered.modified if whole else None,
        seen=seen_after(feed, [one for one in verdicts if id(one) not in unknown]),
        top=verdicts[0].key if verdicts else feed.top,
        picks=feed.picks if asks else (*feed.picks, *picks),
        question=(*feed.question, *picks) if asks else feed.question,
        changed=now if picks else feed.changed,
        conditional=0,
    )
    return replace(after, due=_due(after, after.poll_at, now))


def unchanged(feed: Feed, answered: Answered, *, now: float, jitter: float) -> Feed:
    """After a server said that there is nothing new, which is a success."""
    return replace(_polled(feed, answered, now=now, jitter=jitter), conditional=feed.conditional + 1)


def asks_all(feed: Feed) -> bool:
    """Whether the next look asks for the whole document, as servers may say "nothing new" for ever."""
    return feed.conditional >= CONDITIONAL or not feed.started


def failed(feed: Feed, reason: str, *, now: float, jitter: float, retry_after: float | None = None) -> Feed:
    """After a look that failed: back-off, or as long as the server asks for."""
    failures = feed.failures + 1
    pause = min(LONGEST_PAUSE, max(feed.every, FIRST_PAUSE * 2 ** min(failures - 1, 20)))
    pause = max(pause * (0.9 + 0.2 * jitter), retry_after or 0.0)
    return replace(
        feed, lease=None, error=reason, failures=failures, poll_at=now + pause, due=_due(feed, now + pause, now),
        updated=now,
    )  # fmt: skip


def stopped(feed: Feed, reason: str, *, now: float) -> Feed:
    """The feed is gone for good; its picks still become jobs when somebody has it tried again."""
    return replace(feed, lease=None, state=FeedState.STOPPED, error=reason, failures=feed.failures + 1, updated=now)


def handed_over(feed: Feed, ids: Collection[str], *, now: float, later: float | None = None, lost: int = 0) -> Feed:
    """Without the picks that have become jobs, or cannot (`lost` of them). `later`: seconds before the others are."""
    left = tuple(pick for pick in feed.picks if pick.id not in ids)
    taken = feed.taken + len(feed.picks) - len(left) - lost
    due = now + (later or 0.0) if left else feed.poll_at
    return replace(feed, picks=left, taken=taken, due=min(due, feed.poll_at), updated=now)


def released(feed: Feed) -> Feed:
    """No longer held by its worker."""
    return replace(feed, lease=None)


def answered(feed: Feed, take: Take, *, now: float) -> Feed:
    """After somebody said which of the items in question are taken: all, the CATCH_UP newest, or none."""
    if not feed.question:
        raise JobConflict("This feed asks nothing: its new items were few enough to be taken at once.")
    wanted = {"all": feed.question, "newest": feed.question[-CATCH_UP:], "none": ()}[take]
    picks = (*feed.picks, *wanted)
    return replace(feed, question=(), picks=picks, due=now if picks else feed.due, updated=now)


def tried_again(feed: Feed, *, now: float) -> Feed:
    """Looked at as soon as a worker is free, also where it was stopped; all of its document is asked for."""
    return replace(
        feed, state=FeedState.ACTIVE, error=None if feed.state is FeedState.STOPPED else feed.error, failures=0,
        due=now, poll_at=now, etag=None, modified=None, updated=now,
    )  # fmt: skip


def moves(feed: Feed, *, now: float) -> str | None:
    """The address that is taken over now, None for none: the feed has said so for days, and is well there."""
    moved = feed.moved
    return moved.address if moved is not None and feed.failures == 0 and now - moved.since >= MOVED_AFTER else None


def _polled(feed: Feed, answered: Answered, *, now: float, jitter: float) -> Feed:
    """What every look that succeeded changes."""
    moved = feed.moved
    if answered.moved is None or answered.moved == feed.address:
        moved = None
    elif moved is None or moved.address != answered.moved:
        moved = Moved(answered.moved, now)
    poll_at = now + feed.every * (0.95 + 0.1 * jitter)
    return replace(
        feed, error=None, failures=0, polled=now, moved=moved, poll_at=poll_at, due=_due(feed, poll_at, now),
        updated=now,
    )  # fmt: skip


def _due(feed: Feed, poll_at: float, now: float) -> float:
    """Picks that are left become jobs sooner than it is looked at again."""
    return min(poll_at, now + BUSY_PAUSE) if feed.picks else poll_at


def _oldest_first(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """By their dates, where all have one, else from the end of the document."""
    dates = [one.item.published for one in verdicts]
    backwards = list(reversed(verdicts))
    if any(date is None for date in dates):
        return backwards
    return sorted(backwards, key=lambda one: one.item.published or 0.0)


def _pick(feed: Feed, verdict: Verdict, seal: Seal) -> Pick:
    id = job_id(feed.id, verdict.key)
    return Pick(id, verdict.item.title[:300], seal(id, verdict.address or ""), verdict.page)

"""The rules of a job's states: pure functions from a job to what it becomes, to be stored by JobStore.replace.

A worker's functions want a job that it holds (see `held`): one with a lease and in a state of HELD. Where somebody
wishes a pause or the end meanwhile, the job becomes that as soon as its worker lets it go, unless it ended by itself.
People's functions raise JobConflict for what cannot be done; where a job already is what is wished, it is returned as
it is. `now` and `until` are Unix seconds.
"""

from collections.abc import Mapping
from dataclasses import replace

from streamvault.errors import JobConflict
from streamvault.leech.choice import choice_of, decided
from streamvault.leech.model import ENDED, HELD, Job, Lease, State, Transfer, Wish

LEASE = 60.0
"""Seconds for which a worker holds a job without renewing its lease."""
MAX_ATTEMPTS = 10
"""Attempts in a row that may fail, without MUCH more having been transferred, before a job fails for good."""
MAX_LOST = 20
"""The same for workers that ended while they held it: what ends each of them may be the job itself."""
MUCH = 16 << 20
"""Bytes after which attempts are counted anew."""
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 1800.0
"""Seconds before the second attempt, and the most before any other."""

_FULFILLED: Mapping[Wish, State] = {"pause": State.PAUSED, "cancel": State.CANCELLED}


def held(job: Job, now: float) -> bool:
    """Whether a worker holds the job, and nobody else may take it up."""
    return job.lease is not None and job.lease.until > now


def claimable(job: Job, now: float) -> bool:
    """Whether a worker may take it up. See JobStore.due."""
    return job.state not in ENDED and job.state is not State.PAUSED and job.due <= now and not held(job, now)


def claim(job: Job, worker: str, *, now: float, length: float = LEASE) -> Job:
    """The job as a worker takes it up, held for `length` seconds; without a lease where it is paused or ended instead:
    as somebody wished while its last worker was ending, or because too many workers ended with it.

    Raises ValueError for one that is not `claimable`.
    """
    if not claimable(job, now):
        raise ValueError(f"job {job.id} cannot be taken up")
    if job.wish is not None:
        return settled(job, now=now)
    if job.lease is not None:
        job = _counted(job)
        job = replace(job, lost=job.lost + 1)
        if job.lost > MAX_LOST:
            why = f"the worker ended {job.lost} times while it worked at this file"
            return _released(job, State.FAILED, now=now, reason=why)
    lease = Lease(worker, until=now + length, fence=job.fence + 1)
    return replace(job, state=State.READING, reason=None, rate=0.0, lease=lease, fence=lease.fence, updated=now)


def renewed(job: Job, *, now: float, length: float = LEASE) -> Job:
    """Held for `length` seconds from now on."""
    lease = replace(_lease(job), until=now + length)
    return replace(job, lease=lease)


def progressed(
    job: Job, *, now: float, state: State, transfer: Transfer, bytes_done: int, bytes_total: int | None,
    rate: float = 0.0, reason: str | None = None,
) -> Job:  # fmt: skip
    """What has been transferred: `bytes_done` counts those that Telegram has for good, and does not go back; `rate` in
    bytes a second; `reason`: what is done meanwhile. Raises ValueError for a state in which no worker holds a job.
    """
    _lease(job)
    if state not in HELD:
        raise ValueError(f"a worker does not hold a job that is {state}")
    done = max(job.bytes_done, bytes_done)
    return replace(
        job, state=state, reason=reason, transfer=transfer, bytes_done=done, bytes_total=bytes_total, rate=rate,
        updated=now,
    )  # fmt: skip


def begun_anew(job: Job, *, now: float) -> Job:
    """Nothing is transferred any more: the source holds another file than the one that was begun."""
    _lease(job)
    return replace(_from_the_start(_counted(job)), updated=now)


def waiting(job: Job, *, now: float, until: float, reason: str) -> Job:
    """Let go until then, as nobody can go on: for room, or Telegram's flood wait. No attempt is counted."""
    _lease(job)
    if job.wish is not None:
        return settled(job, now=now)
    return _released(job, State.WAITING, now=now, due=until, reason=reason)


def choosing(job: Job, *, now: float) -> Job:
    """Let go, and paused until somebody has chosen; what there is, is recorded."""
    _lease(job)
    if job.wish is not None:
        return settled(job, now=now)
    found = _released(job, State.PAUSED, now=now)
    return replace(found, reason=f"which of {len(choice_of(found) or ())} entries are wanted has to be chosen")


def failed_attempt(job: Job, *, now: float, reason: str, jitter: float, retry_after: float | None = None) -> Job:
    """Let go until the next attempt, after a pause that doubles each time and is shorter by up to a half, as `jitter`
    (0 to 1) says, but never shorter than the `retry_after` seconds that were asked for; failed for good after
    MAX_ATTEMPTS.
    """
    _lease(job)
    job = _counted(job)
    attempts = job.attempts + 1
    job = replace(job, attempts=attempts)
    if job.wish is not None:
        return settled(job, now=now)
    if attempts >= MAX_ATTEMPTS:
        return _released(job, State.FAILED, now=now, reason=reason)
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempts - 1)) * (1 - jitter / 2)
    return _released(job, State.WAITING, now=now, due=now + max(pause, retry_after or 0.0), reason=reason)


def refused(job: Job, *, now: float, reason: str) -> Job:
    """Failed for good: trying again would not help."""
    _lease(job)
    if job.wish == "cancel":
        return settled(job, now=now)
    return _released(job, State.FAILED, now=now, reason=reason)


def done(job: Job, *, now: float, reason: str | None = None) -> Job:
    """All of the file is in the chat; a wish came too late. `reason`: what came of it, where that is no file."""
    _lease(job)
    size = job.bytes_done if job.bytes_total is None else job.bytes_total
    return replace(
        _released(job, State.DONE, now=now, reason=reason), bytes_done=max(size, job.bytes_done), bytes_total=size
    )


def released(job: Job, *, now: float) -> Job:
    """Let go, for another worker to go on with at once: this one ends, or holds too many."""
    _lease(job)
    if job.wish is not None:
        return settled(job, now=now)
    return _released(job, State.QUEUED, now=now, due=now)


def abandoned(job: Job, *, now: float) -> Job:
    """Held no longer, as its worker is known to have ended: to be taken up at once."""
    lease = _lease(job)
    return replace(job, lease=replace(lease, until=min(lease.until, now)))


def settled(job: Job, *, now: float) -> Job:
    """Paused or cancelled, as was wished. Raises ValueError without a wish."""
    if job.wish is None:
        raise ValueError(f"nothing is wished for job {job.id}")
    return _released(job, _FULFILLED[job.wish], now=now)


def same_holder(mine: Job, stored: Job) -> bool:
    """Whether the worker that read `mine` still holds the job: else it must stop at once."""
    return mine.lease is not None and stored.lease is not None and mine.lease.fence == stored.lease.fence


def paused(job: Job, *, now: float) -> Job:
    """Paused, or to be paused by the worker that holds it."""
    if job.state in ENDED:
        raise JobConflict(f"This job cannot be paused: it is {job.state}.")
    if job.wish == "cancel":
        raise JobConflict("This job cannot be paused: it is being cancelled.")
    return job if job.state is State.PAUSED else _wished(job, "pause", now=now)


def cancelled(job: Job, *, now: float) -> Job:
    """Cancelled, or to be cancelled by the worker that holds it."""
    if job.state is State.CANCELLED:
        return job
    if job.state in ENDED:
        raise JobConflict(f"This job cannot be cancelled: it is {job.state}.")
    return _wished(job, "cancel", now=now)


def resumed(job: Job, *, now: float) -> Job:
    """Queued again, or no longer to be paused. Where a choice is asked for, it is made: see choice.decided."""
    if job.state in ENDED:
        hint = "" if job.state is State.DONE else ": retry it"
        raise JobConflict(f"This job cannot be resumed, as it is {job.state}{hint}.")
    if job.wish == "cancel":
        raise JobConflict("This job cannot be resumed: it is being cancelled.")
    if job.state is State.PAUSED:
        return replace(decided(job), state=State.QUEUED, reason=None, due=now, updated=now)
    return job if job.wish is None else replace(job, wish=None, updated=now)


def retried(job: Job, *, now: float) -> Job:
    """Queued again with all its attempts: a job that failed goes on where it stopped, one that was cancelled begins
    anew. One that waits for its next attempt has it at once.
    """
    if job.state is State.DONE:
        raise JobConflict("This job cannot be retried: it is done. Add its source again.")
    if job.state is State.PAUSED or job.wish is not None:
        raise JobConflict("This job cannot be retried while it is paused or cancelled: resume it, or wait for its end.")
    if job.state is State.WAITING:
        return replace(job, due=min(job.due, now), updated=now)
    if job.state not in ENDED:
        return job
    job = _from_the_start(job) if job.state is State.CANCELLED else job
    return replace(
        job, state=State.QUEUED, reason=None, attempts=0, lost=0, reached=job.bytes_done, due=now, updated=now
    )


def _lease(job: Job) -> Lease:
    if job.lease is None or job.state not in HELD:
        raise ValueError(f"no worker holds job {job.id}")
    return job.lease


def _released(job: Job, state: State, *, now: float, due: float = 0.0, reason: str | None = None) -> Job:
    return replace(job, state=state, reason=reason, wish=None, due=due, lease=None, rate=0.0, updated=now)


def _wished(job: Job, wish: Wish, *, now: float) -> Job:
    asked = job if job.wish == wish else replace(job, wish=wish, updated=now)
    return asked if held(job, now) else settled(asked, now=now)


def _counted(job: Job) -> Job:
    """Counts anew after MUCH was transferred; a source that changes each time must get further each time for that."""
    if job.bytes_done < job.reached + MUCH:
        return job
    return replace(job, attempts=0, lost=0, reached=job.bytes_done)


def _from_the_start(job: Job) -> Job:
    return replace(job, transfer=Transfer(), bytes_done=0, bytes_total=None, generation=job.generation + 1)

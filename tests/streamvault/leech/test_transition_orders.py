"""Any order of what workers and people do with one job, each on the job as they last read it."""

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from streamvault.errors import JobConflict
from streamvault.leech import transitions as to
from streamvault.leech.model import ENDED, HELD, Job, Lease, Piece, State, Transfer
from tests.support.proof import full

WORKERS = ("a", "b", "c")
LENGTH = 60.0
worker = st.sampled_from(WORKERS)
LETTING_GO = ("waiting", "failed_attempt", "refused", "done", "released", "settled")
STEPS = (*("progressed",) * 8, *("renewed",) * 2, "begun_anew", *LETTING_GO)
"""More of those after which the worker goes on."""


class Jobs(RuleBasedStateMachine):
    """`stored` is the row, replaced only by whoever read its version; `read` is what each worker took up and wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.stored = Job("a", "https://host/x", -1, 900.0)
        self.read: dict[str, Job] = {}
        self.holders: list[Lease] = []

    def replace(self, job: Job) -> bool:
        if job.version != self.stored.version:
            return False
        self.check(self.stored, job)
        self.stored = replace(job, version=job.version + 1)
        return True

    def check(self, before: Job, after: Job) -> None:
        assert after.fence >= before.fence
        assert after.bytes_done >= before.bytes_done or after.generation > before.generation
        if before.state in ENDED:
            assert after == before or (before.state is not State.DONE and after.state is State.QUEUED)
        if after.lease is None:
            assert after.state not in HELD
            assert after.wish is None
        else:
            assert after.state in HELD
            assert after.lease.fence == after.fence
        if before.wish == "cancel" and after.wish is None:
            assert after.state in ENDED

    @rule(worker=worker, length=st.sampled_from([LENGTH, 5.0]))
    def claim(self, worker: str, length: float) -> None:
        job = self.stored
        if not to.claimable(job, self.now):
            with pytest.raises(ValueError, match="cannot be taken up"):
                to.claim(job, worker, now=self.now)
            return
        believing = [one.lease for one in self.read.values() if one.lease is not None]
        assert all(lease.until <= self.now for lease in believing), "somebody still takes it for theirs"
        assert self.replace(to.claim(job, worker, now=self.now, length=length))
        if self.stored.lease is not None:
            assert all(self.stored.lease.fence > lease.fence for lease in self.holders)
            self.holders.append(self.stored.lease)
            self.read[worker] = self.stored

    @rule(
        worker=st.sampled_from((*WORKERS, *("holder",) * 6)),
        step=st.sampled_from(STEPS),
        bytes_done=st.integers(0, 3 * to.MUCH),
        jitter=st.floats(0, 1),
    )
    def work(self, worker: str, step: str, bytes_done: int, jitter: float) -> None:
        if worker == "holder":
            worker = self.stored.lease.worker if self.stored.lease is not None else ""
        mine = self.read.get(worker)
        if mine is None:
            return
        if not to.same_holder(mine, self.stored):
            assert not self.replace(mine), "a worker that lost its lease wrote"
            del self.read[worker]
            return
        job = self.stored  # as it reads it again where a wish came meanwhile
        if step == "settled" and job.wish is None:
            return
        after = self.changed(job, step, bytes_done, jitter)
        if step in ("released", "waiting", "failed_attempt", "settled") and job.wish is not None:
            assert after.state is (State.PAUSED if job.wish == "pause" else State.CANCELLED)
        assert self.replace(after)
        if after.lease is None:
            del self.read[worker]
        else:
            assert after.wish == job.wish, "a wish was lost"
            self.read[worker] = self.stored

    def changed(self, job: Job, step: str, bytes_done: int, jitter: float) -> Job:
        now = self.now
        if step == "progressed":
            transfer = Transfer(pieces=(Piece(0, 1, parts=bytes_done >> 19),))
            return to.progressed(
                job, now=now, state=State.TRANSFERRING, transfer=transfer, bytes_done=bytes_done, bytes_total=None
            )
        if step == "waiting":
            return to.waiting(job, now=now, until=now + bytes_done % 99, reason="Full.")
        if step == "failed_attempt":
            return to.failed_attempt(job, now=now, reason="No answer.", jitter=jitter)
        if step == "refused":
            return to.refused(job, now=now, reason="No file.")
        simple = {"renewed": to.renewed, "begun_anew": to.begun_anew, "done": to.done, "released": to.released}
        return {**simple, "settled": to.settled}[step](job, now=now)

    @rule(step=st.sampled_from([to.paused, to.cancelled, to.resumed, to.retried]))
    def ask(self, step: object) -> None:
        before = self.stored
        try:
            after = step(before, now=self.now)  # type: ignore[operator]
        except JobConflict:
            assert self.stored == before
            return
        if step is to.cancelled:
            assert after.wish == "cancel" or after.state is State.CANCELLED
        if step is to.paused:
            assert after.wish == "pause" or after.state is State.PAUSED
        if step is to.retried:
            assert after.wish == before.wish
        assert self.replace(after)

    @rule(seconds=st.sampled_from([1.0, 4.0, 30.0, 60.0, 1800.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def one_holder_at_a_time(self) -> None:
        held = [name for name, job in self.read.items() if to.same_holder(job, self.stored)]
        assert len(held) <= 1
        assert self.stored.wish is None or self.stored.lease is not None


Jobs.TestCase.settings = settings(max_examples=200 if full() else 60, stateful_step_count=60, deadline=None)
TestJobs = Jobs.TestCase

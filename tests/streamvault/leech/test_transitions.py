"""The rules of a job's states, one by one."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from streamvault.errors import JobConflict
from streamvault.leech import transitions as to
from streamvault.leech.model import ENDED, HELD, Job, Lease, Piece, State, Transfer, Wish

NOW = 1_000.0
NEW = Job("a", "https://host/film.mkv", -1001, 900.0)
TRANSFER = Transfer(pieces=(Piece(0, 77, parts=3),))
WHY = "The source did not answer."


def held_job(state: State = State.READING, **fields: object) -> Job:
    """A job that a worker holds."""
    job = to.claim(NEW, "w", now=NOW, length=60)
    return replace(job, state=state, **fields)  # type: ignore[arg-type]


def in_state(state: State) -> Job:
    return held_job(state) if state in HELD else replace(NEW, state=state)


class TestClaim:
    def test_a_worker_takes_it_up(self) -> None:
        job = to.claim(NEW, "w", now=NOW, length=60)
        assert job.lease == Lease("w", until=NOW + 60, fence=1)
        assert (job.state, job.attempts, job.lost) == (State.READING, 0, 0)
        assert to.held(job, NOW + 59.9)
        assert not to.held(job, NOW + 60)

    @pytest.mark.parametrize("state", [*sorted(ENDED), State.PAUSED])
    def test_not_what_ended_or_is_paused(self, state: State) -> None:
        assert not to.claimable(in_state(state), NOW)
        with pytest.raises(ValueError, match="cannot be taken up"):
            to.claim(in_state(state), "w", now=NOW)

    def test_not_before_its_time_nor_while_another_holds_it(self) -> None:
        assert not to.claimable(replace(NEW, due=NOW + 1), NOW)
        assert to.claimable(replace(NEW, due=NOW), NOW)
        assert not to.claimable(held_job(), NOW + 59)
        assert to.claimable(held_job(), NOW + 60)

    def test_fences_grow_also_after_a_job_was_let_go(self) -> None:
        job, fences = NEW, []
        for number in range(4):
            job = to.claim(job, "w", now=NOW + 100 * number)
            fences.append(job.fence)
            if number % 2:
                job = to.released(job, now=NOW + 100 * number)
        assert fences == [1, 2, 3, 4]

    def test_a_job_that_ends_its_workers_fails_in_the_end(self) -> None:
        job, now = NEW, NOW
        for _ in range(to.MAX_LOST + 1):
            job, now = to.claim(job, "w", now=now), now + to.LEASE
        assert job.lost == to.MAX_LOST
        job = to.claim(job, "w", now=now)
        assert (job.state, job.lease) == (State.FAILED, None)
        assert job.reason is not None
        assert "21 times" in job.reason

    def test_not_where_it_goes_on_between(self) -> None:
        job, now = NEW, NOW
        for number in range(3 * to.MAX_LOST):
            job, now = to.claim(job, "w", now=now), now + to.LEASE
            job = replace(job, bytes_done=number * to.MUCH // 2)
        assert job.lost <= 2

    @pytest.mark.parametrize(("wish", "state"), [("pause", State.PAUSED), ("cancel", State.CANCELLED)])
    def test_a_wish_whose_worker_ended_is_fulfilled(self, wish: Wish, state: State) -> None:
        job = to.claim(held_job(wish=wish), "other", now=NOW + 60)
        assert (job.state, job.lease, job.wish) == (state, None, None)


class TestWorking:
    def test_progress(self) -> None:
        job = to.progressed(
            held_job(),
            now=NOW + 5,
            state=State.TRANSFERRING,
            transfer=TRANSFER,
            bytes_done=50,
            bytes_total=90,
            rate=8.5,
        )
        assert (job.bytes_done, job.bytes_total, job.rate, job.updated) == (50, 90, 8.5, NOW + 5)
        assert (job.state, job.transfer) == (State.TRANSFERRING, TRANSFER)

    def test_the_lease_is_renewed_by_itself_alone(self) -> None:
        before = held_job()
        job = to.renewed(before, now=NOW + 40, length=60)
        assert job.lease == Lease("w", until=NOW + 100, fence=1)
        assert replace(job, lease=before.lease) == before

    def test_what_is_done_does_not_go_back(self) -> None:
        job = held_job(bytes_done=50)
        job = to.progressed(job, now=NOW, state=State.JOINING, transfer=TRANSFER, bytes_done=20, bytes_total=None)
        assert job.bytes_done == 50
        job = to.begun_anew(job, now=NOW)
        assert (job.bytes_done, job.transfer, job.generation, job.bytes_total) == (0, Transfer(), 1, None)

    @pytest.mark.parametrize("state", [state for state in State if state not in HELD])
    def test_a_worker_works_in_states_in_which_it_holds_the_job(self, state: State) -> None:
        with pytest.raises(ValueError, match="does not hold"):
            to.progressed(held_job(), now=NOW, state=state, transfer=TRANSFER, bytes_done=0, bytes_total=None)

    def test_waiting_counts_no_attempt(self) -> None:
        job = held_job(State.TRANSFERRING, bytes_done=50, rate=9.0)
        job = to.waiting(job, now=NOW, until=NOW + 30, reason="Telegram asks to wait.")
        assert (job.state, job.due, job.attempts, job.lease) == (State.WAITING, NOW + 30, 0, None)
        assert (job.reason, job.rate) == ("Telegram asks to wait.", 0)

    @pytest.mark.parametrize("jitter", [0.0, 1.0])
    def test_pauses_double_up_to_a_bound_and_then_it_fails_with_its_reason(self, jitter: float) -> None:
        job, pauses, now = NEW, [], NOW
        while job.state is not State.FAILED:
            job = to.failed_attempt(to.claim(job, "w", now=now), now=now, reason=WHY, jitter=jitter)
            pauses.append(job.due - now)
            now = max(now, job.due)
        whole = [5, 10, 20, 40, 80, 160, 320, 640, 1280]
        assert pauses[:-1] == [pause * (1 - jitter / 2) for pause in whole]
        assert (job.attempts, job.reason) == (to.MAX_ATTEMPTS, WHY)

    def test_the_pause_that_the_source_asks_for(self) -> None:
        for asked, pause in ((7.0, 7.0), (2.0, 5.0), (None, 5.0)):
            job = to.failed_attempt(held_job(), now=NOW, reason=WHY, jitter=0, retry_after=asked)
            assert job.due == NOW + pause

    def test_attempts_count_anew_after_much_was_transferred(self) -> None:
        job, now = NEW, NOW
        for number in range(1, 4 * to.MAX_ATTEMPTS):
            job = replace(to.claim(job, "w", now=now), bytes_done=number * to.MUCH // 4)
            job = to.failed_attempt(job, now=now, reason=WHY, jitter=0)
            assert job.state is State.WAITING
            now = job.due
        assert job.attempts <= 4

    def test_a_source_that_changes_each_time_is_given_up(self) -> None:
        job, now, rounds = NEW, NOW, 0
        while job.state is not State.FAILED:
            job = to.begun_anew(to.claim(job, "w", now=now), now=now)
            job = replace(job, bytes_done=5 * to.MUCH)
            job = to.failed_attempt(job, now=now, reason=WHY, jitter=0)
            now, rounds = max(now, job.due), rounds + 1
        assert rounds == to.MAX_ATTEMPTS

    def test_refused_is_failed_at_once(self) -> None:
        job = to.refused(held_job(), now=NOW, reason="No such file.")
        assert (job.state, job.reason, job.lease, job.attempts) == (State.FAILED, "No such file.", None, 0)

    def test_done(self) -> None:
        job = to.done(held_job(State.JOINING, bytes_done=70, wish="cancel"), now=NOW)
        assert (job.state, job.bytes_done, job.bytes_total, job.wish, job.lease) == (State.DONE, 70, 70, None, None)

    def test_a_worker_that_ends_lets_others_go_on_at_once(self) -> None:
        job = to.released(held_job(bytes_done=50, transfer=TRANSFER), now=NOW)
        assert to.claimable(job, NOW)
        assert (job.transfer, job.bytes_done, job.attempts) == (TRANSFER, 50, 0)

    @pytest.mark.parametrize(("wish", "state"), [("pause", State.PAUSED), ("cancel", State.CANCELLED)])
    def test_whoever_lets_go_fulfils_the_wish(self, wish: Wish, state: State) -> None:
        job = held_job(State.TRANSFERRING, wish=wish)
        for changed in (
            to.released(job, now=NOW),
            to.waiting(job, now=NOW, until=NOW + 5, reason=WHY),
            to.failed_attempt(job, now=NOW, reason=WHY, jitter=0),
            to.settled(job, now=NOW),
        ):
            assert (changed.state, changed.wish, changed.lease) == (state, None, None)

    def test_what_is_not_wished_is_not_settled(self) -> None:
        with pytest.raises(ValueError, match="nothing is wished"):
            to.settled(held_job(), now=NOW)

    @pytest.mark.parametrize(
        "change",
        [
            lambda job: to.renewed(job, now=NOW),
            lambda job: to.done(job, now=NOW),
            lambda job: to.refused(job, now=NOW, reason=WHY),
            lambda job: to.released(job, now=NOW),
            lambda job: to.begun_anew(job, now=NOW),
            lambda job: to.waiting(job, now=NOW, until=NOW, reason=WHY),
            lambda job: to.failed_attempt(job, now=NOW, reason=WHY, jitter=0),
        ],
    )
    def test_nobody_works_at_a_job_without_holding_it(self, change: Callable[[Job], Job]) -> None:
        for job in (NEW, in_state(State.DONE), in_state(State.PAUSED)):
            with pytest.raises(ValueError, match="no worker holds"):
                change(job)


class TestPeople:
    @pytest.mark.parametrize("state", [state for state in State if state not in HELD | ENDED])
    def test_without_a_worker_it_is_at_once(self, state: State) -> None:
        job = replace(NEW, state=state, reason=WHY)
        assert to.cancelled(job, now=NOW).state is State.CANCELLED
        assert to.paused(job, now=NOW).state is State.PAUSED

    @pytest.mark.parametrize("state", sorted(HELD))
    def test_while_a_worker_holds_it_it_is_wished(self, state: State) -> None:
        for change, wish in ((to.paused, "pause"), (to.cancelled, "cancel")):
            job = change(in_state(state), now=NOW + 1)
            assert (job.state, job.wish, job.lease) == (state, wish, in_state(state).lease)
            assert change(job, now=NOW + 2) == job

    @pytest.mark.parametrize("state", sorted(HELD))
    def test_of_a_worker_that_ended_it_is_at_once(self, state: State) -> None:
        assert to.cancelled(in_state(state), now=NOW + 60).state is State.CANCELLED
        assert to.paused(in_state(state), now=NOW + 60).lease is None

    def test_a_pause_that_is_no_longer_wished(self) -> None:
        job = to.paused(held_job(), now=NOW)
        assert to.resumed(job, now=NOW).wish is None
        assert to.cancelled(job, now=NOW).wish == "cancel"

    def test_the_end_stays_wished(self) -> None:
        job = to.cancelled(held_job(), now=NOW)
        for change in (to.paused, to.resumed):
            with pytest.raises(JobConflict, match="being cancelled"):
                change(job, now=NOW)

    def test_resumed_it_goes_on_where_it_was(self) -> None:
        job = replace(NEW, state=State.PAUSED, transfer=TRANSFER, bytes_done=50, attempts=2, due=NOW + 999)
        job = to.resumed(job, now=NOW)
        assert (job.state, job.due, job.transfer, job.bytes_done, job.attempts) == (State.QUEUED, NOW, TRANSFER, 50, 2)
        assert to.resumed(job, now=NOW + 1) == job

    @pytest.mark.parametrize("state", sorted(ENDED))
    def test_ended_is_ended(self, state: State) -> None:
        changes = [to.paused, to.resumed] + [to.cancelled] * (state is not State.CANCELLED)
        for change in changes:
            with pytest.raises(JobConflict, match=f"{state}"):
                change(in_state(state), now=NOW)

    def test_cancelled_twice(self) -> None:
        job = in_state(State.CANCELLED)
        assert to.cancelled(job, now=NOW) is job

    def test_a_failed_one_goes_on_and_a_cancelled_one_begins_anew(self) -> None:
        ended = replace(NEW, transfer=TRANSFER, bytes_done=50, attempts=9, lost=9, reached=40, reason=WHY)
        failed = to.retried(replace(ended, state=State.FAILED), now=NOW)
        assert (failed.state, failed.attempts, failed.lost, failed.reached) == (State.QUEUED, 0, 0, 50)
        assert (failed.transfer, failed.generation, failed.reason) == (TRANSFER, 0, None)
        begun = to.retried(replace(ended, state=State.CANCELLED), now=NOW)
        assert (begun.transfer, begun.bytes_done, begun.reached, begun.generation) == (Transfer(), 0, 0, 1)

    def test_one_that_waits_is_tried_at_once(self) -> None:
        job = to.retried(replace(NEW, state=State.WAITING, due=NOW + 500, attempts=3), now=NOW)
        assert to.claimable(job, NOW)
        assert job.attempts == 3

    @pytest.mark.parametrize("state", [State.DONE, State.PAUSED])
    def test_what_cannot_be_retried(self, state: State) -> None:
        with pytest.raises(JobConflict, match="cannot be retried"):
            to.retried(in_state(state), now=NOW)

    def test_what_is_under_way_is_not_retried(self) -> None:
        for job in (NEW, held_job(State.TRANSFERRING)):
            assert to.retried(job, now=NOW) == job
        with pytest.raises(JobConflict, match="cannot be retried"):
            to.retried(held_job(wish="pause"), now=NOW)

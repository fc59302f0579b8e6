"""The worker takes up jobs, holds them while it works, and leaves each in the state that its end calls for."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest

from streamvault.errors import (
    NeverFits,
    NoRoom,
    NotYet,
    SourceBusy,
    SourceFailed,
    SourceRefused,
    SourceUnavailable,
    StreamVaultError,
    UploadFailed,
)
from streamvault.leech import transitions
from streamvault.leech.claiming import Bounds
from streamvault.leech.held import HeldJob
from streamvault.leech.model import Described, Job, Piece, State, Transfer
from streamvault.leech.queue import Queue
from streamvault.leech.sealing import Sealing
from streamvault.leech.worker import BROKEN, TELEGRAM_PAUSE, Work, Worker
from streamvault.media.uploads import PART
from tests.support.job_store import MemoryJobs

CHAT = -1001000000001
BEGUN = Transfer(Described("film.mkv", 10 * PART), (Piece(0, 77, parts=3),))


@dataclass
class Desk:
    """One database, a clock that the test sets, and workers."""

    store: MemoryJobs = field(default_factory=MemoryJobs)
    now: float = 1000.0
    sleepers: list[asyncio.Future[None]] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def add(self, id: str = "a") -> None:
        assert await self.store.add(Job(id, "http://example.org/film.mkv", CHAT, created=self.now))

    async def job(self, id: str = "a") -> Job:
        job = await self.store.get(id)
        assert job is not None
        return job

    def start(self, work: Work, *, name: str = "one", most: int = 2) -> None:
        queue = Queue(self.store, Sealing(b"k" * 32), bounds=Bounds(each=10, held=10), clock=lambda: self.now)
        worker = Worker(queue, work, name=name, most=most, clock=lambda: self.now, sleep=self.sleep)
        self.tasks.append(asyncio.create_task(worker.run()))

    async def sleep(self, seconds: float) -> None:
        """Until the next `turn`, however long that is."""
        sleeper = asyncio.get_running_loop().create_future()
        self.sleepers.append(sleeper)
        await sleeper

    async def turn(self) -> None:
        """Whatever sleeps awakes."""
        sleepers, self.sleepers = self.sleepers, []
        for sleeper in sleepers:
            if not sleeper.done():
                sleeper.set_result(None)
        await self.rest()

    async def rest(self) -> None:
        """Everybody does what can be done."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def until(self, state: State, id: str = "a") -> Job:
        """The job as soon as it is in this state."""
        return await self.until_job(lambda job: job.state is state, id)

    async def until_job(self, wanted: Callable[[Job], bool], id: str = "a") -> Job:
        """The job as soon as it is as wanted."""
        while not wanted(job := await self.job(id)):
            await self.turn()
        return job

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks.clear()


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    await desk.add()
    yield desk
    await desk.stop()


def raising(error: Exception) -> Callable[[HeldJob], Awaitable[None]]:
    async def work(held: HeldJob) -> None:
        await held.store(BEGUN)
        raise error

    return work


async def for_ever(held: HeldJob) -> None:
    """Is in the middle of a transfer."""
    held.state = State.TRANSFERRING
    await held.store(BEGUN)
    await asyncio.Event().wait()


async def test_what_ends_well_is_done_and_nobody_holds_it(desk: Desk) -> None:
    async def work(held: HeldJob) -> None:
        done = Transfer(Described("film.mkv", 5), (Piece(0, 7, size=5, message_id=3),), complete=True)
        await held.store(done)

    desk.start(work)
    job = await desk.until(State.DONE)
    assert (job.lease, job.bytes_done, job.bytes_total) == (None, 5, 5)


@pytest.mark.parametrize(
    ("error", "state", "reason", "due", "attempts"),
    [
        (SourceRefused("No such file."), State.FAILED, "No such file.", 0, 0),
        (UploadFailed("The bot may not post there."), State.FAILED, "The bot may not post there.", 0, 0),
        (SourceFailed("It hung up.", retry_after=700), State.WAITING, "It hung up.", 1700, 1),
        (NotYet("It begins later.", retry_after=700), State.WAITING, "It begins later.", 1700, 0),
        (NoRoom("waits for room", retry_after=15), State.WAITING, "waits for room", 1015, 0),
        (NeverFits("It is too large."), State.FAILED, "It is too large.", 0, 0),
        (SourceBusy(42), State.WAITING, "Telegram: every account waits for Telegram, 42 s more", 1042, 0),
        (SourceUnavailable("away"), State.WAITING, "Telegram: away", 1000 + TELEGRAM_PAUSE, 0),
    ],
)
async def test_each_failure_has_its_state_and_its_reason(
    desk: Desk, error: StreamVaultError, state: State, reason: str, due: float, attempts: int
) -> None:
    desk.start(raising(error))
    job = await desk.until(state)
    assert (job.reason, job.due, job.attempts, job.lease) == (reason, due, attempts, None)
    assert job.transfer == BEGUN, "what was transferred is kept"


async def test_an_error_of_our_own_is_logged_tried_again_and_harms_no_other_job(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.add("b")

    async def work(held: HeldJob) -> None:
        if held.job.id == "a":
            raise ZeroDivisionError

    desk.start(work)
    await desk.until(State.DONE, "b")
    job = await desk.until(State.WAITING)
    assert (job.reason, job.attempts) == (BROKEN, 1)
    assert any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize(
    ("wish", "state"), [(transitions.cancelled, State.CANCELLED), (transitions.paused, State.PAUSED)]
)
async def test_what_somebody_wishes_ends_the_work(desk: Desk, wish: Callable[..., Job], state: State) -> None:
    desk.start(for_ever)
    await desk.until(State.TRANSFERRING)
    assert await desk.store.replace(wish(await desk.job(), now=desk.now))
    job = await desk.until(state)
    assert (job.lease, job.transfer) == (None, BEGUN)


async def test_progress_is_written_while_it_works(desk: Desk) -> None:
    async def work(held: HeldJob) -> None:
        held.note(BEGUN)
        await asyncio.Event().wait()

    desk.start(work)
    job = await desk.until_job(lambda job: job.bytes_done > 0)
    assert (job.bytes_done, job.bytes_total) == (3 * PART, 10 * PART)


async def test_much_progress_is_written_at_once(desk: Desk) -> None:
    written = asyncio.Event()

    async def work(held: HeldJob) -> None:
        held.note(replace(BEGUN, pieces=(Piece(0, 77, parts=9),)))
        await written.wait()

    desk.start(work)
    async with asyncio.timeout(20):
        while (await desk.job()).bytes_done != 9 * PART:
            await desk.rest()
    assert desk.sleepers, "nobody slept for that"
    written.set()


async def test_a_worker_that_lost_its_lease_stops_and_writes_nothing_more(desk: Desk) -> None:
    stopped = asyncio.Event()

    async def work(held: HeldJob) -> None:
        try:
            await for_ever(held)
        finally:
            stopped.set()

    desk.start(work)
    first = await desk.until(State.TRANSFERRING)
    assert first.lease is not None
    other = replace(first, lease=replace(first.lease, worker="two", fence=first.lease.fence + 1))
    assert await desk.store.replace(other)
    await desk.turn()
    await desk.turn()
    assert stopped.is_set()
    await desk.stop()
    job = await desk.job()
    assert job.lease is not None
    assert (job.lease.worker, job.version) == ("two", other.version + 1)


async def test_a_worker_that_ends_lets_go_of_its_jobs_for_the_next(desk: Desk) -> None:
    desk.start(for_ever)
    await desk.until(State.TRANSFERRING)
    await desk.stop()
    job = await desk.job()
    assert (job.state, job.lease, job.transfer, job.attempts) == (State.QUEUED, None, BEGUN, 0)
    desk.start(for_ever, name="two")
    taken = await desk.until(State.TRANSFERRING)
    assert taken.lease is not None
    assert taken.lease.worker == "two"


async def test_the_work_goes_on_while_the_database_is_away(desk: Desk) -> None:
    goes_on = asyncio.Event()

    async def work(held: HeldJob) -> None:
        held.state = State.TRANSFERRING
        await held.store(BEGUN)
        await goes_on.wait()
        await held.store(replace(BEGUN, complete=True))

    desk.start(work)
    await desk.until(State.TRANSFERRING)
    desk.store.failing = True
    goes_on.set()
    await desk.turn()
    await desk.turn()
    desk.store.failing = False
    assert (await desk.until(State.DONE)).transfer.complete


async def test_it_stops_when_the_database_is_away_for_longer_than_its_lease(desk: Desk) -> None:
    stopped = asyncio.Event()

    async def work(held: HeldJob) -> None:
        try:
            await for_ever(held)
        finally:
            stopped.set()

    desk.start(work)
    await desk.until(State.TRANSFERRING)
    desk.store.failing = True
    await desk.turn()
    await desk.turn()
    assert not stopped.is_set()
    desk.now += transitions.LEASE
    await desk.turn()
    await desk.turn()
    assert stopped.is_set()


async def test_no_more_jobs_at_once_than_it_may_hold(desk: Desk) -> None:
    for name in "bcd":
        await desk.add(name)
    working, most, goes_on = 0, 0, asyncio.Event()

    async def work(held: HeldJob) -> None:
        nonlocal working, most
        working += 1
        most = max(most, working)
        if working == 2:
            goes_on.set()
        await goes_on.wait()
        working -= 1

    desk.start(work, most=2)
    for name in "abcd":
        await desk.until(State.DONE, name)
    assert most == 2

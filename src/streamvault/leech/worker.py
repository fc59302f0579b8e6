"""The worker: takes up jobs, several at a time, and does what each needs until it ends or is taken from it."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable

from streamvault.errors import CatalogError, LeechError, NoRoom, NotYet, SourceBusy, SourceError, SourceFailed
from streamvault.leech import transitions
from streamvault.leech.choice import ChoiceNeeded, asking
from streamvault.leech.held import HeldJob, LeaseLost, Wished
from streamvault.leech.model import Job
from streamvault.leech.queue import Queue

log = logging.getLogger(__name__)

POLL = 1.0
"""Seconds between two looks for a job."""
TELEGRAM_PAUSE = 15.0
"""Seconds before a job goes on that Telegram could not be reached for; no attempt is counted."""
RELEASE_TIMEOUT = 5.0
"""Seconds that a worker that ends has to let go of its jobs; what it keeps is taken from it when its lease ends."""
BROKEN = "an error of StreamVault itself, which its log tells more about"


Work = Callable[[HeldJob], Awaitable[None]]
"""Does all that is left of a job. Raises LeechError, SourceError, LeaseLost, ChoiceNeeded."""


class Worker:
    """Works at up to `most` jobs at once. `name` is unique among all workers."""

    def __init__(
        self, queue: Queue, work: Work, *, name: str, most: int,
        clock: Callable[[], float] = time.time, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        """`clock` returns Unix seconds."""
        self._queue = queue
        self._work = work
        self._name = name
        self._most = most
        self._clock = clock
        self._sleep = sleep
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled; lets go of its jobs then."""
        try:
            while True:
                await self._take_up()
                await self._sleep(POLL)
        finally:
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=RELEASE_TIMEOUT)

    async def _take_up(self) -> None:
        while len(self._tasks) < self._most:
            try:
                job = await self._queue.claim(self._name)
            except CatalogError as error:
                log.debug("no job is taken up: %s", error)
                return
            if job is None:
                return
            task = asyncio.create_task(self._hold(job), name=f"job {job.id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _hold(self, job: Job) -> None:
        held = HeldJob(self._queue, job, clock=self._clock, sleep=self._sleep)
        try:
            change = await self._change(held)
            await held.let_go(change)
        except LeaseLost:
            log.warning("job %s was taken from this worker: it stops", job.id)
        except asyncio.CancelledError:
            try:
                await held.let_go(lambda job: transitions.released(job, now=self._clock()))
            except LeaseLost:
                log.debug("job %s was not let go of", job.id)
            raise

    async def _change(self, held: HeldJob) -> Callable[[Job], Job]:
        """Work until it ends, and say what the job becomes. Raises LeaseLost."""
        try:
            await _first_end(self._work(held), held.beat())
        except Wished:
            return lambda job: transitions.settled(job, now=self._clock())
        except ChoiceNeeded as needed:
            await held.store(asking(held.job.transfer, needed))
            return lambda job: transitions.choosing(job, now=self._clock())
        except SourceFailed as error:
            return self._failed(str(error), retry_after=error.retry_after)
        except (NoRoom, NotYet) as error:
            until, why = self._clock() + error.retry_after, str(error)
            return lambda job: transitions.waiting(job, now=self._clock(), until=until, reason=why)
        except LeechError as error:
            reason = str(error)
            return lambda job: transitions.refused(job, now=self._clock(), reason=reason)
        except SourceError as error:
            pause = error.retry_after if isinstance(error, SourceBusy) else TELEGRAM_PAUSE
            reason = f"Telegram: {error}"
            return lambda job: transitions.waiting(job, now=self._clock(), until=self._clock() + pause, reason=reason)
        except LeaseLost:
            raise
        except Exception:
            log.exception("job %s", held.job.id)
            return self._failed(BROKEN)
        return lambda job: transitions.done(job, now=self._clock(), reason=held.outcome)

    def _failed(self, reason: str, *, retry_after: float | None = None) -> Callable[[Job], Job]:
        jitter = random.random()
        return lambda job: transitions.failed_attempt(
            job, now=self._clock(), reason=reason, jitter=jitter, retry_after=retry_after
        )


async def _first_end(*works: Awaitable[None]) -> None:
    """Until one of them ends; the others are cancelled. Raises what the one that ended raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()

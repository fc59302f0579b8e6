"""A job while a worker holds it: what is written of it, and what others wish of it meanwhile."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from streamvault.errors import CatalogError
from streamvault.leech import transitions
from streamvault.leech.model import Job, State, Transfer
from streamvault.leech.queue import Queue
from streamvault.media.uploads import PART

log = logging.getLogger(__name__)

BEAT = 2.0
"""Seconds between two writes of progress, each of which renews the lease and sees what is wished."""
STEP = 4 << 20
"""Bytes of progress that are written at once: they would be transferred again by the next worker."""
MEASURED = 1.0
"""Seconds over which a rate is measured at least."""
RETRY_PAUSE = 1.0
"""Seconds before another try of a write that the database did not take."""


class LeaseLost(Exception):
    """Another worker may hold the job: nothing more may be done for it."""


class Wished(Exception):
    """Somebody wishes that the job is paused or cancelled."""


class HeldJob:
    """One job of this worker, a transfer.Recorder. Only one task at a time writes, whoever asks.

    While the database does not answer, writes are tried again until the lease ends.
    """

    def __init__(
        self, queue: Queue, job: Job, *, clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        """`clock` returns Unix seconds."""
        self.job = job
        self.state = State.READING
        self.outcome: str | None = None
        """What the work came to, for people, where that is no file."""
        self.doing: str | None = None
        """What is done before bytes go to Telegram, for people; shown as the reason."""
        self._transfer = job.transfer
        self._queue = queue
        self._clock = clock
        self._sleep = sleep
        self._writing = asyncio.Lock()
        self._measured = (clock(), done_bytes(job.transfer))
        self._rate = 0.0
        self._far = asyncio.Event()
        """Set when there is progress of STEP bytes to be written."""

    async def store(self, transfer: Transfer) -> None:
        """See transfer.Recorder. Raises LeaseLost."""
        self._transfer = transfer
        await self._write(self._progressed)

    def note(self, transfer: Transfer) -> None:
        """See transfer.Recorder."""
        self._transfer = transfer
        if done_bytes(transfer) >= self.job.bytes_done + STEP:
            self._far.set()

    async def begin_anew(self) -> None:
        """Record that nothing of the file is transferred any more. Raises LeaseLost."""
        self._transfer = Transfer()
        await self._write(lambda job: transitions.begun_anew(job, now=self._clock()))

    async def identify(self, fingerprint: str) -> None:
        """Record by what its source is known, now that more of it is. Raises LeaseLost."""
        if fingerprint != self.job.fingerprint:
            await self._write(lambda job: replace(self._progressed(job), fingerprint=fingerprint))

    async def beat(self) -> None:
        """Write progress every BEAT seconds or STEP bytes, until that raises Wished or LeaseLost."""
        while True:
            await self._pause()
            self._measure()
            await self._write(self._progressed)
            if self.job.wish is not None:
                raise Wished

    async def _pause(self) -> None:
        waits = [asyncio.ensure_future(self._sleep(BEAT)), asyncio.ensure_future(self._far.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self._far.clear()

    async def let_go(self, change: Callable[[Job], Job]) -> None:
        """Write progress, and then what the job becomes. Raises LeaseLost."""
        await self._write(lambda job: change(self._progressed(job)))

    async def _write(self, change: Callable[[Job], Job]) -> None:
        async with self._writing:
            while True:
                try:
                    job = await self._queue.save(self.job, change)
                except CatalogError as error:
                    log.debug("job %s is not written yet: %s", self.job.id, error)
                    if self.job.lease is None or self._clock() >= self.job.lease.until:
                        raise LeaseLost from error
                    await self._sleep(RETRY_PAUSE)
                    continue
                if job is None:
                    raise LeaseLost
                self.job = job
                return

    def _progressed(self, job: Job) -> Job:
        now, described = self._clock(), self._transfer.described
        progressed = transitions.progressed(
            job, now=now, state=self.state, transfer=self._transfer, bytes_done=done_bytes(self._transfer),
            bytes_total=None if described is None else described.size, rate=self._rate, reason=self.doing,
        )  # fmt: skip
        return transitions.renewed(progressed, now=now)

    def _measure(self) -> None:
        """Bytes a second since the last time."""
        (then, before), now, done = self._measured, self._clock(), done_bytes(self._transfer)
        if now - then >= MEASURED:
            self._rate = max(0.0, (done - before) / (now - then))
            self._measured = (now, done)


def done_bytes(transfer: Transfer) -> int:
    """How many bytes Telegram is known to have."""
    if not transfer.pieces:
        return 0
    last = transfer.pieces[-1]
    return last.start + (last.parts * PART if last.message_id is None else last.size or 0)

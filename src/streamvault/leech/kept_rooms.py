"""Reservations whose folders stay for the next attempt of a job, or the next worker, and no longer."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import NoReturn

from streamvault.errors import CatalogError, JobMissing, LeechError, NoRoom, SourceFailed
from streamvault.leech.disk import LeechDisk, Room
from streamvault.leech.held import HeldJob
from streamvault.leech.model import ENDED, Job, State
from streamvault.leech.queue import Queue
from streamvault.leech.transitions import MAX_ATTEMPTS

log = logging.getLogger(__name__)

NEED = "need"
"""Where Transfer.source holds the bytes that turned out to be needed."""
SWEEP_EVERY = 5.0
"""Seconds between two looks for what was left."""
_JOB = re.compile("[0-9a-f]{16}")


def keeps_room(job: Job) -> bool:
    """Whether a job goes on with what an earlier worker wrote to the disk."""
    return job.options.ytdlp or job.options.unzip or job.is_torrent


@asynccontextmanager
async def kept_room(disk: LeechDisk, queue: Queue, held: HeldJob, need: int, *, most: int) -> AsyncIterator[Room]:
    """A room of `need` bytes, or of as many as turned out to be needed, where that is guessed up to `most`; what is in
    it is removed when the job goes on no more, or waits for room. Raises NoRoom, NeverFits.
    """
    need = max(need, int(held.job.transfer.source.get(NEED, 0)))
    await sweep(disk, queue, held.job.id)
    async with disk.reserve(held.job.id, need) as room:
        room.outlives = True
        try:
            yield room
            room.outlives = False
        except NoRoom:
            room.outlives = False  # others wait for what this one has
            wanted = {**held.job.transfer.source, NEED: max(room.wanted, min(most, room.size * 2))}
            await held.store(replace(held.job.transfer, source=wanted))
            raise
        except SourceFailed:
            room.outlives = held.job.attempts + 1 < MAX_ATTEMPTS
            raise
        except LeechError:
            room.outlives = False
            raise
        finally:
            room.outlives = room.outlives and held.job.wish is None


async def sweep(disk: LeechDisk, queue: Queue, own: str) -> None:
    """Remove what was left for jobs that do not go on by themselves."""
    for key in await disk.outlived():
        if key == own or not _JOB.fullmatch(key):
            continue
        try:
            job = await queue.get(key)
        except JobMissing:
            job = None
        goes_on = job is not None and job.state not in ENDED and job.state is not State.PAUSED
        if not goes_on and not disk.budget.reserved(key):
            await asyncio.to_thread(disk.remove, key)


async def sweep_periodically(
    disk: LeechDisk, queue: Queue, *, wait: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> NoReturn:
    """The same until cancelled, as jobs are also cancelled while nobody holds them."""
    while True:
        await wait(SWEEP_EVERY)
        try:
            await sweep(disk, queue, "")
        except CatalogError as error:
            log.debug("what jobs have left is not removed yet: %s", error)

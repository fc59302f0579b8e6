"""Jobs whose process was killed from outside are run once more: it was not their file that ended them."""

import logging
from collections.abc import Awaitable, Callable

from streamvault.reading.sandbox.exchange import ReadCells
from streamvault.reading.sandbox.model import Job, JobFailed, Result

log = logging.getLogger(__name__)

Run = Callable[[Job, ReadCells], Awaitable[Result]]
"""Sandbox.run."""


async def run_again(run: Run, job: Job, read: ReadCells) -> Result:
    """The result of a job, which is run once more where its process was killed from outside. Raises as Sandbox.run."""
    try:
        return await run(job, read)
    except JobFailed as failed:
        if not failed.killed:
            raise
    log.warning("the process of %s was killed, and is started again", job.function)
    return await run(job, read)

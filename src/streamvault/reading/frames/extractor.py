"""The server's side: has a file looked at by a job of the sandbox, and checks what comes back."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from streamvault.errors import SourceUnavailable
from streamvault.media.model import MediaFile
from streamvault.reading.sandbox.again import Run, run_again
from streamvault.reading.sandbox.model import Job, JobFailed, JobLimits, Result

log = logging.getLogger(__name__)

MODULE = "streamvault.reading.frames.extraction"
"""The module of the job, to be loaded by the sandbox."""

MOST_READ = 8 << 20
"""Bytes of a file that may be read for its picture."""

LARGEST = 128 << 10
"""Bytes of a picture at most; one of 320 pixels has 10 to 40 KiB."""

LARGEST_TINY = 2 << 10
"""Bytes of the placeholder picture at most."""

LIMITS = JobLimits(read=MOST_READ, result=LARGEST + LARGEST_TINY + 1024, ends=True)
"""Decoding 4K video takes about half of the memory."""


@dataclass(frozen=True, slots=True)
class Still:
    """A picture as JPEG, and a placeholder of it (`tiny`, see media/placeholder.py)."""

    tiny: bytes
    picture: bytes


class FrameExtractor:
    """Extracts the picture of a file. `run` is Sandbox.run; `read_cells` raises as ChunkSource.fetch."""

    def __init__(
        self,
        run: Run,
        read_cells: Callable[[MediaFile, range], Awaitable[bytes]],
    ) -> None:
        self._run = run
        self._read_cells = read_cells
        self._warned = False

    async def __call__(self, file: MediaFile) -> Still | None:
        """None if no picture can be made of it.

        Raises what `read_cells` raises, and SourceUnavailable if no process can be started, or it fails before its
        first read. Cancelling the call ends the process.
        """
        job = Job(f"{MODULE}:take_still", file.size, arguments={"duration": file.duration or 0}, limits=LIMITS)
        try:
            return _still(await run_again(self._run, job, lambda cells: self._read_cells(file, cells)))
        except JobFailed as failed:
            if not failed.has_read:
                raise self._broken(failed) from failed
            log.debug("no picture of %s: %s", file.origin, failed)
            return None

    def _broken(self, failed: JobFailed) -> SourceUnavailable:
        if not self._warned:
            self._warned = True
            log.warning("no pictures of films can be made: the process fails before its first read (%s)", failed)
        return SourceUnavailable("the process for pictures does not work")


def _still(result: Result) -> Still | None:
    """What a job's result says; None for an invalid one, since a file may have taken over its process."""
    tiny, picture = result.answer.get("tiny"), result.answer.get("picture")
    if not isinstance(tiny, int) or not isinstance(picture, int) or len(result.data) != tiny + picture:
        return None
    if not (0 <= tiny <= LARGEST_TINY and 0 < picture <= LARGEST):
        return None
    return Still(result.data[:tiny], result.data[tiny:])

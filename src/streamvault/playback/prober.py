"""The server's side of the probe: has a file looked at by a job of the sandbox, and checks what comes back."""

import importlib.util
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from streamvault.errors import SourceUnavailable
from streamvault.media.model import MediaFile
from streamvault.playback.model import Facts, KeyFrames, Probed
from streamvault.playback.packing import MOST_PACKED, NO_KEYS, facts_from_json, unpack_keys
from streamvault.reading.lanes import Lane
from streamvault.reading.sandbox.again import Run, run_again
from streamvault.reading.sandbox.model import Job, JobFailed, JobLimits, Result

log = logging.getLogger(__name__)

MODULE = "streamvault.playback.making.probe"
"""The module of the job, to be loaded by the sandbox."""

LIMITS = JobLimits(read=32 << 20, wall=10.0, source=60.0, result=MOST_PACKED + (512 << 10))
"""Few bytes are read of most files; an MP4 file of many hours has an index of some MiB."""

BROKEN = "the file is damaged, or is no film or song: what it holds could not be read"


class Prober:
    """Reads facts and key frames. `run` is Sandbox.run; `read` brings cells in a lane, and raises as ChunkSource.fetch.

    The answer of the job is not trusted: a malicious file may have taken over its process.
    """

    def __init__(
        self,
        run: Run,
        read: Callable[[MediaFile, range, Lane], Awaitable[bytes]],
    ) -> None:
        self._run = run
        self._read = read
        self._warned = False

    async def __call__(self, file: MediaFile, lane: Callable[[], Lane]) -> Probed:
        """What the file holds; facts with a `reason` if its process failed over it.

        `lane` is asked at the start and before each read. Somebody waits for what is read in Lane.PLAYBACK: its
        process has the priority of the server.

        Raises what `read` raises, and SourceUnavailable if no process can be started, or it fails before its first
        read. Cancelling the call ends the process.
        """
        limits = replace(LIMITS, nice=0) if lane() is Lane.PLAYBACK else LIMITS
        job = Job(f"{MODULE}:probe", file.size, limits=limits)
        try:
            return _probed(await run_again(self._run, job, lambda cells: self._read(file, cells, lane())))
        except JobFailed as failed:
            if failed.killed:
                raise SourceUnavailable("the process that looks into media files was killed") from failed
            if not failed.has_read:
                raise self._broken(failed) from failed
            log.info("%s cannot be looked into: %s", file.origin, failed)
            return unreadable()

    def _broken(self, failed: JobFailed) -> SourceUnavailable:
        if not self._warned:
            self._warned = True
            log.warning("media files cannot be looked into: the process fails before its first read (%s)", failed)
        return SourceUnavailable("the process that looks into media files does not work")


def can_probe() -> bool:
    """Whether PyAV (the extra `media`) is installed; it is not imported here."""
    return importlib.util.find_spec("av") is not None


def unreadable(keys: KeyFrames = NO_KEYS) -> Probed:
    """What is told of a file over which the process fails."""
    return Probed(Facts(container="", duration=None, seekable=False, reason=BROKEN), keys)


def _probed(result: Result) -> Probed:
    """What a job's result says; an invalid one counts as unreadable."""
    try:
        return Probed(facts_from_json(result.answer["facts"]), unpack_keys(result.data))
    except (ValueError, KeyError, TypeError, AttributeError):
        return unreadable()

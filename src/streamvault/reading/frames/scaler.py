"""Pictures at most so many pixels wide: made once by a job of the sandbox, two at a time, and cached."""

import asyncio
import dataclasses
import logging
from collections.abc import Awaitable, Callable

from streamvault.errors import SourceUnavailable
from streamvault.media.model import FileKey
from streamvault.reading.picture_cache import PictureCache
from streamvault.reading.sandbox.again import Run, run_again
from streamvault.reading.sandbox.model import Job, JobFailed, JobLimits, Result
from streamvault.reading.shared_work import SharedWork

log = logging.getLogger(__name__)

MODULE = "streamvault.reading.frames.scaling"
"""The module of the job, to be loaded by the sandbox."""

LARGEST = 256 << 10
"""Bytes of a picture at most; one of 640 pixels has 40 to 120 KiB."""

LIMITS = JobLimits(read=0, cpu=4, wall=8.0, memory=256 << 20, result=LARGEST + 1024)

AT_ONCE, QUEUE = 2, 64
"""Pictures that are scaled at once, and those that wait or are scaled; of further ones the original is sent."""


class PictureScaler:
    """`run` is Sandbox.run."""

    def __init__(self, run: Run, pictures: PictureCache) -> None:
        self._run = run
        self._pictures = pictures
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._under_way: SharedWork[FileKey, bytes | None] = SharedWork()
        self._waiting = 0

    async def scaled(self, key: FileKey, width: int, original: Callable[[], Awaitable[bytes]]) -> bytes | None:
        """The picture of `key`, `width` pixels wide; b"" if it is no wider or cannot be scaled; None if not for now.

        `original` brings the picture; its errors are passed on.
        """
        sized = sized_key(key, width)
        held = await self._pictures.get(sized)
        if held is None:
            if self._waiting >= QUEUE and sized not in self._under_way:
                return None
            self._waiting += 1
            try:
                held = await self._under_way.get(sized, lambda: self._make(sized, width, original))
            finally:
                self._waiting -= 1
        return held

    async def _make(self, sized: FileKey, width: int, original: Callable[[], Awaitable[bytes]]) -> bytes | None:
        whole = await original()
        job = Job(f"{MODULE}:scale_down", 0, arguments={"width": width}, blobs=(whole,), limits=LIMITS)
        async with self._turn:
            try:
                made = _picture(await run_again(self._run, job, _no_cells))
            except SourceUnavailable as error:
                log.debug("no picture is scaled for now: %s", error)
                return None
            except JobFailed as failed:
                if failed.killed:
                    return None
                log.debug("a picture of %s cannot be scaled: %s", sized.file_unique_id, failed)
                made = b""
        self._pictures.put(sized, made)
        return made


def sized_key(key: FileKey, width: int) -> FileKey:
    """The key under which a picture of this width is cached."""
    return dataclasses.replace(key, thumb_size=f"{key.thumb_size}-{width}")


async def _no_cells(cells: range) -> bytes:
    raise SourceUnavailable("a picture that is scaled has no file")


def _picture(result: Result) -> bytes:
    """What a job's result says; b"" for an invalid one, since a picture may have taken over its process."""
    length = result.answer.get("picture")
    return result.data if isinstance(length, int) and 0 < length == len(result.data) <= LARGEST else b""

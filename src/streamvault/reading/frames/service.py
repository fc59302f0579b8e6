"""Pictures for files without a thumbnail: extracted once, one at a time, in the thumbnails' lane, and cached."""

import asyncio
import dataclasses
import importlib.util
import logging
from collections.abc import Awaitable, Callable
from typing import Self

from streamvault.errors import FileMissing, StreamVaultError
from streamvault.media.model import FileKey, MediaFile, Origin
from streamvault.media.placeholder import strip
from streamvault.media.stills import STILL, may_hold_still
from streamvault.reading import tasks
from streamvault.reading.frames.extractor import Still
from streamvault.reading.picture_cache import PictureCache

log = logging.getLogger(__name__)

QUEUE = 32
"""Files that wait for their turn; further ones are refused until there is room."""

REPORTED = 10_000
"""Files whose placeholder was reported recently and is not reported again."""

CLOSE_TIMEOUT = 1.0
"""Seconds that closing waits for placeholders that are being reported."""


@dataclasses.dataclass(slots=True)
class Counts:
    """Results so far: files with a picture, files without one, failures."""

    made: int = 0
    none: int = 0
    failed: int = 0


class FrameService:
    """An async context manager. `make` is a FrameExtractor.

    `on_placeholder` is called with a file and its placeholder (a stripped thumbnail) if Telegram sent none: once per
    file and message in the life of this process, because its receiver may have lost an earlier one. It may raise
    StreamVaultError; then it is called again at the next request.
    """

    def __init__(
        self,
        make: Callable[[MediaFile], Awaitable[Still | None]],
        pictures: PictureCache,
        *,
        on_placeholder: Callable[[MediaFile, bytes], Awaitable[None]] | None = None,
    ) -> None:
        self.counts = Counts()
        self._make = make
        self._pictures = pictures
        self._on_placeholder = on_placeholder
        self._turn = asyncio.Semaphore(1)
        self._jobs: dict[FileKey, asyncio.Task[bytes]] = {}
        self._reported: dict[tuple[FileKey, Origin], None] = {}
        self._reporting: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await tasks.end(self._jobs.values())
        if self._reporting:
            await tasks.end((await asyncio.wait(self._reporting, timeout=CLOSE_TIMEOUT))[1])

    async def has_none(self, file: MediaFile) -> bool:
        """Whether it is known that this file has no picture."""
        return not may_hold_still(file) or await self._pictures.get(still_key(file)) == b""

    async def picture(self, file: MediaFile, *, within: float) -> bytes | None:
        """A JPEG of the file; None if it is not ready within so many seconds: ask again.

        It is extracted even if nobody waits any more. Raises FileMissing if there is none; else as ChunkSource.fetch.
        """
        key = still_key(file)
        held = await self._pictures.get(key)
        if held is None and may_hold_still(file):
            job = self._job(key, file)
            if job is None or not (await asyncio.wait([job], timeout=within))[0]:
                return None
            held = await job
        if not held:
            raise FileMissing("the file has no picture")
        self._report(file)
        return held

    @property
    def reporting(self) -> int:
        """How many placeholders are being reported."""
        return len(self._reporting)

    def _job(self, key: FileKey, file: MediaFile) -> asyncio.Task[bytes] | None:
        job = self._jobs.get(key)
        if job is None and len(self._jobs) < QUEUE:
            job = self._jobs[key] = asyncio.create_task(self._work(key, file), name="picture")
            job.add_done_callback(lambda done: self._job_done(key, file, done))
        return job

    async def _work(self, key: FileKey, file: MediaFile) -> bytes:
        async with self._turn:
            still = await self._make(file)
        if still is None:
            self.counts.none += 1
            self._pictures.put(key, b"")
            return b""
        self.counts.made += 1
        self._pictures.put(key, still.picture)
        if tiny := strip(still.tiny):
            self._pictures.put(_tiny_key(file), tiny)
            self._report(file, tiny)
        return still.picture

    def _report(self, file: MediaFile, tiny: bytes | None = None) -> None:
        """Report the file's placeholder (`tiny`, or the cached one) in a task of its own."""
        what = file.key, file.origin
        if self._on_placeholder is None or file.stripped or what in self._reported or len(self._reporting) >= QUEUE:
            return
        if len(self._reported) >= REPORTED:
            del self._reported[next(iter(self._reported))]
        self._reported[what] = None
        reporting = asyncio.create_task(self._report_placeholder(file, tiny, self._on_placeholder), name="placeholder")
        self._reporting.add(reporting)
        reporting.add_done_callback(self._reporting.discard)

    async def _report_placeholder(
        self, file: MediaFile, tiny: bytes | None, report: Callable[[MediaFile, bytes], Awaitable[None]]
    ) -> None:
        tiny = tiny or await self._pictures.get(_tiny_key(file))
        try:
            if tiny:
                await report(file, tiny)
        except StreamVaultError as error:
            self._reported.pop((file.key, file.origin), None)
            log.debug("the placeholder of %s is not stored for now: %s", file.origin, error)

    def _job_done(self, key: FileKey, file: MediaFile, job: asyncio.Task[bytes]) -> None:
        del self._jobs[key]
        error = None if job.cancelled() else job.exception()
        if error is not None:
            self.counts.failed += 1
            known = isinstance(error, StreamVaultError)
            log.log(logging.INFO if known else logging.ERROR, "no picture of %s for now: %r", file.origin, error)


def still_key(file: MediaFile) -> FileKey:
    """The key under which the picture of a file is cached."""
    return dataclasses.replace(file.key, thumb_size=STILL)


def _tiny_key(file: MediaFile) -> FileKey:
    return dataclasses.replace(file.key, thumb_size=f"{STILL}/tiny")


def can_make_stills() -> bool:
    """Whether PyAV and Pillow (the extra `media`) are installed; neither is imported here."""
    return all(importlib.util.find_spec(name) for name in ("av", "PIL"))

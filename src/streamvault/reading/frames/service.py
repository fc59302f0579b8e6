"""Pictures for files without a thumbnail: made once, one at a time, behind everything else, and kept."""

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
from streamvault.reading.frames.sandbox_process import Still
from streamvault.reading.picture_cache import PictureCache

log = logging.getLogger(__name__)

QUEUE = 32
"""Files that wait for their turn; who comes on top has to come again."""

TOLD = 10_000
"""Files whose tiny picture was told lately, and is not told again."""

LEAVE_WITHIN = 1.0
"""Seconds for telling what was made last."""


@dataclasses.dataclass(slots=True)
class Counts:
    """What became of the files that were looked at."""

    made: int = 0
    none: int = 0
    failed: int = 0


class FrameService:
    """An async context manager. `make` is a FrameExtractor.

    `made` is told of each picture's tiny one (stripped), where Telegram sent none, and again when the file has come to
    another message, or we have started anew: whoever keeps it may have lost it. It may raise StreamVaultError.
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
        self._told: dict[tuple[FileKey, Origin], None] = {}
        self._telling: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        jobs = list(self._jobs.values())
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        if self._telling:
            late = (await asyncio.wait(self._telling, timeout=LEAVE_WITHIN))[1]
            for telling in late:
                telling.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def has_none(self, file: MediaFile) -> bool:
        """Whether it is known that there is no picture of this file."""
        return not may_hold_still(file) or await self._pictures.get(still_key(file)) == b""

    async def picture(self, file: MediaFile, *, within: float) -> bytes | None:
        """A JPEG of the file; None if it is not made within so many seconds: come again.

        It is made even if nobody waits any more. Raises FileMissing when there is none, and what kept us from reading
        the file, as ChunkSource.fetch.
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
        self._tell(file)
        return held

    @property
    def telling(self) -> int:
        """How many tiny pictures are being told of."""
        return len(self._telling)

    def _job(self, key: FileKey, file: MediaFile) -> asyncio.Task[bytes] | None:
        job = self._jobs.get(key)
        if job is None and len(self._jobs) < QUEUE:
            job = self._jobs[key] = asyncio.create_task(self._work(key, file), name="picture")
            job.add_done_callback(lambda done: self._ended(key, file, done))
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
            self._tell(file, tiny)
        return still.picture

    def _tell(self, file: MediaFile, tiny: bytes | None = None) -> None:
        """Have the file's tiny picture kept, or what is held of it; nobody waits for it."""
        what = file.key, file.origin
        if self._on_placeholder is None or file.stripped or what in self._told or len(self._telling) >= QUEUE:
            return
        if len(self._told) >= TOLD:
            del self._told[next(iter(self._told))]
        self._told[what] = None
        telling = asyncio.create_task(self._tell_of(file, tiny, self._on_placeholder), name="tiny picture")
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    async def _tell_of(
        self, file: MediaFile, tiny: bytes | None, made: Callable[[MediaFile, bytes], Awaitable[None]]
    ) -> None:
        tiny = tiny or await self._pictures.get(_tiny_key(file))
        try:
            if tiny:
                await made(file, tiny)
        except StreamVaultError as error:
            self._told.pop((file.key, file.origin), None)
            log.info("the tiny picture of %s is not kept for now: %s", file.origin, error)

    def _ended(self, key: FileKey, file: MediaFile, job: asyncio.Task[bytes]) -> None:
        del self._jobs[key]
        error = None if job.cancelled() else job.exception()
        if error is not None:
            self.counts.failed += 1
            known = isinstance(error, StreamVaultError)
            log.log(logging.INFO if known else logging.ERROR, "no picture of %s for now: %r", file.origin, error)


def still_key(file: MediaFile) -> FileKey:
    """Under which its picture is kept."""
    return dataclasses.replace(file.key, thumb_size=STILL)


def _tiny_key(file: MediaFile) -> FileKey:
    return dataclasses.replace(file.key, thumb_size=f"{STILL}/tiny")


def can_make_stills() -> bool:
    """Whether PyAV and Pillow (the extra `media`) are installed; neither is imported here."""
    return all(importlib.util.find_spec(name) for name in ("av", "PIL"))

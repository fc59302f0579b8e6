"""The disk of the cache while it can be used: the folder is opened, opened again after a failure, and closed.

What happens to the disk is told in the log once per state. Reading and writing is left to `disk`.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from streamvault.reading.cache.folder import Folder, FoundSegment
from streamvault.reading.cache.index import Index, LossCounts
from streamvault.reading.cache.space import DiskSpace
from streamvault.reading.retry import Clock

logger = logging.getLogger(__name__)

READERS = 4
"""Threads that read."""

RETRY = 60.0
"""Seconds after a failure before the disk is tried again."""

DISK_TIMEOUT = 2.0
"""Seconds for which opening and closing wait for the disk; the work goes on in its thread afterwards."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenCache:
    """A folder that is open, and the index of its segments."""

    folder: Folder
    index: Index


class DiskLifecycle:
    """Opens and closes the folder of a cache of at most `capacity` bytes; owns the threads that work in it."""

    readers: ThreadPoolExecutor
    writer: ThreadPoolExecutor
    """A single thread, so that opening, writing and unlocking happen one after the other."""

    def __init__(
        self,
        folder: Path,
        capacity: int,
        *,
        clock: Clock,
        open_folder: Callable[[Path], Folder],
        on_open: Callable[[], None],
    ) -> None:
        """`on_open` is called each time that the cache was opened."""
        self._path = folder
        self._capacity = capacity
        self._clock = clock
        self._open_folder = open_folder
        self._on_open = on_open
        self._running = False
        self._opening: asyncio.Task[None] | None = None
        self._retry_at = 0.0
        self._failing = False
        self._failed_at = 0.0
        self.cache: OpenCache | None = None
        """None while the disk is not in use."""
        self.losses = LossCounts()
        """Of all caches that were opened."""
        self.failures = 0
        """Number of failures of the disk."""

    async def start(self) -> None:
        """Start the threads and open the folder; waits for DISK_TIMEOUT at most."""
        self._running = True
        self.readers = ThreadPoolExecutor(READERS, thread_name_prefix="cells-read")
        self.writer = ThreadPoolExecutor(1, thread_name_prefix="cells-write")
        self._opening = asyncio.create_task(self._open())
        with contextlib.suppress(TimeoutError):
            async with self._clock.timeout(DISK_TIMEOUT):
                await asyncio.shield(self._opening)

    async def opened(self) -> None:
        """Wait until opening has ended, if it is under way."""
        if self._opening is not None:
            await asyncio.shield(self._opening)

    def usable(self) -> OpenCache | None:
        """The open cache, or None; then opening starts, unless the last failure is less than RETRY seconds ago."""
        opening = self._opening is not None and not self._opening.done()
        if self.cache is None and self._running and not opening and self._clock.time() >= self._retry_at:
            self._opening = asyncio.create_task(self._open())
        return self.cache

    async def look_at_space(self) -> None:
        """Fit the cache to the free space of the disk."""
        cache = self.cache
        if cache is not None:
            with contextlib.suppress(OSError):
                self.fit(cache, await asyncio.get_running_loop().run_in_executor(self.writer, cache.folder.space))

    def fit(self, cache: OpenCache, space: DiskSpace | None) -> None:
        """Take no more than leaves the disk's reserve free; `space` None: it cannot be told."""
        if space is None:
            return
        capacity = max(0, min(self._capacity, cache.index.weight + space.spare))
        if capacity < self._capacity and capacity < cache.index.weight:
            logger.info("the disk of %s is almost full: the cache shrinks to %d MiB", self._path, capacity >> 20)
        cache.index.resize(capacity)

    def disable(self, cache: OpenCache | None, error: OSError) -> bool:
        """Disable the disk for RETRY seconds; False if `cache` is no longer the one in use.

        The folder is scanned again afterwards, so nothing is repaired here.
        """
        if cache is not self.cache:
            return False
        if cache is not None:
            self.writer.submit(cache.folder.unlock)  # after what is being written, and before it is opened again
        self.cache = None
        self._retry_at = self._clock.time() + RETRY
        self.warn(error, "is disabled for now")
        return True

    def warn(self, error: OSError, effect: str) -> None:
        """Count a failure; log it, unless one was logged and the disk has not worked for RETRY seconds since."""
        self.failures += 1
        self._failed_at = self._clock.time()
        if not self._failing:
            self._failing = True
            reason = "another process uses it" if isinstance(error, BlockingIOError) else error.strerror or str(error)
            logger.warning("the disk cache in %s %s: %s", self._path, effect, reason)

    def worked(self) -> None:
        """A write has succeeded; said in the log when the last failure is long enough ago."""
        if self._failing and self._clock.time() >= self._failed_at + 2 * RETRY:
            logger.info("the disk cache in %s works again", self._path)
            self._failing = False

    async def stop(self) -> None:
        """Close the folder and end the threads; the first exception of opening is raised.

        A thread that hangs in a disk operation is left running, and keeps the lock.
        """
        self._running = False
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait([self._opening])
        cache, self.cache = self.cache, None
        with contextlib.suppress(TimeoutError):
            async with self._clock.timeout(DISK_TIMEOUT):
                await asyncio.to_thread(_shut_down, self.readers, self.writer)
                if cache is not None:
                    cache.folder.close()
        if self._opening is not None and not self._opening.cancelled():
            self._opening.result()

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        opened = await loop.run_in_executor(self.writer, _open_and_scan, self._open_folder, self._path)
        if isinstance(opened, OSError):
            self.disable(None, opened)
            return
        folder, found = opened
        self.cache = OpenCache(folder, Index(self._capacity, found, losses=self.losses))
        await self.look_at_space()
        self._on_open()


def _open_and_scan(open_folder: Callable[[Path], Folder], path: Path) -> tuple[Folder, list[FoundSegment]] | OSError:
    """The folder at `path` and its segments, or the error that opening it has ended with."""
    try:
        folder = open_folder(path)
        return folder, folder.scan()
    except OSError as error:
        return error.with_traceback(None)  # the traceback would keep the folder, and so its lock, alive


def _shut_down(*pools: ThreadPoolExecutor) -> None:
    """End the threads that work in a folder; waits for what they do."""
    for pool in pools:
        pool.shutdown(cancel_futures=True)

"""The disk cache of cells, bounded in bytes; a failing disk counts as a cache miss and never fails a reader.

The event loop owns the index of segments (`Index`); threads do what may block (`transfer`): a few that read, and a
single one that writes, so that files are changed in one order only.
"""

import asyncio
import contextlib
import errno
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from streamvault.media.cells import CELL, PER_WINDOW
from streamvault.media.model import FileKey
from streamvault.reading.cache.allocation import keep_freed_memory
from streamvault.reading.cache.backlog import Backlog
from streamvault.reading.cache.folder import Folder, open_and_scan, shut_down
from streamvault.reading.cache.index import BLOCK, Index, LossCounts
from streamvault.reading.cache.segment import by_window, identity_of
from streamvault.reading.cache.space import DiskSpace
from streamvault.reading.cache.transfer import WriteResult, read_cells, write_cells
from streamvault.reading.retry import Clock, LoopClock

logger = logging.getLogger(__name__)

READERS, RETRY = 4, 60.0
"""Threads that read; seconds after a failure before the disk is tried again."""

SPACE_INTERVAL = 5.0
"""Seconds without a write after which the free space of the disk is looked at."""

BAD_READS = 3
"""Unreadable segments in a row after which the disk is disabled; a single one is only dropped."""

DISK_TIMEOUT = 2.0
"""Seconds for which opening and closing wait for the disk; the work goes on in its thread afterwards."""

FOLDERS = 258 * BLOCK
"""Bytes reserved for the folder itself and its subfolders."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True, eq=False)
class _OpenCache:
    folder: Folder
    index: Index


class DiskCells:
    """A `DiskStore` of at most `capacity` bytes in `folder`; with less than FOLDERS it stores nothing.

    It takes less where others fill the disk (space.DiskSpace). One process at a time uses a folder; another one works
    without it until the first has ended. A full disk still serves what it has. `open_folder`: for tests.
    """

    def __init__(
        self, folder: Path, capacity: int, *, clock: Clock | None = None,
        open_folder: Callable[[Path], Folder] = Folder,
    ) -> None:  # fmt: skip
        self._path = folder
        self._capacity = capacity - FOLDERS
        self._clock = clock or LoopClock()
        self._open_folder = open_folder
        self._cache: _OpenCache | None = None
        self._running = self._failing = False
        self._bad_reads = 0
        self._retry_at = self._write_at = self._failed_at = 0.0
        self._backlog = Backlog()
        self._wake, self._idle = asyncio.Event(), asyncio.Event()
        self._opening: asyncio.Task[None] | None = None
        self._writing: asyncio.Task[None] | None = None
        self._losses = LossCounts()
        self.hits = self.misses = 0
        self.written = 0
        """Cells."""
        self.dropped = 0
        """Cells that were not written, because the queue or the disk was full, or the disk failed."""
        self.failures = 0
        """Number of failures of the disk."""

    @property
    def held(self) -> int:
        """Bytes that the segments take on the disk, as far as known; 0 while the disk is not in use."""
        return self._cache.index.weight if self._cache else 0

    @property
    def limit(self) -> int:
        """Bytes that the segments may take, given what else lies on the disk; 0 while the disk is not in use."""
        return self._cache.index.capacity if self._cache else 0

    @property
    def queued(self) -> int:
        """Bytes that wait to be written."""
        return self._backlog.size

    @property
    def evictions(self) -> int:
        """Segments that were removed to make room for others."""
        return self._losses.evictions

    @property
    def broken(self) -> int:
        """Segments that were dropped because they were damaged."""
        return self._losses.broken

    async def __aenter__(self) -> Self:
        self._running = self._capacity > 0
        if self._running:
            keep_freed_memory()
            self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="cells-read")
            self._writer = ThreadPoolExecutor(1, thread_name_prefix="cells-write")
            self._writing = asyncio.create_task(self._write_forever())
            self._opening = asyncio.create_task(self._open())
            with contextlib.suppress(TimeoutError):
                async with self._clock.timeout(DISK_TIMEOUT):
                    await asyncio.shield(self._opening)
        return self

    async def __aexit__(self, *_: object) -> None:
        if not self._running:
            return
        try:
            with contextlib.suppress(TimeoutError):
                async with self._clock.timeout(DISK_TIMEOUT):
                    await self.settled()
        finally:
            self._running = False
            await self._stop()

    async def settled(self) -> None:
        """Wait until the folder is opened and nothing waits to be written."""
        if self._running:
            if self._opening is not None:
                await asyncio.shield(self._opening)
            self._idle.clear()
            self._wake.set()
            await self._idle.wait()

    async def get(self, key: FileKey, first: int, count: int) -> list[bytes | None]:
        """Cells `[first, first + count)` in order, None for each that is not there."""
        cells: list[bytes | None] = []
        for window, slots in by_window(first, count):
            cells += await self._get(key, window, slots)
        found = count - cells.count(None)
        self.hits += found
        self.misses += count - found
        return cells

    def put(self, key: FileKey, cell: int, data: bytes, *, edge: bool) -> None:
        """Queue a whole cell for writing; drop it if the disk does not keep up. A stored cell is not overwritten."""
        window, slot = divmod(cell, PER_WINDOW)
        cache, identity = self._usable(), identity_of(key, window)
        if cache is None or identity is None or not 0 < len(data) <= CELL or cache.index.holds(identity, slot):
            return
        if self._clock.time() < self._write_at or not self._backlog.add(identity, slot, data, edge=edge):
            self.dropped += 1
        self._wake.set()

    async def _get(self, key: FileKey, window: int, slots: range) -> list[bytes | None]:
        cache, identity = self._usable(), identity_of(key, window)
        wanted = cache.index.read(identity, slots) if cache and identity else None
        if cache is None or wanted is None:
            return [None] * len(slots)
        target, job = wanted
        result = await asyncio.get_running_loop().run_in_executor(self._readers, read_cells, cache.folder, job)
        cache.index.apply_read(target, job, result)
        self._bad_reads = self._bad_reads + 1 if result.error else 0
        if result.error and result.broken and self._bad_reads < BAD_READS:
            self._warn(result.error, "has an unreadable segment")
        elif result.error:
            self._disable(cache, result.error)
        if cache.index.has_removals:
            self._wake.set()
        return result.cells

    def _usable(self) -> _OpenCache | None:
        """The open cache, or None; then opening starts, unless the last failure is less than RETRY seconds ago."""
        opening = self._opening is not None and not self._opening.done()
        if self._cache is None and self._running and not opening and self._clock.time() >= self._retry_at:
            self._opening = asyncio.create_task(self._open())
        return self._cache

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        opened = await loop.run_in_executor(self._writer, open_and_scan, self._open_folder, self._path)
        if isinstance(opened, OSError):
            self._disable(None, opened)
            return
        folder, found = opened
        self._cache = _OpenCache(folder, Index(self._capacity, found, losses=self._losses))
        await self._look_at_space()
        self._wake.set()

    async def _write_forever(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), SPACE_INTERVAL)
            if not self._wake.is_set():
                await self._look_at_space()
            self._wake.clear()
            while await self._write_next():
                pass
            self._idle.set()

    async def _look_at_space(self) -> None:
        cache = self._cache
        if cache is not None:
            with contextlib.suppress(OSError):
                space = await asyncio.get_running_loop().run_in_executor(self._writer, cache.folder.space)
                self._fit(cache, space)

    def _fit(self, cache: _OpenCache, space: DiskSpace | None) -> None:
        """Take no more than leaves the disk's reserve free."""
        if space is None:
            return
        capacity = max(0, min(self._capacity, cache.index.weight + space.spare))
        if capacity < self._capacity and capacity < cache.index.weight:
            logger.info("the disk of %s is almost full: the cache shrinks to %d MiB", self._path, capacity >> 20)
        cache.index.resize(capacity)

    async def _write_next(self) -> bool:
        """Write one batch, or remove files that are due; False if there was nothing to do."""
        loop, cache = asyncio.get_running_loop(), self._cache
        if cache is None or not (self._backlog or cache.index.has_removals):
            return False
        if not self._backlog:
            result = await loop.run_in_executor(self._writer, write_cells, cache.folder, cache.index.clear())
            self._handle_write(cache, result, cells=0)
            return True
        batch = self._backlog.take()
        wanted = cache.index.write(batch.identity, batch.cells, edge=batch.edge)
        if wanted is not None:
            target, job = wanted
            result = await loop.run_in_executor(self._writer, write_cells, cache.folder, job)
            cache.index.apply_write(target, result)
            self._handle_write(cache, result, cells=len(batch.cells))
        self._backlog.done(batch)
        return True

    def _handle_write(self, cache: _OpenCache, result: WriteResult, *, cells: int) -> None:
        """Update counters, and disable the disk or suspend writing if the write failed."""
        self._fit(cache, result.space)
        if result.error is None and result.opened is not None:
            self.written += cells
            if self._failing and self._clock.time() >= self._failed_at + 2 * RETRY:
                logger.info("the disk cache in %s works again", self._path)
                self._failing = False
            return
        self.dropped += cells
        if result.error is None:
            return
        if result.began and result.error.errno in _FULL:
            self._write_at = self._clock.time() + RETRY
            self.dropped += self._backlog.clear()
            self._warn(result.error, "accepts no writes for now")
        else:
            self._disable(cache, result.error)

    def _disable(self, cache: _OpenCache | None, error: OSError) -> None:
        """Disable the disk for RETRY seconds. The folder is scanned again afterwards, so nothing is repaired here."""
        if cache is self._cache:
            if cache is not None:
                self._writer.submit(cache.folder.unlock)  # after what is being written, and before it is opened again
            self._cache = None
            self._retry_at = self._clock.time() + RETRY
            self.dropped += self._backlog.clear()
            self._warn(error, "is disabled for now")

    def _warn(self, error: OSError, effect: str) -> None:
        """Count a failure; log it, unless one was logged and the disk has not worked for RETRY seconds since."""
        self.failures += 1
        self._failed_at = self._clock.time()
        if not self._failing:
            self._failing = True
            reason = "another process uses it" if isinstance(error, BlockingIOError) else error.strerror or str(error)
            logger.warning("the disk cache in %s %s: %s", self._path, effect, reason)

    async def _stop(self) -> None:
        """End tasks and threads. A thread that hangs in a disk operation is left running, and keeps the lock."""
        tasks = [task for task in (self._writing, self._opening) if task is not None]
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        cache, self._cache = self._cache, None
        self._backlog.clear()
        with contextlib.suppress(TimeoutError):
            async with self._clock.timeout(DISK_TIMEOUT):
                await asyncio.to_thread(shut_down, self._readers, self._writer)
                if cache is not None:
                    cache.folder.close()
        for end in ends:
            if isinstance(end, Exception):
                raise end

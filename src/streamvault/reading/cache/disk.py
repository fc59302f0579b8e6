"""The disk cache of cells, bounded in bytes; a failing disk counts as a cache miss and never fails a reader.

The event loop owns the index of segments (`Index`); threads do what may block (`transfer`): a few that read, and a
single one that writes, so that files are changed in one order only. `lifecycle` opens, retries and closes.
"""

import asyncio
import contextlib
import errno
from collections.abc import Callable
from pathlib import Path
from typing import Self

from streamvault.media.cells import CELL, PER_WINDOW
from streamvault.media.model import FileKey
from streamvault.reading.cache.allocation import keep_freed_memory
from streamvault.reading.cache.backlog import Backlog
from streamvault.reading.cache.folder import Folder
from streamvault.reading.cache.index import BLOCK
from streamvault.reading.cache.lifecycle import DISK_TIMEOUT, RETRY, DiskLifecycle, OpenCache
from streamvault.reading.cache.segment import by_window, identity_of
from streamvault.reading.cache.throttle import Throttle
from streamvault.reading.cache.transfer import WriteResult, read_cells, write_cells
from streamvault.reading.retry import Clock, LoopClock

SPACE_INTERVAL = 5.0
"""Seconds without a write after which the free space of the disk is looked at."""

BAD_READS = 3
"""Unreadable segments in a row after which the disk is disabled; a single one is only dropped."""

FOLDERS = 258 * BLOCK
"""Bytes reserved for the folder itself and its subfolders."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class DiskCells:
    """A `DiskStore` of at most `capacity` bytes in `folder`; with less than FOLDERS it stores nothing.

    It takes less where the disk has less free space than its reserve (space.DiskSpace), and gives room back while
    others fill the disk. One process at a time uses a folder; another one works without it until the first has ended.
    A full disk still serves what it has. `open_folder` is a parameter for tests that need a failing disk.
    """

    def __init__(
        self,
        folder: Path,
        capacity: int,
        *,
        clock: Clock | None = None,
        open_folder: Callable[[Path], Folder] = Folder,
    ) -> None:
        self._clock = clock or LoopClock()
        self._enabled = capacity > FOLDERS
        self._running = False
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._disk = DiskLifecycle(
            folder, capacity - FOLDERS, clock=self._clock, open_folder=open_folder, on_open=self._wake.set
        )
        self._bad_reads = 0
        self._write_at = 0.0
        self._backlog = Backlog()
        self._throttle = Throttle(self._clock)
        self._writing: asyncio.Task[None] | None = None
        self.hits = 0
        self.misses = 0
        self.written = 0
        """Cells."""
        self.dropped = 0
        """Cells that were not written, because the queue or the disk was full, or the disk failed."""

    @property
    def held(self) -> int:
        """Bytes that the segments take on the disk, as far as known; 0 while the disk is not in use."""
        return self._disk.cache.index.weight if self._disk.cache else 0

    @property
    def limit(self) -> int:
        """Bytes that the segments may take, given what else lies on the disk; 0 while the disk is not in use."""
        return self._disk.cache.index.capacity if self._disk.cache else 0

    @property
    def queued(self) -> int:
        """Bytes that wait to be written."""
        return self._backlog.size

    @property
    def evictions(self) -> int:
        """Segments that were removed to make room for others."""
        return self._disk.losses.evictions

    @property
    def broken(self) -> int:
        """Segments that were dropped because they were damaged."""
        return self._disk.losses.broken

    @property
    def failures(self) -> int:
        """Number of failures of the disk."""
        return self._disk.failures

    async def __aenter__(self) -> Self:
        self._running = self._enabled
        if self._running:
            keep_freed_memory()
            self._writing = asyncio.create_task(self._write_forever())
            await self._disk.start()
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
            await self._disk.opened()
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
        cache, identity = self._disk.usable(), identity_of(key, window)
        if cache is None or identity is None or not 0 < len(data) <= CELL or cache.index.holds(identity, slot):
            return
        if self._clock.time() < self._write_at or not self._backlog.add(identity, slot, data, edge=edge):
            self.dropped += 1
        self._throttle.note(self._backlog.size)
        self._wake.set()

    async def room(self) -> None:
        """See DiskStore."""
        await self._throttle.wait()

    async def _get(self, key: FileKey, window: int, slots: range) -> list[bytes | None]:
        cache, identity = self._disk.usable(), identity_of(key, window)
        wanted = cache.index.read(identity, slots) if cache and identity else None
        if cache is None or wanted is None:
            return [None] * len(slots)
        target, job = wanted
        result = await asyncio.get_running_loop().run_in_executor(self._disk.readers, read_cells, cache.folder, job)
        cache.index.apply_read(target, job, result)
        self._bad_reads = self._bad_reads + 1 if result.error else 0
        if result.error and result.broken and self._bad_reads < BAD_READS:
            self._disk.warn(result.error, "has an unreadable segment")
        elif result.error:
            self._disable(cache, result.error)
        if cache.index.has_removals:
            self._wake.set()
        return result.cells

    async def _write_forever(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SPACE_INTERVAL):  # wait_for of Python 3.11 can lose a cancellation
                    await self._wake.wait()
            if not self._wake.is_set():
                await self._disk.look_at_space()
            self._wake.clear()
            while await self._write_next():
                pass
            self._idle.set()

    async def _write_next(self) -> bool:
        """Write one batch, or remove files that are due; False if there was nothing to do."""
        loop, cache = asyncio.get_running_loop(), self._disk.cache
        if cache is None or not (self._backlog or cache.index.has_removals):
            return False
        if not self._backlog:
            job = cache.index.clear()
            result = await loop.run_in_executor(self._disk.writer, write_cells, cache.folder, job)
            self._handle_write(cache, result, cells=0)
            return True
        batch = self._backlog.take()
        wanted = cache.index.write(batch.identity, batch.cells, edge=batch.edge)
        if wanted is not None:
            target, job = wanted
            result = await loop.run_in_executor(self._disk.writer, write_cells, cache.folder, job)
            cache.index.apply_write(target, result)
            self._handle_write(cache, result, cells=len(batch.cells))
        self._backlog.done(batch)
        self._throttle.note(self._backlog.size)
        return True

    def _handle_write(self, cache: OpenCache, result: WriteResult, *, cells: int) -> None:
        """Update counters, and disable the disk or suspend writing if the write failed."""
        self._disk.fit(cache, result.space)
        if result.error is None and result.opened is not None:
            self.written += cells
            self._disk.worked()
            return
        self.dropped += cells
        if result.error is None:
            return
        if result.began and result.error.errno in _FULL:
            self._write_at = self._clock.time() + RETRY
            self._drop_all()
            self._disk.warn(result.error, "accepts no writes for now")
        else:
            self._disable(cache, result.error)

    def _disable(self, cache: OpenCache, error: OSError) -> None:
        if self._disk.disable(cache, error):
            self._drop_all()

    def _drop_all(self) -> None:
        self.dropped += self._backlog.clear()
        self._throttle.note(self._backlog.size)

    async def _stop(self) -> None:
        if self._writing is None:
            return
        self._writing.cancel()
        await asyncio.wait([self._writing])
        self._backlog.clear()
        await self._disk.stop()
        if not self._writing.cancelled():
            self._writing.result()

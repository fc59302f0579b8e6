"""Cells on a disk, never more of them than a number of bytes; a trouble with the disk never becomes the reader's.

The loop owns what is known of the segments (`Index`), threads do what may block (`transfer`): a few that read, and a
single one that writes, so that files change in one order only.
"""

import asyncio
import contextlib
import errno
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from streamvault.media.cells import CELL, PER_WINDOW
from streamvault.media.model import FileKey
from streamvault.reading.cache.allocation import keep_freed_memory
from streamvault.reading.cache.backlog import Backlog
from streamvault.reading.cache.folder import Folder, Found
from streamvault.reading.cache.index import BLOCK, Index, Losses
from streamvault.reading.cache.segment import identity_of
from streamvault.reading.cache.transfer import Written, read_cells, write_cells
from streamvault.reading.retry import Clock, LoopClock

logger = logging.getLogger(__name__)

READERS = 4
"""Threads that read."""

RETRY = 60.0
"""Seconds after which a disk in trouble is tried again."""

BAD_READS = 3
"""Segments in a row that the disk cannot read before it is given up; a single one is only dropped."""

PATIENCE = 2.0
"""Seconds that opening and closing wait for the disk; it goes on by itself afterwards."""

FOLDERS = 258 * BLOCK
"""Bytes that the folder and its subfolders may take."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True, eq=False)
class _Shelf:
    folder: Folder
    index: Index


class DiskCells:
    """A `DiskStore` of at most `capacity` bytes in `folder`; with less than FOLDERS it makes and keeps nothing.

    One process at a time uses a folder; another one is without it until the first has ended. A full disk still
    serves what it has. `open_folder` is what opens the folder, for tests that need a bad disk.
    """

    def __init__(
        self,
        folder: Path,
        capacity: int,
        *,
        clock: Clock | None = None,
        open_folder: Callable[[Path], Folder] = Folder,
    ) -> None:
        self._path = folder
        self._capacity = capacity - FOLDERS
        self._clock = clock or LoopClock()
        self._open_folder = open_folder
        self._shelf: _Shelf | None = None
        self._running = False
        self._troubled = False
        self._bad_reads = 0
        self._retry_at = self._write_at = self._failed_at = 0.0
        self._backlog = Backlog()
        self._wake, self._idle = asyncio.Event(), asyncio.Event()
        self._opening: asyncio.Task[None] | None = None
        self._writing: asyncio.Task[None] | None = None
        self._losses = Losses()
        self.hits = 0
        self.misses = 0
        self.written = 0
        """Cells."""
        self.dropped = 0
        """Cells that were not written, for want of time, room or a disk."""
        self.troubles = 0
        """Times that the disk failed us."""

    @property
    def held(self) -> int:
        """Bytes that the segments take on the disk, as far as is known; 0 while there is no disk."""
        return self._shelf.index.weight if self._shelf else 0

    @property
    def queued(self) -> int:
        """Bytes that wait to be written."""
        return self._backlog.size

    @property
    def evictions(self) -> int:
        """Segments that made room for others."""
        return self._losses.evictions

    @property
    def broken(self) -> int:
        """Segments that were not as they had been written, and so were dropped."""
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
                async with self._clock.timeout(PATIENCE):
                    await asyncio.shield(self._opening)
        return self

    async def __aexit__(self, *_: object) -> None:
        if not self._running:
            return
        try:
            with contextlib.suppress(TimeoutError):
                async with self._clock.timeout(PATIENCE):
                    await self.settled()
        finally:
            self._running = False
            await self._stop()

    async def settled(self) -> None:
        """Wait until nothing is being opened and nothing waits to be written."""
        if self._running:
            if self._opening is not None:
                await asyncio.shield(self._opening)
            self._idle.clear()
            self._wake.set()
            await self._idle.wait()

    async def get(self, key: FileKey, first: int, count: int) -> list[bytes | None]:
        """Cells `[first, first + count)` in order, None for each that is not there."""
        cells: list[bytes | None] = []
        for window, slots in _by_window(first, count):
            cells += await self._get(key, window, slots)
        found = count - cells.count(None)
        self.hits += found
        self.misses += count - found
        return cells

    def put(self, key: FileKey, cell: int, data: bytes, *, edge: bool) -> None:
        """Keep a whole cell, later; or drop it if the disk does not keep up. What is there already stays."""
        window, slot = divmod(cell, PER_WINDOW)
        shelf, identity = self._usable(), identity_of(key, window)
        if shelf is None or identity is None or not 0 < len(data) <= CELL or shelf.index.holds(identity, slot):
            return
        if self._clock.time() < self._write_at or not self._backlog.add(identity, slot, data, edge=edge):
            self.dropped += 1
        self._wake.set()

    async def _get(self, key: FileKey, window: int, slots: range) -> list[bytes | None]:
        shelf, identity = self._usable(), identity_of(key, window)
        wanted = shelf.index.read(identity, slots) if shelf and identity else None
        if shelf is None or wanted is None:
            return [None] * len(slots)
        errand, job = wanted
        result = await asyncio.get_running_loop().run_in_executor(self._readers, read_cells, shelf.folder, job)
        shelf.index.was_read(errand, job, result)
        self._bad_reads = self._bad_reads + 1 if result.error else 0
        if result.error and result.broken and self._bad_reads < BAD_READS:
            self._complain(result.error, "has lost something")
        elif result.error:
            self._give_up(shelf, result.error)
        if shelf.index.doomed:
            self._wake.set()
        return result.cells

    def _usable(self) -> _Shelf | None:
        """The shelf; without one, see to it that the disk is tried again when it is time."""
        opening = self._opening is not None and not self._opening.done()
        if self._shelf is None and self._running and not opening and self._clock.time() >= self._retry_at:
            self._opening = asyncio.create_task(self._open())
        return self._shelf

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        opened = await loop.run_in_executor(self._writer, _open, self._open_folder, self._path)
        if isinstance(opened, OSError):
            self._give_up(None, opened)
            return
        folder, found = opened
        self._shelf = _Shelf(folder, Index(self._capacity, found, losses=self._losses))
        self._wake.set()

    async def _write_forever(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while await self._write_next():
                pass
            self._idle.set()

    async def _write_next(self) -> bool:
        """Whether there was anything to do."""
        loop, shelf = asyncio.get_running_loop(), self._shelf
        if shelf is None or not (self._backlog or shelf.index.doomed):
            return False
        if not self._backlog:
            result = await loop.run_in_executor(self._writer, write_cells, shelf.folder, shelf.index.clear())
            self._judge(shelf, result, cells=0)
            return True
        batch = self._backlog.take()
        wanted = shelf.index.write(batch.identity, batch.cells, edge=batch.edge)
        if wanted is not None:
            errand, job = wanted
            result = await loop.run_in_executor(self._writer, write_cells, shelf.folder, job)
            shelf.index.was_written(errand, result)
            self._judge(shelf, result, cells=len(batch.cells))
        self._backlog.done(batch)
        return True

    def _judge(self, shelf: _Shelf, result: Written, *, cells: int) -> None:
        """Act upon how a write ended."""
        if result.error is None and result.opened is not None:
            self.written += cells
            if self._troubled and self._clock.time() >= self._failed_at + 2 * RETRY:
                logger.info("the disk cache in %s works again", self._path)
                self._troubled = False
            return
        self.dropped += cells
        if result.error is None:
            return
        if result.began and result.error.errno in _FULL:
            self._write_at = self._clock.time() + RETRY
            self.dropped += self._backlog.clear()
            self._complain(result.error, "takes nothing more for now")
        else:
            self._give_up(shelf, result.error)

    def _give_up(self, shelf: _Shelf | None, error: OSError) -> None:
        """Do without the disk for a while. Afterwards its folder is read anew, so nothing has to be made good here."""
        if shelf is self._shelf:
            if shelf is not None:
                self._writer.submit(shelf.folder.unlock)  # after what is being written, and before it is opened again
            self._shelf = None
            self._retry_at = self._clock.time() + RETRY
            self.dropped += self._backlog.clear()
            self._complain(error, "is off for now")

    def _complain(self, error: OSError, effect: str) -> None:
        """Once per trouble, which ends when the disk has worked for as long as it is left alone after a failure."""
        self.troubles += 1
        self._failed_at = self._clock.time()
        if not self._troubled:
            self._troubled = True
            reason = "another process uses it" if isinstance(error, BlockingIOError) else error.strerror or str(error)
            logger.warning("the disk cache in %s %s: %s", self._path, effect, reason)

    async def _stop(self) -> None:
        """End tasks and threads; a thread that hangs in the disk is left behind, and holds the lock till it ends."""
        tasks = [task for task in (self._writing, self._opening) if task is not None]
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        shelf, self._shelf = self._shelf, None
        self._backlog.clear()
        with contextlib.suppress(TimeoutError):
            async with self._clock.timeout(PATIENCE):
                await asyncio.to_thread(_shut_down, self._readers, self._writer)
                if shelf is not None:
                    shelf.folder.close()
        for end in ends:
            if isinstance(end, Exception):
                raise end


def _open(open_folder: Callable[[Path], Folder], path: Path) -> tuple[Folder, list[Found]] | OSError:
    try:
        folder = open_folder(path)
        return folder, folder.scan()
    except OSError as error:
        return error.with_traceback(None)  # it would hold on to the folder, and so to its lock


def _shut_down(*pools: ThreadPoolExecutor) -> None:
    for pool in pools:
        pool.shutdown(cancel_futures=True)


def _by_window(first: int, count: int) -> Iterator[tuple[int, range]]:
    """Each window that holds some of the cells, and which of its slots they are."""
    stop = first + count
    while first < stop:
        window, slot = divmod(first, PER_WINDOW)
        length = min(stop - first, PER_WINDOW - slot)
        yield window, range(slot, slot + length)
        first += length

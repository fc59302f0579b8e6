"""Fetches into the caches what a player asks for first: the head, the tail, and an index behind the media data."""

import asyncio
import logging
from collections import OrderedDict
from typing import Self

from streamvault.errors import StreamVaultError
from streamvault.media.byterange import ByteRange
from streamvault.media.cells import CELL
from streamvault.media.lateindex import late_index
from streamvault.media.layout import FileLayout
from streamvault.media.model import FileKey, MediaFile
from streamvault.media.types import kind_of
from streamvault.reading.bulk import read_whole_cells
from streamvault.reading.cells import Cells
from streamvault.reading.lanes import Lane

log = logging.getLogger(__name__)

HEAD, TAIL, INDEX = 2 * CELL, CELL, 8 * CELL
"""Bytes to fetch at the beginning, at the end, and of an index that lies late (see media/lateindex.py)."""

QUEUE, REMEMBERED = 64, 1024


class Prewarm:
    """An async context manager. Warms one file at a time; drops a file if the queue is full."""

    def __init__(self, cells: Cells, *, cached: bool = True) -> None:
        """`cached` False: there are no caches, and `warm` does nothing."""
        self._cells = cells
        self._cached = cached
        self._queue: asyncio.Queue[tuple[MediaFile, Lane]] = asyncio.Queue(QUEUE)
        self._recent: OrderedDict[FileKey, None] = OrderedDict()
        self._worker: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._worker = asyncio.create_task(self._work(), name="prewarm")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)

    def warm(self, file: MediaFile, lane: Lane) -> None:
        """Queue a file for warming, unless it was queued recently."""
        wanted = self._cached and file.size and kind_of(file.mime_type) != "document"
        if not wanted or file.key in self._recent or self._queue.full():
            return
        self._recent[file.key] = None
        if len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)
        self._queue.put_nowait((file, lane))

    async def settled(self) -> None:
        """Wait until the queue is empty and its last file is done."""
        await self._queue.join()

    async def _work(self) -> None:
        while True:
            file, lane = await self._queue.get()
            try:
                await self._warm(file, lane)
            except StreamVaultError as error:
                self._recent.pop(file.key, None)
                log.debug("%s was not prepared for playing: %s", file.origin, error)
            finally:
                self._queue.task_done()

    async def _warm(self, file: MediaFile, lane: Lane) -> None:
        head = await self._read(file, ByteRange(0, min(HEAD, file.size)), lane)
        if file.size > HEAD:
            await self._read(file, ByteRange(max(HEAD, file.size - TAIL), file.size), lane)
        index = late_index(head, file.size, most=INDEX)
        if index is not None:
            await self._read(file, index, lane)

    async def _read(self, file: MediaFile, wanted: ByteRange, lane: Lane) -> bytes:
        """The bytes of the cells that hold `wanted`."""
        return await read_whole_cells(self._cells, file, FileLayout(file).cells(wanted), lane=lane, client="prewarm")

"""The bytes of a film for a job, through the engine: in order with read-ahead, as for a viewer."""

import asyncio
from typing import Self

from streamvault.media.byterange import ByteRange
from streamvault.media.cells import CELL
from streamvault.media.model import MediaFile
from streamvault.reading.cells import Cells
from streamvault.reading.reader import Bounds, FileReader


class Feed:
    """A context manager. Callable as the sandbox's ReadCells: it gives cells [n x CELL, ...) of the whole film.

    `ahead`: the bytes that the job is known to need, which are read in order and ahead of it; None: not known.
    """

    def __init__(self, cells: Cells, film: MediaFile, *, bounds: Bounds, ahead: ByteRange | None = None) -> None:
        self._cells, self._film, self._bounds = cells, film, bounds
        self._reader: FileReader | None = None
        self._at = self._stop = 0
        self._rest = b""
        if ahead is not None and ahead.length:
            self._at = ahead.start // CELL * CELL
            self._stop = min(film.size, -(-ahead.stop // CELL) * CELL)
            self._reader = self._open(ByteRange(self._at, self._stop))
        self._turn = asyncio.Lock()

    async def __call__(self, wanted: range) -> bytes:
        """The bytes of these cells. Raises as FileReader."""
        begin, end = wanted.start * CELL, min(wanted.stop * CELL, self._film.size)
        async with self._turn:
            if self._reader is not None and begin == self._at and end <= self._stop:
                data = await self._next(self._reader, end - begin)
                self._at = end
                return data
        with self._open(ByteRange(begin, end)) as reader:
            return b"".join([bytes(part) async for part in reader])

    async def skip_through(self) -> None:
        """Read all of `ahead`, so that it is in the caches."""
        if self._reader is not None:
            async for _ in self._reader:
                pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._reader is not None:
            self._reader.close()

    def _open(self, wanted: ByteRange) -> FileReader:
        return FileReader(self._cells, self._film, byte_range=wanted, bounds=self._bounds)

    async def _next(self, reader: FileReader, count: int) -> bytes:
        """The next `count` bytes of a reader, whose pieces are cut where the pieces of a joined film are."""
        parts, missing = [self._rest], count - len(self._rest)
        while missing > 0:
            parts.append(bytes(await anext(reader)))
            missing -= len(parts[-1])
        data = b"".join(parts)
        self._rest = data[count:]
        return data[:count]

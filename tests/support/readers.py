"""A FileReader alone, over a scripted source."""

import asyncio

from streamvault.media.byterange import ByteRange
from streamvault.reading.cells import Cells
from streamvault.reading.reader import Bounds, FileReader
from streamvault.reading.retry import Clock
from tests.support.sources import (
    Forgetful,
    HastyClock,
    MemorySource,
    media_file,
)

MIB = 1024 * 1024
BOUNDS = Bounds(start=15, stall=60)


def reader_of(
    source: MemorySource,
    size: int,
    *,
    start: int = 0,
    stop: int | None = None,
    clock: Clock | None = None,
    under_way: int = 16 * MIB,
) -> FileReader:
    """A reader of `[start, stop)` of a file of `size` bytes, alone and without caches."""
    byte_range = ByteRange(start, size if stop is None else stop)
    cells = Cells(source, memory=Forgetful(), under_way=under_way)
    return FileReader(cells, media_file(size), byte_range=byte_range, bounds=BOUNDS, clock=clock or HastyClock())


def cells_of_reader(reader: FileReader) -> Cells:
    return reader._cells


async def settle() -> None:
    """Let everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def rest(reader: FileReader) -> bytes:
    """Everything that is left."""
    return b"".join([bytes(piece) async for piece in reader])


async def open_and_read(reader: FileReader) -> bytes:
    await reader.open()
    return await rest(reader)

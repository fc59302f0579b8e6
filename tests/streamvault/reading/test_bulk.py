"""Whole cells, in order; a cancelled or failed read holds nothing."""

import asyncio

import pytest

from streamvault.errors import SourceUnavailable
from streamvault.media.cells import CELL
from streamvault.reading.bulk import read_whole_cells
from streamvault.reading.cells import Cells
from streamvault.reading.lanes import Lane
from tests.support.sources import Forgetful, Memory, MemorySource, fail, hold, media_file, pattern
from tests.support.waiting import until

SIZE = 40 * CELL + 5
FILE = media_file(SIZE)


async def test_cells_are_joined_in_order_from_all_tiers() -> None:
    source, memory = MemorySource(), Memory()
    async with Cells(source, memory=memory) as cells:
        memory.put(FILE.key, 3, pattern(3 * CELL, 4 * CELL), edge=False)
        found = await read_whole_cells(cells, FILE, range(2, 5), lane=Lane.THUMBNAILS, client="test")
        last = await read_whole_cells(cells, FILE, range(40, 41), lane=Lane.THUMBNAILS, client="test")
    assert found + last == pattern(2 * CELL, 5 * CELL) + pattern(40 * CELL, SIZE)
    assert sorted(source.requests) == [(2 * CELL, CELL), (4 * CELL, CELL), (40 * CELL, CELL)]


async def test_a_cancelled_read_holds_nothing() -> None:
    source, gate = MemorySource(), asyncio.Event()
    source.always = hold(gate)
    async with Cells(source, memory=Forgetful(), grace=0.0) as cells:
        wanting = asyncio.create_task(read_whole_cells(cells, FILE, range(16), lane=Lane.THUMBNAILS, client="test"))
        await source.until_asked(1)
        wanting.cancel()
        await asyncio.wait([wanting])
        await until(lambda: (cells.in_flight, cells.waiting, source.in_flight) == (0, 0, 0))
        assert cells.counts.cancelled


async def test_a_failure_is_raised_and_holds_nothing() -> None:
    source = MemorySource()
    source.faults.append(fail(SourceUnavailable("lost")))
    async with Cells(source, memory=Forgetful(), grace=0.0) as cells:
        with pytest.raises(SourceUnavailable):
            await read_whole_cells(cells, FILE, range(16), lane=Lane.THUMBNAILS, client="test")
        await until(lambda: (cells.in_flight, source.in_flight) == (0, 0))
        assert await read_whole_cells(cells, FILE, range(2), lane=Lane.THUMBNAILS, client="test") == pattern(
            0, 2 * CELL
        )

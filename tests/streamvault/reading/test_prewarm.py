"""What players ask for first is in the caches before they ask."""

import struct
from dataclasses import replace

from streamvault.errors import SourceUnavailable
from streamvault.media.byterange import ByteRange
from streamvault.media.cells import CELL
from streamvault.media.model import MediaFile
from streamvault.reading.cells import Cells
from streamvault.reading.lanes import Lane
from streamvault.reading.prewarm import Prewarm
from streamvault.reading.reader import Bounds, FileReader
from tests.support.sources import Memory, MemorySource, fail, media_file

MIB = 1 << 20
FILE = media_file(40 * MIB)


class Film(MemorySource):
    """An MP4 whose moov lies behind 30 MiB of data."""

    async def fetch(self, file: MediaFile, offset: int, limit: int) -> bytes:
        data = await super().fetch(file, offset, limit)
        head = struct.pack(">I4s8xI4s", 16, b"ftyp", 30 * MIB, b"mdat")
        return head + data[len(head) :] if offset == 0 else data


async def test_head_tail_and_a_late_index_are_fetched_once() -> None:
    source, memory = Film(), Memory()
    async with Cells(source, memory=memory) as cells, Prewarm(cells) as prewarm:
        prewarm.warm(FILE, Lane.INDEX)
        prewarm.warm(FILE, Lane.INDEX)
        await prewarm.settled()
        asked = list(source.requests)
        held = {cell for _, cell in memory.kept}
        assert {0, 1, 319} <= held
        assert set(range(30 * MIB // CELL, 31 * MIB // CELL)) <= held
        assert sum(limit for _, limit in asked) < 1.6 * MIB
        for start in (0, FILE.size - 1000, 30 * MIB + 16):
            with FileReader(cells, FILE, byte_range=ByteRange(start, start + 1000), bounds=Bounds()) as reader:
                assert len([bytes(piece) async for piece in reader]) == 1
        assert source.requests == asked


async def test_a_small_file_is_fetched_whole() -> None:
    source = MemorySource()
    async with Cells(source, memory=Memory()) as cells, Prewarm(cells) as prewarm:
        prewarm.warm(media_file(1000), Lane.INDEX)
        prewarm.warm(media_file(2 * CELL + 1), Lane.INDEX)
        await prewarm.settled()
    assert source.requests == [(0, CELL), (0, 2 * CELL), (2 * CELL, CELL)]


async def test_empty_files_and_other_types_are_not_fetched() -> None:
    source = MemorySource()
    async with Cells(source, memory=Memory()) as cells, Prewarm(cells) as prewarm:
        prewarm.warm(replace(FILE, mime_type="application/zip"), Lane.INDEX)
        prewarm.warm(media_file(0), Lane.INDEX)
        await prewarm.settled()
    assert source.requests == []


async def test_after_a_failure_the_file_may_be_queued_again() -> None:
    source = MemorySource()
    source.faults.append(fail(SourceUnavailable("lost")))
    async with Cells(source, memory=Memory()) as cells, Prewarm(cells) as prewarm:
        prewarm.warm(media_file(1000), Lane.INDEX)
        await prewarm.settled()
        prewarm.warm(media_file(1000), Lane.INDEX)
        await prewarm.settled()
    assert len(source.requests) == 2

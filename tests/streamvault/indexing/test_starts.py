"""Doubtful pieces are read and joined or left apart; what cannot be read is read later, and holds up nothing."""

import asyncio

from streamvault.catalog.base import Change
from streamvault.errors import SourceUnavailable
from streamvault.indexing.joining import JoiningCatalog
from streamvault.indexing.starts import PieceStarts, start_reader
from streamvault.media.model import MediaFile
from streamvault.media.signatures import LONGEST
from streamvault.reading.cells import Cells
from streamvault.reading.reader import Bounds
from tests.support.catalogs import MemoryCatalog
from tests.support.cut_files import MIB, document, listed
from tests.support.sources import Memory, MemorySource, pattern
from tests.support.waiting import until

AVI = b"RIFF\0\0\1\0AVI LIST"
FILMS = [document(1, "Old.Film.part1.avi", 716_800), document(2, "Old.Film.part2.avi", 600_000)]
CUT = [document(11 + i, f"lake.mkv.{i:02}", size) for i, size in enumerate((MIB, MIB, 5))]


class Telegram:
    """The first bytes of files by message; `down` are messages that cannot be read."""

    def __init__(self, starts: dict[int, bytes]) -> None:
        self.starts = starts
        self.down: set[int] = set()
        self.reads: list[int] = []

    async def __call__(self, file: MediaFile) -> bytes:
        self.reads.append(file.origin.message_id)
        if file.origin.message_id in self.down:
            raise SourceUnavailable("lost")
        return self.starts[file.origin.message_id]


async def test_pieces_that_are_posted_are_read_once() -> None:
    """D"""
    catalog, telegram = JoiningCatalog(MemoryCatalog()), Telegram({2: AVI, 12: b"middle"})
    running = asyncio.create_task(PieceStarts(catalog, telegram).run())
    for piece in (*FILMS, *CUT):
        await catalog.put(piece)

    async def joined() -> bool:
        return "lake.mkv" in await listed(catalog)

    await until(joined)
    await until(lambda: 2 in telegram.reads)
    await catalog.apply(Change(put=[*FILMS, *CUT]))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert sorted(telegram.reads) == [2, 12]
    assert await listed(catalog) == {one.name: one.size for one in FILMS} | {"lake.mkv": 2 * MIB + 5}


async def test_a_piece_that_cannot_be_read_is_read_in_a_later_round_and_holds_up_no_other() -> None:
    """D"""
    catalog, telegram = JoiningCatalog(MemoryCatalog()), Telegram({2: b"middle", 12: b"middle"})
    starts = PieceStarts(catalog, telegram)
    await catalog.apply(Change(put=[*FILMS, *CUT]))
    telegram.down = {2}
    await starts.round()
    assert set(await listed(catalog)) == {"Old.Film.part1.avi", "Old.Film.part2.avi", "lake.mkv"}
    telegram.down.clear()
    await starts.round()
    assert set(await listed(catalog)) == {"Old.Film.avi", "lake.mkv"}
    await starts.round()
    assert sorted(telegram.reads) == [2, 2, 12]


async def test_a_failed_read_is_tried_again_by_itself() -> None:
    """D"""
    catalog, telegram = JoiningCatalog(MemoryCatalog()), Telegram({2: b"middle"})
    telegram.down = {2}
    await catalog.apply(Change(put=FILMS))
    running = asyncio.create_task(PieceStarts(catalog, telegram, pause=0.01).run())
    await until(lambda: len(telegram.reads) > 2)
    telegram.down.clear()

    async def joined() -> bool:
        return "Old.Film.avi" in await listed(catalog)

    await until(joined)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_piece_that_is_deleted_before_it_is_read_is_forgotten() -> None:
    """D"""
    catalog, telegram = JoiningCatalog(MemoryCatalog()), Telegram({})
    await catalog.apply(Change(put=FILMS))
    await catalog.remove(FILMS[1].origin)
    await PieceStarts(catalog, telegram).round()
    assert telegram.reads == []


async def test_no_more_than_the_first_cell_is_read() -> None:
    """D"""
    source = MemorySource()
    async with Cells(source, memory=Memory()) as cells:
        read = start_reader(cells, Bounds())
        start = await read(document(1, "a", 400_000_000))
        assert start[:LONGEST] == pattern(0, LONGEST)
        assert len(start) <= 1 << 20
        assert await read(document(2, "b", 5)) == pattern(0, 5)

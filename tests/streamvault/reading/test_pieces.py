"""A file cut into pieces is read like an uncut one: across any border, with the same window and time limits."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamvault.errors import FileGone, SourceUnavailable
from streamvault.media.byterange import ByteRange
from streamvault.media.cells import CELL
from streamvault.media.model import FileKey, MediaFile
from streamvault.reading.cells import Cells
from streamvault.reading.lanes import Lane
from streamvault.reading.prewarm import Prewarm
from streamvault.reading.reader import PAUSE, Bounds, FileReader
from streamvault.reading.retry import Clock
from tests.support.sources import Forgetful, HastyClock, ManualClock, Memory, MemorySource, fail, pattern, stall

MIB = 1 << 20
BOUNDS = Bounds(start=15, stall=60)


class Pieces(MemorySource):
    """Remembers which pieces were asked for, and fails for those in `gone`."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_of: list[str] = []
        self.gone: set[str] = set()

    async def fetch(self, file: MediaFile, offset: int, limit: int) -> bytes:
        self.asked_of.append(file.key.file_unique_id)
        if file.key.file_unique_id in self.gone:
            raise FileGone("the message was deleted")
        return await super().fetch(file, offset, limit)


def reader_of(
    source: MemorySource, sizes: Sequence[int], *, wanted: ByteRange | None = None, clock: Clock | None = None
) -> FileReader:
    whole = source.cut(sizes)
    cells = Cells(source, memory=Forgetful())
    return FileReader(
        cells, whole, byte_range=wanted or ByteRange(0, whole.size), bounds=BOUNDS, clock=clock or HastyClock()
    )


async def rest(reader: FileReader) -> bytes:
    return b"".join([bytes(piece) async for piece in reader])


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@st.composite
def cuts(draw: st.DrawFn) -> tuple[list[int], ByteRange]:
    sizes = draw(st.lists(st.integers(1, MIB) | st.sampled_from([1, CELL - 1, CELL, CELL + 1]), min_size=2, max_size=9))
    start = draw(st.integers(0, sum(sizes) - 1))
    return sizes, ByteRange(start, draw(st.integers(start + 1, sum(sizes))))


@given(cuts())
@settings(max_examples=60, deadline=None)
def test_any_range_of_any_cut_is_read_exactly(cut: tuple[list[int], ByteRange]) -> None:
    sizes, wanted = cut

    async def read() -> None:
        source = MemorySource()
        reader = reader_of(source, sizes, wanted=wanted)
        await reader.open()
        assert await rest(reader) == pattern(wanted.start, wanted.stop)
        assert reader.delivered == wanted.length
        assert FileKey("jWhole") not in source.keys

    asyncio.run(read())


async def test_the_window_crosses_the_border_of_pieces_before_the_viewer() -> None:
    source = Pieces()
    reader = reader_of(source, [20 * MIB, 20 * MIB])
    while "Piece1" not in source.asked_of:
        await anext(reader)
        await settle()
    assert reader.delivered < 16 * MIB
    at = reader.delivered
    assert await rest(reader) == pattern(at, 40 * MIB)


async def test_requests_do_not_shrink_behind_a_border() -> None:
    source = MemorySource()
    await rest(reader_of(source, [20 * MIB, 20 * MIB]))
    limits = [limit for _, limit in source.requests]
    assert set(limits[:8]) == {CELL}
    assert limits[-20:] == [MIB] * 20


async def test_one_failure_at_a_border_loses_no_byte() -> None:
    for number in range(8):
        source = MemorySource()
        source.faults.extend([None] * number + [fail(SourceUnavailable("lost"))])
        reader = reader_of(source, [CELL + 5, 3 * CELL, 9])
        assert await rest(reader) == pattern(0, 4 * CELL + 14)


async def test_a_deleted_piece_raises_at_its_border() -> None:
    source = Pieces()
    source.gone = {"Piece1"}
    reader = reader_of(source, [CELL + 5, 3 * CELL, 9])
    with pytest.raises(FileGone):
        await rest(reader)
    assert reader.delivered == CELL + 5
    source.gone = set()
    assert await rest(reader) == pattern(CELL + 5, 4 * CELL + 14)


@pytest.mark.parametrize("first", [True, False], ids=["opening there", "reading on"])
async def test_the_time_limits_are_the_same_at_a_border(first: bool) -> None:
    source, clock = MemorySource(), ManualClock()
    sizes, start = [2 * CELL, CELL], 2 * CELL if first else 0
    source.faults.extend([] if first else [None, None])
    source.always = stall()
    reader = reader_of(source, sizes, wanted=ByteRange(start, 3 * CELL), clock=clock)

    async def read() -> bytes:
        await reader.open()
        return await rest(reader)

    reading = asyncio.ensure_future(read())
    await source.until_asked(1 if first else 3)
    await settle()
    clock.advance((BOUNDS.start if first else BOUNDS.stall) - 0.1)
    await settle()
    assert not reading.done()
    clock.advance(0.2)
    with pytest.raises(SourceUnavailable):
        await reading
    await reader._cells.close()


async def test_a_viewer_who_pauses_before_a_border_holds_nothing_behind_it() -> None:
    source, clock = Pieces(), ManualClock()
    reader = reader_of(source, [20 * MIB, 20 * MIB], clock=clock)
    while "Piece1" not in source.asked_of:
        await anext(reader)
        await settle()
    read = reader.delivered
    clock.advance(PAUSE + 1)
    reader.release_if_paused()
    assert not reader._ahead
    assert await rest(reader) == pattern(read, 40 * MIB)
    reader.close()


async def test_two_readers_share_the_cells_of_a_piece_whether_they_read_the_whole_or_the_piece() -> None:
    source = MemorySource()
    whole = source.cut([CELL, 2 * CELL])
    part = whole.parts[1]
    cells = Cells(source, memory=Memory())
    with FileReader(cells, whole, byte_range=ByteRange(0, whole.size), bounds=BOUNDS) as reader:
        await rest(reader)
    asked = len(source.requests)
    alone = MediaFile(part.key, part.origin, part.dc_id, "document", part.name, part.size, "application/x", 0)
    with FileReader(cells, alone, byte_range=ByteRange(0, alone.size), bounds=BOUNDS) as reader:
        assert await rest(reader) == pattern(CELL, 3 * CELL)
    assert len(source.requests) == asked


async def test_prewarm_fetches_head_and_tail_of_the_whole() -> None:
    source, memory = MemorySource(), Memory()
    whole = source.cut([CELL + 7, 40 * MIB, 33])
    async with Cells(source, memory=memory) as cells, Prewarm(cells) as prewarm:
        prewarm.warm(whole, Lane.INDEX)
        await prewarm.settled()
        asked = list(source.requests)
        assert sum(limit for _, limit in asked) <= 6 * CELL
        for wanted in (ByteRange(0, 2 * CELL), ByteRange(whole.size - CELL, whole.size)):
            with FileReader(cells, whole, byte_range=wanted, bounds=BOUNDS) as reader:
                assert await rest(reader) == pattern(wanted.start, wanted.stop)
        assert source.requests == asked

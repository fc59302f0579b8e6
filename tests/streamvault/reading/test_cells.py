"""Shared flights: one fetch per cell, shared by all waiters; failed answers are not kept."""

import asyncio

import pytest

from streamvault.errors import ShortRead, SourceBusy, SourceUnavailable
from streamvault.media.byterange import ByteRange
from streamvault.media.cells import CELL, Run
from streamvault.reading import cells as module
from streamvault.reading.cells import EDGE, Cells, Flight
from streamvault.reading.lanes import Lane
from streamvault.reading.reader import Bounds, FileReader
from tests.support.sources import Disk, Forgetful, Memory, MemorySource, fail, hold, media_file, pattern, short
from tests.support.waiting import until

MIB = 1 << 20
FILE = media_file(64 * MIB)


def asked(cells: Cells, first: int, count: int = 1, *, lane: Lane = Lane.PLAYBACK, client: int = 1) -> list[Flight]:
    """The flights of cells that are nowhere yet."""
    taken = cells.take(FILE, Run(first, count), lane=lane, client=client)
    flights = [one for one in taken if isinstance(one, Flight)]
    assert len(flights) == count
    return flights


async def read(cells: Cells, start: int, stop: int) -> bytes:
    with FileReader(cells, FILE, byte_range=ByteRange(start, stop), bounds=Bounds()) as reader:
        return b"".join([bytes(piece) async for piece in reader])


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_viewers_who_start_together_share_one_request() -> None:
    source, gate = MemorySource(), asyncio.Event()
    source.always = hold(gate)
    cells = Cells(source, memory=Memory())
    readings = [asyncio.ensure_future(read(cells, 0, 8 * MIB)) for _ in range(8)]
    await source.until_asked(2)
    gate.set()
    assert set(await asyncio.gather(*readings)) == {pattern(0, 8 * MIB)}
    assert sum(limit for _, limit in source.requests) == 8 * MIB
    assert cells.counts.coalesced > 0


async def test_requests_of_different_sizes_share_what_overlaps() -> None:
    source, gate = MemorySource(), asyncio.Event()
    source.always = hold(gate)
    cells = Cells(source, memory=Forgetful())
    big, small = asked(cells, 0, 8), asked(cells, 3, 1)
    assert small[0] is big[3]
    later = asked(cells, 6, 8)
    assert later[0] is big[6]
    await source.until_asked(3)
    assert sorted(source.requests) == [(0, MIB), (8 * CELL, 4 * CELL), (12 * CELL, 2 * CELL)]
    gate.set()
    await later[-1].done.wait()
    assert later[-1].result(13) == pattern(13 * CELL, 14 * CELL)


async def test_a_failure_reaches_every_waiter_and_nothing_is_kept() -> None:
    source, memory = MemorySource(), Memory()
    source.always = fail(SourceBusy(7))
    cells = Cells(source, memory=memory)
    first, second = asked(cells, 0), asked(cells, 0)
    await first[0].done.wait()
    for flight in (*first, *second):
        with pytest.raises(SourceBusy):
            flight.result(0)
    assert not memory.kept
    assert asked(cells, 0)[0] is not first[0]
    await cells.close()


async def test_a_short_answer_is_an_error_and_never_kept() -> None:
    source, memory, disk = MemorySource(), Memory(), Disk()
    source.always = short()
    cells = Cells(source, memory=memory, disk=disk)
    [flight] = asked(cells, 0)
    await flight.done.wait()
    with pytest.raises(ShortRead):
        flight.result(0)
    assert not memory.kept
    assert not disk.kept


async def test_a_queued_request_is_cancelled_with_its_last_waiter() -> None:
    source, gate = MemorySource(), asyncio.Event()
    source.always = hold(gate)
    cells = Cells(source, memory=Forgetful(), capacity=lambda: 1)
    asked(cells, 0)
    await source.until_asked(1)
    first, second = asked(cells, 10), asked(cells, 10)
    await settle()
    cells.leave(first[0], 10)
    await settle()
    assert not second[0].done.is_set()
    cells.leave(second[0], 10)
    await second[0].done.wait()
    assert cells.counts.cancelled == 1
    gate.set()
    await settle()
    assert source.requests == [(0, CELL)]


async def test_the_answer_of_a_sent_request_is_cached_after_its_viewer_left() -> None:
    source, gate, memory = MemorySource(), asyncio.Event(), Memory()
    source.always = hold(gate)
    cells = Cells(source, memory=memory)
    [flight] = asked(cells, 0)
    await source.until_asked(1)
    cells.leave(flight, 0)
    gate.set()
    await flight.done.wait()
    assert memory.kept[FILE.key, 0] == pattern(0, CELL)


async def test_a_flight_holds_only_cells_that_are_still_wanted() -> None:
    source, gate = MemorySource(), asyncio.Event()
    source.always = hold(gate)
    cells = Cells(source, memory=Forgetful())
    flights = asked(cells, 0, 8)
    for cell in range(7):
        cells.leave(flights[cell], cell)
    gate.set()
    await flights[7].done.wait()
    assert list(flights[7].cells) == [7]
    cells.leave(flights[7], 7)
    assert not flights[7].cells


async def test_a_sent_request_without_waiters_is_cancelled_after_the_grace_period() -> None:
    source, gate = MemorySource(), asyncio.Event()
    source.always = hold(gate)
    cells = Cells(source, memory=Memory(), grace=0.01)
    [flight] = asked(cells, 0)
    await source.until_asked(1)
    cells.leave(flight, 0)
    async with asyncio.timeout(5):
        await flight.done.wait()
    assert source.in_flight == 0
    assert cells.in_flight == 0


async def test_readahead_that_a_player_waits_for_is_promoted() -> None:
    source, gate = MemorySource(), asyncio.Event()
    source.faults.extend([hold(gate), hold(gate)])
    cells = Cells(source, memory=Forgetful(), capacity=lambda: 1)
    asked(cells, 0)
    for cell in (10, 20, 30):
        asked(cells, cell, lane=Lane.READAHEAD)
    [wanted] = asked(cells, 40, lane=Lane.READAHEAD)
    await source.until_asked(2)
    await settle()
    cells.promote(wanted)
    gate.set()
    await wanted.done.wait()
    order = [offset // CELL for offset, _ in source.requests]
    assert order[:3] == [0, 10, 40]
    assert cells.counts.promoted == 1
    await cells.close()


async def test_cells_on_disk_are_not_requested_and_the_others_are() -> None:
    source, disk, memory = MemorySource(), Disk(), Memory()
    for cell in (0, 1, 5):
        disk.put(FILE.key, cell, pattern(cell * CELL, (cell + 1) * CELL), edge=False)
    cells = Cells(source, memory=memory, disk=disk)
    flights = asked(cells, 0, 8)
    await flights[-1].done.wait()
    assert b"".join(flight.result(cell) for cell, flight in enumerate(flights)) == pattern(0, MIB)
    assert source.requests == [(2 * CELL, 2 * CELL), (4 * CELL, CELL), (6 * CELL, 2 * CELL)]
    assert (cells.counts.disk, cells.counts.telegram) == (3, 5)
    assert set(memory.kept) == {(FILE.key, cell) for cell in range(8)}
    assert {cell for _, cell in disk.kept} == set(range(8))


async def test_head_and_tail_are_stored_as_edges() -> None:
    memory = Memory()
    cells = Cells(MemorySource(), memory=memory)
    assert await read(cells, 0, FILE.size) == pattern(0, FILE.size)
    edge = EDGE // CELL
    assert memory.edges == {*range(edge), *range(FILE.size // CELL - edge, FILE.size // CELL)}


async def test_the_last_cell_is_as_short_as_its_file() -> None:
    file, memory = media_file(MIB + 5), Memory()
    cells = Cells(MemorySource(), memory=memory)
    reader = FileReader(cells, file, byte_range=ByteRange(MIB, MIB + 5), bounds=Bounds())
    assert [bytes(piece) async for piece in reader] == [pattern(MIB, MIB + 5)]
    assert memory.kept[file.key, 8] == pattern(MIB, MIB + 5)


async def test_closing_raises_in_every_waiter() -> None:
    source = MemorySource()
    source.always = hold(asyncio.Event())
    cells = Cells(source, memory=Forgetful())
    async with cells:
        [flight] = asked(cells, 0)
        await source.until_asked(1)
    with pytest.raises(SourceUnavailable):
        flight.result(0)
    assert source.in_flight == 0


async def test_all_readers_together_hold_a_bounded_amount_ahead() -> None:
    cells = Cells(MemorySource(), memory=Forgetful(), under_way=16 * MIB)
    assert cells.ahead == module.READY * 16 * MIB
    readers = [FileReader(cells, FILE, byte_range=ByteRange(0, MIB), bounds=Bounds()) for _ in range(1000)]
    for reader in readers:
        cells.watch(reader)
    assert cells.ahead * len(readers) <= module.SHARED_AHEAD
    for reader in readers:
        reader.close()
    assert cells.ahead == module.READY * 16 * MIB


async def test_memory_is_returned_once_after_the_last_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    swept, given = [], []

    class Reader:
        def release_if_paused(self) -> None:
            swept.append(True)

    monkeypatch.setattr("streamvault.reading.cells.SWEEP", 0.005)
    monkeypatch.setattr("streamvault.reading.cells.give_back_memory", lambda: given.append(True))
    reader = Reader()
    async with Cells(MemorySource(), memory=Forgetful()) as cells:
        cells.watch(reader)
        await until(lambda: len(swept) >= 3)
        assert not given
        cells.unwatch(reader)
        await until(lambda: given)
        swept.clear()
        cells.watch(reader)
        await until(lambda: swept)
        assert len(given) == 1

"""FileReader over a scripted source: exact bytes, bounded waiting, nothing left behind."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamvault.media.cells import CELL
from streamvault.media.readahead import SEVERAL, UNDER_WAY
from streamvault.reading.cells import READY, Flight
from streamvault.reading.reader import PAUSE, PIECE, FileReader
from tests.support.readers import MIB, cells_of_reader, reader_of, rest, settle
from tests.support.sources import (
    ManualClock,
    MemorySource,
    hold,
    media_file,
    pattern,
)


def held_cells(reader: FileReader) -> int:
    return len(reader._ahead) + (reader._held is not None)


@given(st.integers(1, 3 * MIB), st.data())
@settings(max_examples=40, deadline=None)
def test_any_range_is_read_exactly(size: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, size - 1))
    stop = data.draw(st.integers(start + 1, size))

    async def read() -> None:
        source = MemorySource()
        reader = reader_of(source, size, start=start, stop=stop)
        await reader.open()
        assert await rest(reader) == pattern(start, stop)
        assert reader.delivered == stop - start
        asked = [cell for offset, limit in source.requests for cell in range(offset // CELL, (offset + limit) // CELL)]
        assert sorted(asked) == list(range(start // CELL, (stop - 1) // CELL + 1))

    asyncio.run(read())


async def test_iterating_without_opening_reads_everything_too() -> None:
    assert await rest(reader_of(MemorySource(), MIB + 1)) == pattern(0, MIB + 1)


async def test_an_empty_range_never_asks_the_source() -> None:
    source = MemorySource()
    reader = reader_of(source, 10, start=4, stop=4)
    await reader.open()
    assert await rest(reader) == b""
    assert source.requests == []


def test_a_range_beyond_the_file_is_refused() -> None:
    with pytest.raises(ValueError, match="beyond"):
        reader_of(MemorySource(), 10, stop=11)


async def test_a_read_begins_with_small_requests_and_a_narrow_window() -> None:
    source = MemorySource()
    reader = reader_of(source, 64 * MIB)
    await reader.open()
    assert source.requests == [(0, CELL), (CELL, CELL)]
    await settle()
    assert len(source.requests) == 2
    await anext(reader)
    assert len(source.requests) == 2  # the held cell is not used up


async def test_requests_grow_with_what_the_viewer_takes_and_tile_the_range() -> None:
    source = MemorySource()
    reader = reader_of(source, 40 * MIB)
    assert await rest(reader) == pattern(0, 40 * MIB)
    limits = [limit for _, limit in source.requests]
    assert set(limits[:8]) == {CELL}
    assert max(limits[:20]) <= 2 * CELL
    assert set(limits[-16:]) == {MIB}
    assert len(source.requests) < 90
    assert [offset for offset, _ in source.requests] == [sum(limits[:n]) for n in range(len(limits))]


async def test_a_window_full_of_requests_is_in_flight_and_delivered_in_order() -> None:
    source, gate = MemorySource(), asyncio.Event()
    reader = reader_of(source, 64 * MIB, under_way=8 * MIB)
    for _ in range(16 * MIB // CELL):
        await anext(reader)
    source.always = hold(gate)
    reading = asyncio.ensure_future(rest(reader))
    await source.until_in_flight(7)
    assert reader.delivered < 26 * MIB
    gate.set()
    assert await reading == pattern(reader.delivered - len(reading.result()), 64 * MIB)


async def test_a_late_answer_does_not_stop_further_requests() -> None:
    source, late = MemorySource(), asyncio.Event()
    reader = reader_of(source, 256 * MIB, under_way=8 * MIB)
    for _ in range(32 * MIB // PIECE):
        await anext(reader)
    source.faults.append(hold(late))
    reading = asyncio.ensure_future(rest(reader))
    await source.until_in_flight(1)
    await settle()
    assert source.in_flight == 1
    delivered, asked = reader.delivered, sum(limit for _, limit in source.requests)
    assert (READY - 0.5) * 8 * MIB < asked - delivered <= READY * 8 * MIB
    late.set()
    assert await reading == pattern(reader.delivered - len(reading.result()), 256 * MIB)


async def test_a_viewer_who_stops_taking_has_no_more_ahead_than_may_be_under_way() -> None:
    """M: so does a proxy that fills its buffers as fast as it can, and then takes no more."""
    clock = ManualClock()
    reader = reader_of(MemorySource(), 400 * MIB, clock=clock, under_way=8 * MIB)
    await reader.open()
    most = 0
    while reader.delivered < 200 * MIB:
        await settle()  # every answer is there
        await anext(reader)
        clock.advance(0.0001)
        most = max(most, held_cells(reader))
    assert 7 * MIB < most * CELL <= 8 * MIB + CELL
    reader.close()


async def test_a_reader_limited_by_the_network_has_few_bytes_under_way() -> None:
    source, clock = MemorySource(), ManualClock()
    reader = reader_of(source, 256 * MIB, clock=clock)
    for _ in range(16 * MIB // PIECE):
        clock.advance(PIECE / (4 * MIB))
        await anext(reader)
    await settle()
    for ready in reader._ahead.values():
        if isinstance(ready, Flight):
            ready.seconds = UNDER_WAY  # as on a saturated connection
    reader._window.answered(UNDER_WAY)
    reader._window.waited(clock.time())
    source.always, before = hold(asyncio.Event()), len(source.requests)
    reading = asyncio.ensure_future(rest(reader))
    await settle()
    sizes = [limit for _, limit in source.requests[before:]]
    rate = reader._window.rate(clock.time())  # the ready cells were taken at once
    assert rate * UNDER_WAY / 2 < sum(sizes) <= rate * UNDER_WAY * 1.1
    assert max(sizes) <= rate * UNDER_WAY / SEVERAL
    reading.cancel()
    await asyncio.wait({reading})
    reader.close()
    await cells_of_reader(reader).close()


async def test_a_paused_viewer_holds_nothing_and_resumes_where_it_was() -> None:
    source, clock = MemorySource(), ManualClock()
    reader = reader_of(source, 64 * MIB, clock=clock)
    read = b"".join([bytes(await anext(reader)) for _ in range(100)])
    await settle()
    asked = len(source.requests)
    clock.advance(PAUSE + 1)
    reader.release_if_paused()
    await settle()
    assert len(source.requests) == asked
    assert held_cells(reader) == 0
    assert read + await rest(reader) == pattern(0, 64 * MIB)


async def test_a_viewer_who_waits_for_telegram_has_not_paused() -> None:
    source, clock, gate = MemorySource(), ManualClock(), asyncio.Event()
    source.always = hold(gate)
    reader = reader_of(source, 2 * MIB, clock=clock)
    opening = asyncio.ensure_future(reader.open())
    await source.until_asked(1)
    clock.advance(PAUSE + 1)
    reader.release_if_paused()
    gate.set()
    await opening
    assert await rest(reader) == pattern(0, 2 * MIB)
    assert len({offset for offset, _ in source.requests}) == len(source.requests)


async def test_the_file_stays_the_one_it_began_with() -> None:
    source = MemorySource()
    await rest(reader_of(source, 2 * MIB))
    assert source.keys == {media_file(2 * MIB).key}


async def test_closing_ends_the_iteration() -> None:
    source = MemorySource()
    with reader_of(source, 2 * MIB) as reader:
        await reader.open()
    assert await rest(reader) == b""
    assert len(source.requests) == 2

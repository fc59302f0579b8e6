"""FileReader over a scripted source: exact bytes, bounded waiting, nothing left behind."""

import asyncio
import gc
import tracemalloc
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamvault.errors import FileGone, ShortRead, SourceBusy, SourceError, SourceUnavailable
from streamvault.media.byterange import ByteRange
from streamvault.reading.reader import PIECE, Bounds, FileReader
from streamvault.reading.retrying import Clock
from tests.support.sources import (
    HastyClock,
    ManualClock,
    MemorySource,
    fail,
    hold,
    media_file,
    pattern,
    short,
    stall,
)

MIB = 1024 * 1024
BOUNDS = Bounds(start=15, stall=60)


def reader_of(
    source: MemorySource, size: int, *, start: int = 0, stop: int | None = None, clock: Clock | None = None
) -> FileReader:
    """A reader of `[start, stop)` of a file of `size` bytes."""
    byte_range = ByteRange(start, size if stop is None else stop)
    return FileReader(source, media_file(size), byte_range=byte_range, bounds=BOUNDS, clock=clock or HastyClock())


async def rest(reader: FileReader) -> bytes:
    """Everything that is left."""
    return b"".join([piece async for piece in reader])


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
        windows = range(start // MIB, (stop - 1) // MIB + 1)
        assert [offset for offset, _ in source.requests] == [window * MIB for window in windows]

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


async def test_nothing_is_fetched_ahead_of_the_consumer() -> None:
    source = MemorySource()
    reader = reader_of(source, 3 * MIB)
    await reader.open()
    await reader.open()
    for _ in range(MIB // PIECE):
        assert len(await anext(reader)) == PIECE
    assert len(source.requests) == 1
    await anext(reader)
    assert len(source.requests) == 2
    assert reader.fetched == 2 * MIB


async def test_one_chunk_is_held_at_most() -> None:
    source = MemorySource()
    reader = reader_of(source, 64 * MIB)
    gate = asyncio.Event()
    source.faults.extend([None, None, hold(gate)])
    pattern(0, MIB)
    tracemalloc.start()
    try:
        for _ in range(2 * MIB // PIECE):
            await anext(reader)
        reading = asyncio.ensure_future(anext(reader))
        await source.until_asked(3)
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] < 1.5 * MIB  # the third chunk, which the fault holds
        gate.set()
        await reading
        reader.close()
        del reading
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] < 0.5 * MIB
    finally:
        tracemalloc.stop()


async def test_the_file_stays_the_one_it_began_with() -> None:
    source = MemorySource()
    await rest(reader_of(source, 2 * MIB))
    assert source.keys == {media_file(2 * MIB).key}


@pytest.mark.parametrize("chunk", [0, 1, 2])
@pytest.mark.parametrize(
    "fault", [fail(SourceUnavailable("lost")), fail(SourceBusy(3)), fail(SourceError("refused")), short(), short(MIB)]
)
async def test_one_failure_at_any_chunk_costs_no_byte(fault: Callable[[bytes], Awaitable[bytes]], chunk: int) -> None:
    source = MemorySource()
    source.faults.extend([None] * chunk + [fault])
    reader = reader_of(source, 3 * MIB)
    await reader.open()
    assert await rest(reader) == pattern(0, 3 * MIB)
    assert len(source.requests) == 4


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (fail(FileGone("deleted")), FileGone),
        (fail(SourceUnavailable("lost")), SourceUnavailable),
        (fail(SourceBusy(2838)), SourceBusy),
        (fail(SourceError("refused")), SourceError),
        (short(), ShortRead),
    ],
)
@pytest.mark.parametrize("chunk", [0, 1])
async def test_a_lasting_failure_is_raised_and_never_an_early_end(
    fault: Callable[[bytes], Awaitable[bytes]], error: type[Exception], *, chunk: int
) -> None:
    source = MemorySource()
    source.faults.extend([None] * chunk)
    source.always = fault
    clock = HastyClock()
    reader = reader_of(source, 2 * MIB, clock=clock)
    began = clock.time()
    with pytest.raises(error):
        await _open_and_read(reader)
    assert reader.delivered == chunk * MIB
    assert clock.time() - began < (BOUNDS.start if chunk == 0 else BOUNDS.stall)


async def test_reading_on_after_a_failure_skips_no_byte() -> None:
    source = MemorySource()
    source.faults.extend([None, fail(FileGone("for a moment"))])
    reader = reader_of(source, 2 * MIB)
    first = b"".join([await anext(reader) for _ in range(MIB // PIECE)])
    with pytest.raises(FileGone):
        await anext(reader)
    assert first + await rest(reader) == pattern(0, 2 * MIB)


@pytest.mark.parametrize(("chunk", "bound"), [(0, BOUNDS.start), (1, BOUNDS.stall)])
async def test_a_stalled_source_ends_at_its_bound(chunk: int, bound: float) -> None:
    source, clock = MemorySource(), ManualClock()
    source.faults.extend([None] * chunk)
    source.always = stall()
    reader = reader_of(source, 2 * MIB, clock=clock)
    reading = asyncio.ensure_future(_open_and_read(reader))
    await source.until_asked(chunk + 1)
    clock.advance(bound - 0.1)
    await asyncio.sleep(0)
    assert not reading.done()
    clock.advance(0.2)
    with pytest.raises(SourceUnavailable):
        await reading
    assert source.in_flight == 0


async def test_opening_takes_a_bound_of_its_own() -> None:
    source, clock = MemorySource(), ManualClock()
    source.always = stall()
    opening = asyncio.ensure_future(reader_of(source, 1, clock=clock).open(within=2))
    await source.until_asked(1)
    clock.advance(2.1)
    with pytest.raises(SourceUnavailable):
        await opening


async def test_a_pause_of_the_player_is_no_stall() -> None:
    source, clock = MemorySource(), ManualClock()
    reader = reader_of(source, 2 * MIB, clock=clock)
    await reader.open()
    read = await anext(reader)
    clock.advance(24 * 3600)
    assert read + await rest(reader) == pattern(0, 2 * MIB)


@pytest.mark.parametrize("phase", ["first chunk", "later chunk", "back-off"])
async def test_cancelling_leaves_nothing_behind(phase: str) -> None:
    source, clock = MemorySource(), ManualClock()
    source.faults.extend([] if phase == "first chunk" else [None])
    source.always = fail(SourceUnavailable("lost")) if phase == "back-off" else stall()
    before = asyncio.all_tasks()
    reading = asyncio.ensure_future(_open_and_read(reader_of(source, 2 * MIB, clock=clock)))
    await source.until_asked(1 if phase == "first chunk" else 2)
    if phase == "back-off":
        await clock.sleeping.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert source.in_flight == 0
    assert source.abandoned == (0 if phase == "back-off" else 1)
    assert asyncio.all_tasks() == before


async def test_closing_ends_the_iteration() -> None:
    source = MemorySource()
    with reader_of(source, 2 * MIB) as reader:
        await reader.open()
    assert await rest(reader) == b""
    assert len(source.requests) == 1


async def _open_and_read(reader: FileReader) -> bytes:
    await reader.open()
    return await rest(reader)

"""FileReader over a source that fails or stalls: no byte is lost, waiting is bounded, nothing is left behind."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from streamvault.errors import FileGone, ShortRead, SourceBusy, SourceError, SourceUnavailable
from streamvault.media.cells import CELL
from streamvault.reading.reader import PIECE
from tests.support.readers import BOUNDS, MIB, cells_of_reader, open_and_read, reader_of, rest, settle
from tests.support.sources import (
    HastyClock,
    ManualClock,
    MemorySource,
    fail,
    pattern,
    short,
    stall,
)


@pytest.mark.parametrize("request_number", [0, 1, 2, 3])
@pytest.mark.parametrize(
    "fault", [fail(SourceUnavailable("lost")), fail(SourceBusy(3)), fail(SourceError("refused")), short(), short(CELL)]
)
async def test_one_failure_at_any_request_loses_no_byte(
    fault: Callable[[bytes], Awaitable[bytes]], request_number: int
) -> None:
    source = MemorySource()
    source.faults.extend([None] * request_number + [fault])
    reader = reader_of(source, 3 * MIB)
    await reader.open()
    assert await rest(reader) == pattern(0, 3 * MIB)


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
@pytest.mark.parametrize("good", [0, 1])
async def test_a_lasting_failure_is_raised_and_never_an_early_end(
    fault: Callable[[bytes], Awaitable[bytes]], error: type[Exception], *, good: int
) -> None:
    source = MemorySource()
    source.faults.extend([None] * good)
    source.always = fault
    clock = HastyClock()
    reader = reader_of(source, 2 * MIB, clock=clock)
    began = clock.time()
    with pytest.raises(error):
        await open_and_read(reader)
    assert reader.delivered == good * CELL
    assert clock.time() - began < (BOUNDS.start if good == 0 else BOUNDS.stall)


async def test_during_an_outage_retries_request_little() -> None:
    source, clock = MemorySource(), HastyClock()
    reader = reader_of(source, 64 * MIB, clock=clock)
    for _ in range(16 * MIB // CELL):
        await anext(reader)
    await settle()
    asked, source.always = len(source.requests), fail(SourceUnavailable("lost"))
    with pytest.raises(SourceUnavailable):
        await rest(reader)
    tries = len(clock.slept)
    assert len(source.requests) - asked <= 16 + 2 * (tries + 1)


async def test_reading_on_after_a_failure_skips_no_byte() -> None:
    source = MemorySource()
    source.faults.extend([None, fail(FileGone("for a moment"))])
    reader = reader_of(source, 2 * MIB)
    first = b"".join([bytes(await anext(reader)) for _ in range(CELL // PIECE)])
    with pytest.raises(FileGone):
        await anext(reader)
    assert first + await rest(reader) == pattern(0, 2 * MIB)


@pytest.mark.parametrize(("good", "bound"), [(0, BOUNDS.start), (1, BOUNDS.stall)])
async def test_a_stalled_source_ends_at_its_bound(good: int, bound: float) -> None:
    source, clock = MemorySource(), ManualClock()
    source.faults.extend([None] * good)
    source.always = stall()
    reader = reader_of(source, 2 * MIB, clock=clock)
    reading = asyncio.ensure_future(open_and_read(reader))
    await source.until_asked(2)
    await settle()
    clock.advance(bound - 0.1)
    await settle()
    assert not reading.done()
    clock.advance(0.2)
    with pytest.raises(SourceUnavailable):
        await reading
    await cells_of_reader(reader).close()
    assert source.in_flight == 0


async def test_opening_has_a_time_limit_of_its_own() -> None:
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
    read = bytes(await anext(reader))
    clock.advance(24 * 3600)
    assert read + await rest(reader) == pattern(0, 2 * MIB)


@pytest.mark.parametrize("phase", ["first cell", "later cell", "back-off"])
async def test_cancelling_leaves_no_task_behind(phase: str) -> None:
    source, clock = MemorySource(), ManualClock()
    source.faults.extend([] if phase == "first cell" else [None])
    source.always = fail(SourceUnavailable("lost")) if phase == "back-off" else stall()
    before = asyncio.all_tasks()
    reader = reader_of(source, 2 * MIB, clock=clock)
    reading = asyncio.ensure_future(open_and_read(reader))
    await source.until_asked(2)
    if phase == "back-off":
        await clock.sleeping.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    reader.close()
    await cells_of_reader(reader).close()
    assert source.in_flight == 0
    assert asyncio.all_tasks() == before

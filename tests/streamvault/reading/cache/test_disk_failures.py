"""DiskCells on a failing disk: nothing is raised, one warning is logged, and the disk is tried again later."""

import asyncio
import errno
import logging
import shutil
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from streamvault.media.cells import PER_WINDOW
from streamvault.reading.cache.disk import BAD_READS, DiskCells
from streamvault.reading.cache.folder import Folder
from streamvault.reading.cache.lifecycle import RETRY
from streamvault.reading.retry import LoopClock
from tests.support.bad_disk import BadFolder, Faults
from tests.support.cells import FILM, allocated, content, segments
from tests.support.sources import ManualClock

CAPACITY = 8 * 1024 * 1024
RIGHT = [content(FILM, cell) for cell in range(4 * PER_WINDOW)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cells"


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The warnings so far."""
    caplog.set_level(logging.INFO)
    return lambda: [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.fixture
def bad(folder: Path, faults: Faults, clock: ManualClock) -> DiskCells:
    return DiskCells(folder, CAPACITY, clock=clock, open_folder=lambda path: BadFolder(path, faults))


async def put(cells: DiskCells, *numbers: int) -> None:
    for cell in numbers:
        cells.put(FILM, cell, RIGHT[cell], edge=False)
    await cells.settled()


async def there(cells: DiskCells, *numbers: int) -> list[int]:
    """Which of the cells are there; what is there is right."""
    got = [(await cells.get(FILM, cell, 1))[0] for cell in numbers]
    assert all(data in (None, RIGHT[cell]) for cell, data in zip(numbers, got, strict=True))
    return [cell for cell, data in zip(numbers, got, strict=True) if data is not None]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
async def test_a_full_disk_still_serves_what_it_has(
    bad: DiskCells, faults: Faults, clock: ManualClock, *, number: int, warnings: Callable[[], list[str]], folder: Path
) -> None:
    async with bad:
        await put(bad, 0, 1)
        faults.failing["write"] = number
        for cell in (2, 8, 9):
            await put(bad, cell)
        assert await there(bad, 0, 1, 2, 8, 9) == [0, 1]
        assert len(segments(folder)) == 1
        clock.advance(RETRY - 1)
        await put(bad, 3)
        assert (bad.dropped, bad.failures) == (4, 1)
        clock.advance(1)
        await put(bad, 3)
        assert bad.failures == 2
        assert len(warnings()) == 1
        faults.failing.clear()
        clock.advance(RETRY)
        await put(bad, 2, 8, 9)
        assert await there(bad, 0, 1, 2, 3, 8, 9) == [0, 1, 2, 8, 9]
        assert bad.held >= allocated(folder) - 258 * 4096


@pytest.mark.parametrize("operation", ["write", "create", "open", "read", "remove", "rename", "scan"])
@pytest.mark.parametrize("number", [errno.EIO, errno.EROFS, errno.EACCES])
async def test_any_failure_is_one_warning_and_no_error(
    bad: DiskCells, faults: Faults, clock: ManualClock, *, operation: str, number: int,
    warnings: Callable[[], list[str]], folder: Path,
) -> None:  # fmt: skip
    async with DiskCells(folder, CAPACITY) as cells:
        for cell in range(16):
            cells.put(FILM, cell, RIGHT[cell], edge=False)
    faults.failing[operation] = number
    async with bad:
        failures = 0
        for _ in range(3):
            await there(bad, 0)  # this is what opens it anew
            await bad.settled()
            await there(bad, *range(16))
            await there(bad, *range(16))
            await use_everything(bad)
            assert bad.failures <= failures + BAD_READS
            failures = bad.failures
            clock.advance(RETRY)
        assert failures >= 2
        assert len(warnings()) == 1
        faults.failing.clear()
        assert await there(bad, 0) == []
        await bad.settled()
        await use_everything(bad)
        await put(bad, *range(16))
        assert await there(bad, *range(16)) == list(range(16))
        assert len(warnings()) == 1
        assert allocated(folder) <= CAPACITY


async def use_everything(cells: DiskCells) -> None:
    """Enough for every operation to happen: segments are made, used, moved and removed."""
    for cell in range(4 * CAPACITY // (1024 * 1024)):
        cells.put(FILM, 1000 + cell * PER_WINDOW, b"x" * 100_000, edge=cell % 2 == 0)
        cells.put(FILM, 1001 + (cell // 2) * PER_WINDOW, b"x" * 100_000, edge=cell % 3 == 0)
        await cells.settled()
        await cells.get(FILM, 1000 + cell * PER_WINDOW, 1)


async def test_a_single_segment_that_cannot_be_read_is_only_dropped(
    bad: DiskCells, faults: Faults, warnings: Callable[[], list[str]], folder: Path
) -> None:
    async with bad:
        await put(bad, 0, 8)
        faults.failing["read"] = errno.EIO
        assert await there(bad, 0) == []
        faults.failing.clear()
        assert await there(bad, 0, 8) == [8]
        await bad.settled()
        assert len(segments(folder)) == 1
        await put(bad, 0)
        assert await there(bad, 0, 8) == [0, 8]
        assert len(warnings()) == 1
        assert "has an unreadable segment: Input/output error" in warnings()[0]


async def test_each_period_of_failures_is_one_warning(
    bad: DiskCells, faults: Faults, clock: ManualClock, warnings: Callable[[], list[str]]
) -> None:
    async with bad:
        for times in (1, 2, 3):
            faults.failing["write"] = errno.EIO
            await put(bad, 0)
            faults.failing.clear()
            clock.advance(RETRY)
            await put(bad, 0)
            await put(bad, 1)
            clock.advance(RETRY)
            await put(bad, 1 + times)
            assert len(warnings()) == times


async def test_a_disk_that_fails_at_the_start_is_used_later(
    bad: DiskCells, faults: Faults, clock: ManualClock, warnings: Callable[[], list[str]]
) -> None:
    faults.failing["scan"] = errno.EIO
    async with bad:
        await put(bad, 0)
        assert await there(bad, 0) == []
        assert bad.held == 0
        faults.failing.clear()
        clock.advance(RETRY)
        await put(bad, 0)
        await put(bad, 0)
        assert await there(bad, 0) == [0]
        assert len(warnings()) == 1
        assert "is disabled for now: Input/output error" in warnings()[0]


async def test_a_deleted_folder_is_created_again_after_a_while(
    folder: Path, clock: ManualClock, warnings: Callable[[], list[str]]
) -> None:
    async with DiskCells(folder, CAPACITY, clock=clock) as cells:
        await put(cells, 0, 8)
        shutil.rmtree(folder)
        await put(cells, 1, 9, 16, 24)
        assert await there(cells, 16, 24) == []
        assert not folder.exists()
        clock.advance(RETRY)
        await put(cells, 16)
        await put(cells, 16)
        assert await there(cells, 0, 8, 16) == [16]
        assert len(warnings()) == 1
        assert len(segments(folder)) == 1


async def test_deleted_segments_are_misses(folder: Path, clock: ManualClock, warnings: Callable[[], list[str]]) -> None:
    async with DiskCells(folder, CAPACITY, clock=clock) as cells:
        await put(cells, 0, 8)
    async with DiskCells(folder, CAPACITY, clock=clock) as cells:
        for path in segments(folder):
            path.unlink()
        assert await there(cells, 0, 8) == []
        await put(cells, 0)  # finds that the segment has gone
        await put(cells, 0)
        assert await there(cells, 0, 8) == [0]
        assert warnings() == []


async def test_the_second_of_two_waits_until_the_first_has_ended(
    folder: Path, clock: ManualClock, warnings: Callable[[], list[str]]
) -> None:
    second = DiskCells(folder, CAPACITY, clock=clock)
    async with DiskCells(folder, CAPACITY) as first:
        await put(first, 0)
        async with second:
            await put(second, 1)
            assert await there(second, 0, 1) == []
            clock.advance(RETRY)
            await put(second, 1)
            assert await there(second, 0, 1) == []
            await put(first, 2)
            assert await there(first, 0, 1, 2) == [0, 2]
            await first.__aexit__(None, None, None)
            clock.advance(RETRY)
            await there(second, 0)
            await second.settled()
            await put(second, 1)
            assert await there(second, 0, 1, 2) == [0, 1, 2]
    assert len(warnings()) == 1
    assert "another process uses it" in warnings()[0]


async def test_a_folder_created_again_by_another_process_is_not_written_to(folder: Path) -> None:
    async with DiskCells(folder, CAPACITY) as first:
        await put(first, 0)
        folder.rename(folder.with_name("taken away"))
        async with DiskCells(folder, CAPACITY) as second:
            await put(second, 8)
            await put(first, 1, 16)
            assert await there(second, 0, 1, 8, 16) == [8]
            assert len(segments(folder)) == 1


@pytest.mark.parametrize("last", range(1, 40))
async def test_after_a_crash_at_any_step_no_byte_is_wrong(folder: Path, last: int) -> None:
    async with DiskCells(folder, CAPACITY) as cells:
        await put(cells, *range(0, 12, 3))
        await there(cells, *range(0, 12, 3))
        await there(cells, *range(0, 12, 3))
    faults = Faults(crash_at=last)
    async with DiskCells(folder, CAPACITY, open_folder=lambda path: BadFolder(path, faults)) as cells:
        await put(cells, *range(0, 12, 2))
        await use_everything(cells)
    async with DiskCells(folder, CAPACITY) as cells:
        await there(cells, *range(32))
        await cells.settled()
        assert allocated(folder) <= CAPACITY
        await use_everything(cells)
        await put(cells, *range(32))
        assert await there(cells, *range(32)) == list(range(32))
        assert allocated(folder) <= CAPACITY


def test_a_folder_without_its_parent_raises(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Folder(tmp_path / "missing" / "cells")


class Impatient(LoopClock):
    """A clock that gives the disk no time once `hurry` is set."""

    hurry = False

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        return asyncio.timeout(0 if self.hurry else seconds)


async def test_closing_ends_the_task_that_writes_even_as_it_is_woken(folder: Path) -> None:
    clock = Impatient()
    async with asyncio.timeout(30):
        async with DiskCells(folder, CAPACITY, clock=clock) as cells:
            await cells.settled()
            clock.hurry = True
    assert cells.limit == 0

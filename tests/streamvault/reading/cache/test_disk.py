"""DiskCells on a working disk: the contract of all stores, its files, and what the next process finds."""

import asyncio
import os
import shutil
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from streamvault.media.cells import CELL, PER_WINDOW
from streamvault.media.model import FileKey
from streamvault.reading.cache.backlog import BACKLOG
from streamvault.reading.cache.disk import FOLDERS, DiskCells
from streamvault.reading.cache.index import MAX_OPEN
from streamvault.reading.cache.segment import VERSION
from tests.contracts.cell_store import CAPACITY, CellStoreContract, Stores, read_through, share_of
from tests.support.bad_disk import BadFolder, Faults
from tests.support.cells import FILM, AnyCells, OnDisk, allocated, content, segments

MIB = 1024 * 1024


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cells"


class TestDiskCells(CellStoreContract):
    @pytest.fixture
    async def stores(self, folder: Path) -> AsyncIterator[Stores]:
        async with AsyncExitStack() as stack:

            async def store(capacity: int) -> AnyCells:
                shutil.rmtree(folder, ignore_errors=True)
                return OnDisk(await stack.enter_async_context(DiskCells(folder, capacity)))

            yield store


async def fill(cells: DiskCells, key: FileKey, numbers: range, *, edge: bool = False) -> None:
    for cell in numbers:
        cells.put(key, cell, content(key, cell), edge=edge)
        if cell % PER_WINDOW == PER_WINDOW - 1:
            await cells.settled()
    await cells.settled()


async def test_a_capacity_of_0_makes_nothing(folder: Path) -> None:
    for capacity in (0, FOLDERS):
        async with DiskCells(folder, capacity) as cells:
            cells.put(FILM, 0, content(FILM, 0), edge=False)
            await cells.settled()
            assert await cells.get(FILM, 0, 2) == [None, None]
        assert not folder.exists()


async def test_the_disk_is_never_used_beyond_the_capacity(folder: Path) -> None:
    async with DiskCells(folder, 8 * MIB) as cells:
        for number in range(40):
            key = FileKey(f"film {number}")
            for cell in (number, number + 8, *range(number + 16, number + 24)):
                cells.put(key, cell, content(key, cell, CELL - 5000 * (number % 3)), edge=number % 4 == 0)
            await cells.settled()
            assert allocated(folder) <= cells.held + FOLDERS <= 8 * MIB
        assert allocated(folder) > 5 * MIB
        assert cells.evictions > 0


async def test_files_and_folders_are_private(folder: Path) -> None:
    async with DiskCells(folder, CAPACITY) as cells:
        await fill(cells, FILM, range(20))
    for path in (folder, *folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    assert "Film" not in " ".join(map(str, segments(folder)))


async def test_the_next_process_finds_what_was_written(folder: Path) -> None:
    async with DiskCells(folder, CAPACITY) as cells:
        await fill(cells, FILM, range(30))
        held = cells.held
    async with DiskCells(folder, CAPACITY) as cells:
        assert cells.held == held
        assert await cells.get(FILM, 0, 31) == [content(FILM, cell) for cell in range(30)] + [None]
        assert (cells.hits, cells.misses) == (30, 1)
        await fill(cells, FILM, range(30, 32))
        assert await cells.get(FILM, 24, 8) == [content(FILM, cell) for cell in range(24, 32)]
    assert len(segments(folder)) == 4


async def test_waiting_cells_are_written_on_exit(folder: Path) -> None:
    async with DiskCells(folder, CAPACITY) as cells:
        for cell in range(10):
            cells.put(FILM, cell, content(FILM, cell), edge=False)
    async with DiskCells(folder, CAPACITY) as cells:
        assert await share_of(OnDisk(cells), FILM, range(10)) == 1


async def test_the_queue_of_a_segment_survives_a_restart(folder: Path) -> None:
    hot, edge, cold = FileKey("hot"), FileKey("edge"), FileKey("cold")
    async with DiskCells(folder, CAPACITY) as cells:
        await fill(cells, hot, range(16))
        for _ in range(2):
            await cells.get(hot, 0, 16)
        await fill(cells, edge, range(1), edge=True)
        await read_through(OnDisk(cells), cold, 2 * CAPACITY // CELL)
    names = [path.suffix for path in segments(folder)]
    assert (names.count(f".m{VERSION}"), names.count(f".e{VERSION}")) == (2, 1)
    async with DiskCells(folder, CAPACITY) as cells:
        await read_through(OnDisk(cells), FileKey("another"), 4 * CAPACITY // CELL)
        assert await share_of(OnDisk(cells), hot, range(16)) == 1
        assert await share_of(OnDisk(cells), edge, range(1)) == 1
        assert await share_of(OnDisk(cells), cold, range(2 * CAPACITY // CELL)) == 0


async def test_a_smaller_capacity_takes_effect_at_the_next_start(folder: Path) -> None:
    async with DiskCells(folder, CAPACITY) as cells:
        await fill(cells, FILM, range(64))
    for path in segments(folder):
        os.utime(path, (1, 1))  # the clock of files is too coarse for those that are written within a moment
    async with DiskCells(folder, CAPACITY) as cells:
        await fill(cells, FILM, range(64, 80))
    async with DiskCells(folder, 4 * MIB) as cells:
        await cells.settled()
        assert allocated(folder) <= 4 * MIB
        assert await share_of(OnDisk(cells), FILM, range(64, 80)) == 1


async def test_foreign_files_are_left_alone_and_old_versions_removed(folder: Path) -> None:
    async with DiskCells(folder, CAPACITY) as cells:
        await fill(cells, FILM, range(8))
    (segment,) = segments(folder)
    home = segment.parent
    outside = folder.parent / "outside"
    shutil.copytree(home, outside)
    (outside / segment.name).rename(outside / f"{segment.stem}.s0")
    kept = [home / "notes.txt", folder / "README", home / f"{segment.stem}.s1.part", home / f"{segment.stem}.m1x"]
    for path in kept:
        path.write_text("mine")
    old = home / f"{segment.stem}.s0"
    old.write_text("of an older version")
    other = "00" if home.name != "00" else "01"
    (folder / other).symlink_to(outside)
    (home / f"{home.name}{'0' * 30}.s0").mkdir()
    async with DiskCells(folder, CAPACITY) as cells:
        assert await share_of(OnDisk(cells), FILM, range(8)) == 1
    assert all(path.read_text() == "mine" for path in kept)
    assert not old.exists()
    assert len(list(outside.iterdir())) == 1


async def test_no_more_than_a_bounded_number_of_files_is_open(folder: Path) -> None:
    async with DiskCells(folder, 2 * MAX_OPEN * MIB) as cells:
        before = len(os.listdir("/proc/self/fd"))
        for number in range(MAX_OPEN + 20):
            key = FileKey(str(number))
            cells.put(key, 0, content(key, 0, 10), edge=False)
        await cells.settled()
        for number in range(MAX_OPEN + 20):
            assert await cells.get(FileKey(str(number)), 0, 1) == [content(FileKey(str(number)), 0, 10)]
        assert len(os.listdir("/proc/self/fd")) - before <= MAX_OPEN
    assert len(os.listdir("/proc/self/fd")) < before


async def test_cells_beyond_the_backlog_are_dropped_at_once(folder: Path) -> None:
    async with DiskCells(folder, 64 * MIB) as cells:
        for cell in range(2 * BACKLOG // CELL):  # the loop, and so the writer, does not run in between
            cells.put(FILM, cell, content(FILM, cell), edge=False)
        assert (cells.queued, cells.dropped) == (BACKLOG, BACKLOG // CELL)
        await cells.settled()
        assert (cells.queued, cells.written) == (0, BACKLOG // CELL)


async def test_a_cell_put_twice_is_written_once(folder: Path) -> None:
    async with DiskCells(folder, CAPACITY) as cells:
        for _ in range(3):
            for _ in range(2):
                cells.put(FILM, 0, content(FILM, 0), edge=False)
            await cells.settled()
        assert cells.written == 1


@pytest.mark.parametrize("data", [b"", bytes(CELL + 1)])
async def test_data_of_invalid_length_is_not_kept(folder: Path, data: bytes) -> None:
    async with DiskCells(folder, CAPACITY) as cells:
        cells.put(FILM, 0, data, edge=False)
        cells.put(FileKey("x" * 5000), 0, b"data", edge=False)
        await cells.settled()
        assert await cells.get(FILM, 0, 1) == [None]
        assert await cells.get(FileKey("x" * 5000), 0, 1) == [None]
    assert segments(folder) == []


async def test_a_read_may_be_cancelled_at_any_time(folder: Path) -> None:
    async with DiskCells(folder, CAPACITY) as cells:
        await fill(cells, FILM, range(16))
        for turns in range(6):
            reading = asyncio.create_task(cells.get(FILM, 0, 16))
            for _ in range(turns):
                await asyncio.sleep(0)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        assert await share_of(OnDisk(cells), FILM, range(16)) == 1


async def test_readers_and_writers_at_once_get_right_bytes(folder: Path) -> None:
    async with DiskCells(folder, 6 * MIB) as cells:
        keys = [FileKey(str(number)) for number in range(4)]

        async def view(key: FileKey) -> None:
            for first in range(0, 96, 4):
                got = await cells.get(key, first, 4)
                for cell, data in zip(range(first, first + 4), got, strict=True):
                    assert data in (None, content(key, cell))
                    if data is None:
                        cells.put(key, cell, content(key, cell), edge=cell < 2)

        await asyncio.gather(*(view(keys[viewer % 4]) for viewer in range(12)))
        await cells.settled()
        assert allocated(folder) <= 6 * MIB


async def test_a_cell_of_an_earlier_process_is_not_written_again(folder: Path) -> None:
    async with DiskCells(folder, CAPACITY) as cells:
        await fill(cells, FILM, range(3))
    faults = Faults()
    async with DiskCells(folder, CAPACITY, open_folder=lambda path: BadFolder(path, faults)) as cells:
        await fill(cells, FILM, range(3))
        assert (faults.done["open"], faults.done["write"]) == (1, 0)
        await fill(cells, FILM, range(4))
        assert (faults.done["open"], faults.done["write"]) == (1, 2)
        assert await share_of(OnDisk(cells), FILM, range(4)) == 1

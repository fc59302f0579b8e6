"""Pictures are returned as they were put, or not at all, also on a failing disk."""

import errno
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.media.cells import CELL
from streamvault.media.model import FileKey
from streamvault.reading.cache.disk import FOLDERS, DiskCells
from streamvault.reading.cache.memory import MemoryCells
from streamvault.reading.picture_cache import LARGEST, MEMORY, PictureCache
from tests.support.bad_disk import BadFolder, Faults
from tests.support.sources import Forgetful, pattern

KEY = FileKey("film", "m")
CAPACITY = FOLDERS + (2 << 20)


@pytest.fixture
async def disk(tmp_path: Path) -> AsyncIterator[DiskCells]:
    async with DiskCells(tmp_path / "thumbs", CAPACITY) as disk:
        yield disk


@pytest.mark.parametrize("size", [0, 1, 20_000, CELL - 4, CELL - 3, CELL, 3 * CELL + 5, LARGEST])
async def test_any_picture_survives_the_disk(tmp_path: Path, size: int) -> None:
    async with DiskCells(tmp_path / "thumbs", CAPACITY) as disk:
        PictureCache(Forgetful(), disk).put(KEY, pattern(0, size))
        await disk.settled()
        assert await PictureCache(Forgetful(), disk).get(KEY) == pattern(0, size)
    async with DiskCells(tmp_path / "thumbs", CAPACITY) as disk:  # another process
        pictures = PictureCache(Forgetful(), disk)
        assert await pictures.get(KEY) == pattern(0, size)
        assert await pictures.get(FileKey("film", "s")) is None
        assert await pictures.get(FileKey("film")) is None


async def test_what_is_too_large_for_the_disk_stays_in_memory(disk: DiskCells) -> None:
    pictures = PictureCache(MemoryCells(MEMORY), disk)
    pictures.put(KEY, bytes(LARGEST + 1))
    await disk.settled()
    assert await pictures.get(KEY) == bytes(LARGEST + 1)
    assert disk.written == 0


async def test_memory_is_asked_first_and_filled_from_the_disk(disk: DiskCells) -> None:
    PictureCache(Forgetful(), disk).put(KEY, b"picture")
    await disk.settled()
    pictures = PictureCache(MemoryCells(MEMORY), disk)
    assert [await pictures.get(KEY) for _ in range(3)] == [b"picture"] * 3
    assert disk.hits == 1


async def test_without_a_disk_there_is_memory() -> None:
    pictures = PictureCache(MemoryCells(MEMORY))
    pictures.put(KEY, b"picture")
    pictures.put(FileKey("none", "m"), b"")
    assert (await pictures.get(KEY), await pictures.get(FileKey("none", "m"))) == (b"picture", b"")


async def test_pictures_stay_within_their_share(disk: DiskCells) -> None:
    pictures = PictureCache(Forgetful(), disk)
    for number in range(300):
        pictures.put(FileKey(f"film {number}", "m"), pattern(number, number + 20_000))
        await disk.settled()
        assert disk.held <= CAPACITY
    assert disk.evictions > 100
    assert await pictures.get(FileKey("film 299", "m")) == pattern(299, 20_299)


@pytest.mark.parametrize("where", [0, 4096, 4110, 4096 + CELL + 7])
async def test_a_damaged_picture_is_a_miss(tmp_path: Path, where: int) -> None:
    async with DiskCells(tmp_path / "thumbs", CAPACITY) as disk:
        PictureCache(Forgetful(), disk).put(KEY, pattern(0, 2 * CELL))
        await disk.settled()
    [file] = [path for path in (tmp_path / "thumbs").rglob("*") if path.is_file()]
    data = bytearray(file.read_bytes())
    data[where] ^= 1
    file.write_bytes(data)
    async with DiskCells(tmp_path / "thumbs", CAPACITY) as disk:
        assert await PictureCache(Forgetful(), disk).get(KEY) is None


async def test_a_truncated_picture_is_a_miss(disk: DiskCells) -> None:
    whole = PictureCache(Forgetful(), disk)
    disk.put(KEY, 0, (2 * CELL).to_bytes(4, "little") + bytes(CELL - 4), edge=False)  # the rest was never written
    disk.put(FileKey("film", "s"), 0, b"\x01", edge=False)
    await disk.settled()
    assert await whole.get(KEY) is None
    assert await whole.get(FileKey("film", "s")) is None


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO], ids=["full", "broken"])
async def test_a_failing_disk_logs_one_warning_and_loses_no_picture(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, error: int
) -> None:
    faults = Faults(failing={"write": error})
    caplog.set_level(logging.WARNING)
    async with DiskCells(tmp_path / "t", CAPACITY, open_folder=lambda path: BadFolder(path, faults)) as disk:
        pictures = PictureCache(MemoryCells(MEMORY), disk)
        for number in range(20):
            pictures.put(FileKey(f"film {number}", "m"), b"picture")
            await disk.settled()
        assert [await pictures.get(FileKey(f"film {number}", "m")) for number in range(20)] == [b"picture"] * 20
    assert len(caplog.records) == 1

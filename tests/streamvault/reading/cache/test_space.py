"""The disk cache leaves a reserve of free space, gives room back, and makes room before a start."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.reading.cache import disk, folder
from streamvault.reading.cache.disk import DiskCells
from streamvault.reading.cache.reserve import make_room
from streamvault.reading.cache.space import MOST, DiskSpace, space_of
from tests.support.cells import FILM, content
from tests.support.waiting import until

MIB = 1 << 20


class Disk:
    """A disk of `total` bytes on which others hold `others`; what the cache holds is really there."""

    def __init__(self, place: Path, total: int) -> None:
        self.place = place
        self.total = total
        self.others = 0

    def space(self, _: object = None) -> DiskSpace:
        used = sum(path.stat().st_blocks * 512 for path in self.place.rglob("*") if path.is_file())
        return DiskSpace(self.total, max(0, self.total - self.others - used))


@contextmanager
def small_disk(monkeypatch: pytest.MonkeyPatch, place: Path, total: int) -> Iterator[Disk]:
    found = Disk(place, total)
    monkeypatch.setattr(folder, "space_of", found.space)
    monkeypatch.setattr("streamvault.reading.cache.reserve.space_of", found.space)
    yield found


@given(st.integers(0, 1 << 50))
def test_the_reserve_fits_the_disk(total: int) -> None:
    reserve = DiskSpace(total, 0).reserve
    assert 0 <= reserve <= MOST
    assert reserve <= max(total // 4, total // 20)
    assert reserve >= min(total // 20, MOST)


def test_a_real_disk_is_measured(tmp_path: Path) -> None:
    found = space_of(tmp_path)
    assert 0 <= found.free <= found.total
    assert found.total == os.statvfs(tmp_path).f_blocks * os.statvfs(tmp_path).f_frsize


async def test_the_cache_never_takes_the_reserve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with small_disk(monkeypatch, tmp_path, 40 * MIB) as small:
        async with DiskCells(tmp_path / "cache", 1 << 30) as cells:
            for number in range(400):
                cells.put(FILM, number, content(FILM, number), edge=False)
                if number % 20 == 0:
                    await cells.settled()
            await cells.settled()
            assert small.space().free >= small.space().reserve - MIB
            assert 10 * MIB < cells.held <= cells.limit
            assert cells.failures == 0


async def test_it_gives_room_back_while_others_fill_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "SPACE_INTERVAL", 0.01)
    with small_disk(monkeypatch, tmp_path, 60 * MIB) as small:
        async with DiskCells(tmp_path / "cache", 1 << 30) as cells:
            for number in range(200):
                cells.put(FILM, number, content(FILM, number), edge=False)
            await cells.settled()
            before = cells.held
            small.others = 40 * MIB
            await until(lambda: cells.held <= 6 * MIB, timeout=30)
            assert cells.held < before
            await cells.settled()
            assert small.space().spare >= -MIB
            small.others = 0
            await until(lambda: cells.limit > 20 * MIB, timeout=30)


async def test_a_start_on_a_full_disk_removes_the_oldest_segments_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with DiskCells(tmp_path / "cache", 1 << 30) as cells:
        for number in range(100):
            cells.put(FILM, number, content(FILM, number), edge=False)
        await cells.settled()
    with small_disk(monkeypatch, tmp_path, 40 * MIB) as small:
        small.others = 30 * MIB
        assert small.space().spare < 0
        make_room(tmp_path, ("no such folder", "cache"))
        assert small.space().spare >= 0
    async with DiskCells(tmp_path / "cache", 1 << 30) as cells:
        await cells.settled()
        left = await cells.get(FILM, 0, 100)
        assert left[0] is None
        assert all(data in (None, content(FILM, number)) for number, data in enumerate(left))


async def test_a_cache_that_is_in_use_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with DiskCells(tmp_path / "cache", 1 << 30) as cells:
        cells.put(FILM, 1, content(FILM, 1), edge=False)
        await cells.settled()
        with small_disk(monkeypatch, tmp_path, 1 * MIB):
            await asyncio.to_thread(make_room, tmp_path, ("cache",))
        assert await cells.get(FILM, 1, 1) == [content(FILM, 1)]

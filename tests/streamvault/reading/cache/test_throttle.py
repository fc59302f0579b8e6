"""Who reads ahead waits for the writer of the disk cache, but not for a disk that stays behind."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from streamvault.media.cells import CELL, Run
from streamvault.reading.cache import throttle as throttle_module
from streamvault.reading.cache.disk import DiskCells
from streamvault.reading.cache.folder import File, Folder
from streamvault.reading.cache.segment import Name
from streamvault.reading.cache.throttle import ENOUGH, PATIENCE, Throttle
from streamvault.reading.cells import Cells, Flight
from streamvault.reading.lanes import Lane
from tests.support.cells import FILM, content
from tests.support.sources import Forgetful, ManualClock, MemorySource, media_file
from tests.support.waiting import until


def waiting(throttle: Throttle) -> asyncio.Task[None]:
    return asyncio.create_task(throttle.wait())


async def is_open(throttle: Throttle) -> bool:
    task = waiting(throttle)
    await asyncio.wait([task], timeout=0.01)
    task.cancel()
    return task.done() and not task.cancelled()


async def test_it_is_closed_while_too_much_waits() -> None:
    throttle = Throttle(ManualClock())
    assert await is_open(throttle)
    throttle.note(ENOUGH)
    assert not await is_open(throttle)
    held = waiting(throttle)
    throttle.note(ENOUGH - 1)
    await asyncio.wait_for(held, 30)


async def test_a_disk_that_stays_behind_is_not_waited_for_until_it_has_caught_up() -> None:
    """X: unless the disk itself is slower for seconds."""
    clock = ManualClock()
    throttle = Throttle(clock)
    throttle.note(ENOUGH)
    held = waiting(throttle)
    await asyncio.sleep(0)
    for size in (ENOUGH - 1, ENOUGH + 1, ENOUGH - 1, ENOUGH + 1):  # it writes, but never as much as comes
        clock.advance(PATIENCE / 4)
        throttle.note(size)
    await asyncio.wait_for(held, 30)
    assert await is_open(throttle)
    throttle.note(ENOUGH // 2)
    throttle.note(ENOUGH)
    assert not await is_open(throttle)


def flights(taken: Sequence[bytes | Flight]) -> list[Flight]:
    return [one for one in taken if isinstance(one, Flight)]


class SlowFolder(Folder):
    """Writes nothing until `go` is set."""

    go = threading.Event()

    def create(self, name: Name) -> File:
        """See Folder."""
        assert self.go.wait(60)
        return super().create(name)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    go = threading.Event()
    monkeypatch.setattr(SlowFolder, "go", go)
    return go


async def test_no_cell_is_lost_while_the_writer_is_behind_for_a_moment(
    tmp_path: Path, slow: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X: reads ahead wait for the writer; what was asked for already, and what a viewer waits for, still comes."""
    monkeypatch.setattr(throttle_module, "ENOUGH", 8 * CELL)
    source = MemorySource()
    async with DiskCells(tmp_path / "cells", 1 << 30, open_folder=SlowFolder) as disk:
        cells = Cells(source, memory=Forgetful(), disk=disk)
        film = media_file(400 * CELL)
        for cell in range(8):
            disk.put(FILM, cell, content(FILM, cell), edge=False)
        ahead = cells.take(film, Run(100, 8), lane=Lane.READAHEAD, client=1)
        now = cells.take(film, Run(200, 8), lane=Lane.PLAYBACK, client=2)
        await until(lambda: all(flight.done.is_set() for flight in flights(now)))
        assert not any(flight.done.is_set() for flight in flights(ahead))
        slow.set()
        await until(lambda: all(flight.done.is_set() for flight in flights(ahead)))
        await disk.settled()
        assert (disk.dropped, disk.written) == (0, 24)
        await cells.close()

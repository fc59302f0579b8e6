"""The server says when the disk is almost full, once, and when it has room again."""

import asyncio
import logging
from pathlib import Path

import pytest

from streamvault.health import disk as disk_health
from streamvault.health.disk import watch_disk
from streamvault.health.readiness import Readiness
from streamvault.reading.cache.space import DiskSpace
from tests.support.waiting import until

GIB = 1 << 30


async def test_a_full_disk_is_told_once_and_its_end_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks, space = 0, DiskSpace(10 * GIB, GIB)

    def look(_: Path) -> DiskSpace:
        nonlocal looks
        looks += 1
        return space

    async def looked(times: int) -> None:
        first = looks
        await until(lambda: looks >= first + times)

    monkeypatch.setattr(disk_health, "space_of", look)
    monkeypatch.setattr(disk_health, "CHECK_EVERY", 0.001)
    caplog.set_level(logging.WARNING)
    readiness = Readiness()

    def degraded() -> tuple[str, ...]:
        return readiness.degraded

    watching = asyncio.create_task(watch_disk(tmp_path, readiness))
    await looked(3)
    assert degraded() == ()
    space = DiskSpace(10 * GIB, 1 << 20)
    await looked(5)
    assert degraded() == ("disk",)
    space = DiskSpace(10 * GIB, space.reserve - 1)
    await looked(3)
    assert degraded() == ("disk",)
    space = DiskSpace(10 * GIB, GIB)
    await looked(5)
    assert degraded() == ()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert ["almost full" in one.message for one in caplog.records] == [True, False]


async def test_a_disk_that_cannot_be_measured_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_health, "CHECK_EVERY", 0.001)
    readiness = Readiness()
    watching = asyncio.create_task(watch_disk(tmp_path / "missing", readiness))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not watching.done()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)

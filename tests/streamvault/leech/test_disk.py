"""The folder of jobs that need the disk: theirs while they hold a reservation, empty afterwards, within its bound."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.errors import NeverFits, NoRoom
from streamvault.leech.budget import Space
from streamvault.leech.disk import LeechDisk

MIB = 1 << 20
LOTS = Space(spare=1 << 40, most=1 << 40)


@pytest.fixture
async def disk(tmp_path: Path) -> AsyncIterator[LeechDisk]:
    disk = LeechDisk(tmp_path / "leech", 10 * MIB, space=lambda: LOTS)
    yield disk
    disk.close()


async def test_a_job_has_a_folder_for_as_long_as_it_holds_room(disk: LeechDisk, tmp_path: Path) -> None:
    async with disk.reserve("a", MIB) as room:
        assert (room.path, room.size) == (tmp_path / "leech" / "a", MIB)
        assert room.path.stat().st_mode & 0o777 == 0o700
        (room.path / "deep").mkdir()
        (room.path / "deep" / "film").write_bytes(bytes(MIB // 2))
        assert MIB // 2 <= await room.used() <= MIB
        await room.check()
        (room.path / "more").write_bytes(bytes(MIB))
        with pytest.raises(NeverFits):
            await room.check()
    assert list((tmp_path / "leech").iterdir()) == []


async def test_it_is_emptied_however_the_work_ends(disk: LeechDisk, tmp_path: Path) -> None:
    held = asyncio.Event()

    async def work() -> None:
        async with disk.reserve("a", MIB) as room:
            (room.path / "film").write_bytes(b"x")
            held.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await held.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert list((tmp_path / "leech").iterdir()) == []
    with pytest.raises(ZeroDivisionError):
        async with disk.reserve("a", MIB):
            raise ZeroDivisionError
    async with disk.reserve("b", 10 * MIB):
        pass


async def test_jobs_wait_for_each_other_and_not_for_what_can_never_be(disk: LeechDisk) -> None:
    async with disk.reserve("a", 6 * MIB) as room:
        with pytest.raises(NoRoom) as waits:
            async with disk.reserve("b", 5 * MIB):
                pass
        assert waits.value.retry_after > 0
        disk.leave("b")
        with pytest.raises(NeverFits):
            async with disk.reserve("c", 11 * MIB):
                pass
        await room.resize(10 * MIB)
        await room.resize(5 * MIB)
        async with disk.reserve("b", 5 * MIB):
            pass
    with pytest.raises(ValueError, match=r"\.\./x"):
        async with disk.reserve("../x", 1):
            pass


async def test_what_outlives_a_reservation_counts_until_it_is_taken_up_or_removed(
    disk: LeechDisk, tmp_path: Path
) -> None:
    async with disk.reserve("a", 9 * MIB) as room:
        (room.path / "film").write_bytes(bytes(8 * MIB))
        room.outlives = True
    with pytest.raises(NoRoom):
        async with disk.reserve("b", 5 * MIB):
            pass
    disk.leave("b")
    async with disk.reserve("a", 9 * MIB) as room:
        assert (room.path / "film").stat().st_size == 8 * MIB
        room.outlives = True
    disk.remove("a")
    async with disk.reserve("b", 10 * MIB):
        pass


async def test_a_start_removes_what_an_earlier_worker_left_and_touches_nothing_beside(tmp_path: Path) -> None:
    folder, beside = tmp_path / "leech", tmp_path / "keep.me"
    beside.write_text("mine")
    for name in ("old", "kept"):
        (folder / name).mkdir(parents=True)
        (folder / name / "link").symlink_to(beside)
    (folder / "link").symlink_to(tmp_path)
    (folder / "file").write_text("x")
    disk = LeechDisk(folder, MIB, space=lambda: LOTS)
    await disk.open(keep=["kept"])
    assert [path.name for path in folder.iterdir()] == ["kept"]
    assert beside.read_text() == "mine"
    disk.close()


async def test_a_start_of_a_worker_without_a_folder_makes_none(disk: LeechDisk, tmp_path: Path) -> None:
    await disk.open()
    assert list(tmp_path.iterdir()) == []


async def test_one_process_at_a_time_uses_the_folder(disk: LeechDisk, tmp_path: Path) -> None:
    other = LeechDisk(tmp_path / "leech", MIB, space=lambda: LOTS)
    async with disk.reserve("a", MIB) as room:
        await other.open()
        assert room.path.is_dir(), "what another process works at is no leftover"
        with pytest.raises(NoRoom, match="another process"):
            async with other.reserve("b", 1):
                pass
    disk.close()
    async with other.reserve("b", 1):
        pass
    other.close()


async def test_a_folder_that_was_deleted_is_made_again(disk: LeechDisk, tmp_path: Path) -> None:
    async with disk.reserve("a", 1):
        pass
    (tmp_path / "leech").rmdir()
    async with disk.reserve("a", 1) as room:
        assert room.path.is_dir()


async def test_a_disk_that_cannot_be_used_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "leech").write_text("no folder")
    disk = LeechDisk(tmp_path / "leech", MIB, space=lambda: LOTS)
    await disk.open()
    with pytest.raises(NoRoom, match="DATA_DIR/leech"):
        async with disk.reserve("a", 1):
            pass


async def test_a_full_disk_is_waited_for(tmp_path: Path) -> None:
    disk = LeechDisk(tmp_path / "leech", 100 * MIB, space=lambda: Space(spare=-5, most=200 * MIB))
    with pytest.raises(NoRoom, match="0 on the disk of DATA_DIR are free"):
        async with disk.reserve("a", MIB):
            pass
    disk.close()

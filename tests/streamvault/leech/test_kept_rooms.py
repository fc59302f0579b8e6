"""Folders of jobs that do not go on are removed, whoever ended the jobs."""

import asyncio
from pathlib import Path

from streamvault.leech.budget import Space
from streamvault.leech.disk import LeechDisk
from streamvault.leech.kept_rooms import sweep_periodically
from streamvault.leech.queue import Queue, Wanted
from streamvault.leech.sealing import Sealing
from tests.support.files import CHANNEL
from tests.support.job_store import MemoryJobs
from tests.support.waiting import until


async def test_what_cancelled_and_forgotten_jobs_left_is_removed(tmp_path: Path) -> None:
    disk = LeechDisk(tmp_path / "leech", 1 << 20, space=lambda: Space(1 << 30, 1 << 30))
    queue = Queue(MemoryJobs(), Sealing(b"a secret of the tests"))
    open_, cancelled, paused, held = [
        (await queue.add(Wanted(f"https://host/{number}", CHANNEL))).job.id for number in range(4)
    ]
    for id in (open_, cancelled, paused, "0" * 16, "tools"):
        (tmp_path / "leech" / id / "out").mkdir(parents=True)
    turns: asyncio.Queue[None] = asyncio.Queue()
    async with disk.reserve(held, 1000):
        for id in (cancelled, held):
            await queue.cancel(id)
        await queue.pause(paused)
        sweeping = asyncio.create_task(sweep_periodically(disk, queue, wait=lambda _: turns.get()))
        turns.put_nowait(None)
        names = {open_, held, "tools"}
        await until(lambda: {path.name for path in (tmp_path / "leech").iterdir()} == names)
    sweeping.cancel()
    disk.close()

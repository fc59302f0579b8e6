"""A job that unpacks an archive, with everything around it in memory but the disk; it may be killed at any step."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from streamvault.leech.budget import Space
from streamvault.leech.disk import LeechDisk
from streamvault.leech.held import HeldJob
from streamvault.leech.model import Job, Options, State, Transfer
from streamvault.leech.queue import Queue, Wanted
from streamvault.leech.sealing import Sealing
from streamvault.leech.sources.base import Source
from streamvault.leech.transfer import Finished, Recorder, TransferRun
from streamvault.leech.unpacking.work import UnpackWork
from tests.support.job_store import MemoryJobs
from tests.support.leeching import Killed, MemoryUploads, Steps
from tests.support.ranged_source import RangedSource

MIB = 1 << 20
LOTS = Space(spare=1 << 40, most=1 << 40)


class SteppedJobs(MemoryJobs):
    """Each write is a step."""

    def __init__(self, steps: Steps) -> None:
        super().__init__()
        self._steps = steps

    async def replace(self, job: Job) -> bool:
        self._steps.step()
        stored = await super().replace(job)
        self._steps.step()
        return stored


@dataclass
class Unpacking:
    """`posts`: name and bytes of each message by its id, as it is in the channel."""

    folder: Path
    source: RangedSource
    budget: int = 100 * MIB
    most: int = 0
    steps: Steps = field(default_factory=Steps)
    names: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.jobs = SteppedJobs(self.steps)
        self.uploads = MemoryUploads(self.steps)
        self.queue = Queue(self.jobs, Sealing(b"k" * 32))
        self.disk = LeechDisk(self.folder / "leech", self.budget, space=lambda: LOTS)
        self._ids = iter(range(1, 100_000))

    @property
    def posts(self) -> list[tuple[str, bytes]]:
        """Of each message, in order."""
        return [(self.names[number], one.data) for number, one in sorted(self.uploads.messages.items())]

    @property
    def job(self) -> Job:
        [job] = self.jobs.stored.values()
        return job

    @property
    def left(self) -> list[str]:
        """What is on the disk."""
        return sorted(path.name for path in (self.folder / "leech").glob("*/*"))

    async def work(self) -> Transfer:
        """Take up the job, and work at it to its end. Raises what a worker is told, and Killed."""
        wanted = Wanted("https://example.org/a.zip", -1001, options=Options(unzip=True))
        if not self.jobs.stored:
            await self.queue.add(wanted)
        job = self.job
        self.jobs.stored[job.id] = replace(job, lease=None, state=State.QUEUED, due=0.0)
        claimed = await self.queue.claim("w")
        assert claimed is not None
        held = HeldJob(self.queue, claimed)
        work = UnpackWork(self.disk, self.queue, self._send, self._discard, self.budget, self.most)
        await work(held, self.source)
        return held.job.transfer

    def restart(self) -> None:
        """Another process takes over."""
        self.source.open_now = 0
        self.steps.restart()
        self.disk.close()
        self.disk = LeechDisk(self.folder / "leech", self.budget, space=lambda: LOTS)

    async def through_kill(self, at: int) -> Transfer:
        """The transfer in the end, where the worker is killed at a step."""
        self.steps.restart(at)
        try:
            return await self.work()
        except Killed:
            self.restart()
        await self.disk.open(keep=[self.job.id])
        return await self.work()

    async def _send(self, held: HeldJob, source: Source, transfer: Transfer, recorder: Recorder) -> Transfer:
        async def post(described: object, finished: Finished) -> int:
            number = await self.uploads.post(described, finished)  # type: ignore[arg-type]
            self.names[number] = described.name  # type: ignore[attr-defined]
            return number

        async def discard(ids: Sequence[int]) -> None:
            await self._discard(held, ids)

        run = TransferRun(
            source, self.uploads, transfer, recorder=recorder, post=post, discard=discard,
            new_file_id=lambda: next(self._ids),
        )  # fmt: skip
        return await run.run()

    async def _discard(self, held: HeldJob, ids: Sequence[int]) -> None:
        await asyncio.sleep(0)
        await self.uploads.delete(ids)

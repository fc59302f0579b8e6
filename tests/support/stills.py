"""Makers of pictures over bytes in memory."""

import dataclasses
from pathlib import Path

from streamvault.media.cells import CELL
from streamvault.media.model import MediaFile
from streamvault.reading.frames.extractor import MODULE, FrameExtractor, Still
from streamvault.reading.sandbox.exchange import ReadCells
from streamvault.reading.sandbox.jobs import Sandbox
from streamvault.reading.sandbox.model import Job, Result
from tests.support.files import media_file
from tests.support.sandboxed import JOBS
from tgemulator.world.content import BytesContent, Content


class Reads:
    """Brings cells of `content`, and counts them."""

    def __init__(self, content: bytes | Content) -> None:
        self.content: Content = BytesContent(content) if isinstance(content, bytes) else content
        self.cells: list[int] = []
        self.error: Exception | None = None

    async def __call__(self, file: MediaFile, cells: range) -> bytes:
        self.cells += cells
        if self.error is not None:
            raise self.error
        return self.content.read(cells.start * CELL, len(cells) * CELL)

    @property
    def bytes(self) -> int:
        """Bytes asked for, to the next cell."""
        return len(self.cells) * CELL


async def still_of(content: bytes | Content, *, name: str = "film.mp4") -> tuple[Still | None, Reads]:
    """What a real job makes of it, and what it read for it; no process of the job is left."""
    reads = Reads(content)
    async with Sandbox((MODULE,)) as sandbox:
        file = media_file(size=reads.content.size, name=name, duration=None)
        still = await FrameExtractor(sandbox.run, reads)(file)
        assert not children()
    return still, reads


def maker(sandbox: Sandbox, reads: Reads, function: str) -> FrameExtractor:
    """One whose job runs a function of jobs.py instead."""

    async def run(job: Job, read: ReadCells) -> Result:
        return await sandbox.run(dataclasses.replace(job, function=f"{JOBS}:{function}"), read)

    return FrameExtractor(run, reads)


def children() -> set[int]:
    """The process ids of the forks of this process's sandboxes, zombies included."""
    commands = {number: _read(Path(f"/proc/{number}/cmdline")) for number in _children(Path("/proc/self"))}
    origins = [number for number, command in commands.items() if b"sandbox.origin" in command]
    return {fork for origin in origins for fork in _children(Path(f"/proc/{origin}"))}


def _children(process: Path) -> set[int]:
    return {int(number) for task in process.glob("task/*") for number in _read(task / "children").split()}


def _read(file: Path) -> bytes:
    """Its content; nothing where the thread or process has ended meanwhile."""
    try:
        return file.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""

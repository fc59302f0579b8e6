"""Makers of pictures over bytes in memory, with good children and bad ones."""

import sys
from collections.abc import Callable
from pathlib import Path

from streamvault.media.cells import CELL
from streamvault.media.model import MediaFile
from streamvault.reading.frames.sandbox_process import FrameExtractor, Still, TimeLimits
from streamvault.reading.retry import Clock
from tests.support.files import media_file
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
    """What a real child makes of it, and what it read for it."""
    reads = Reads(content)
    return await FrameExtractor(reads)(media_file(size=reads.content.size, name=name, duration=None)), reads


def maker(
    reads: Reads, program: str, *, limits: TimeLimits | None = None, clock: Clock | None = None
) -> FrameExtractor:
    """One whose child runs a Python program instead, with this package at hand."""
    return FrameExtractor(reads, limits=limits, command=child(program), clock=clock)


def child(program: str) -> Callable[[int, float], list[str]]:
    """A command for a child; `say(kind, first, second)` and `ANSWERS` are what it talks with."""
    start = (
        "import os, struct, sys, time\n"
        "say = lambda kind, first, second: os.write(1, struct.pack('<cQI', kind, first, second))\n"
        "ANSWERS = os.fdopen(os.dup(0), 'rb')\n"
    )
    return lambda size, duration: [sys.executable, "-I", "-S", "-c", start + program]


def children() -> set[int]:
    """The process ids of all children that this process has, zombies included.

    But the one that reads names, and those that forks.py needs.
    """
    found = set()
    for task in Path("/proc/self/task").iterdir():
        found |= {int(number) for number in (task / "children").read_text().split()}
    commands = {number: Path(f"/proc/{number}/cmdline").read_bytes() for number in found}
    return {number for number in found if b"naming" not in commands[number] and b"multiproc" not in commands[number]}

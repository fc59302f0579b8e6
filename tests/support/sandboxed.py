"""A sandbox over the functions of jobs.py, and files in memory for it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from streamvault.media.cells import CELL
from streamvault.reading.retry import Clock
from streamvault.reading.sandbox.jobs import Sandbox
from streamvault.reading.sandbox.model import Job, JobLimits
from tests.support.sources import pattern

JOBS = "tests.support.jobs"
ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def sandbox(*modules: str, clock: Clock | None = None, **idle: float) -> AsyncIterator[Sandbox]:
    """A sandbox that finds the modules of the tests; `idle` and `idle_watched` as Sandbox takes them."""
    async with Sandbox((JOBS, *modules), path=[ROOT], clock=clock, **idle) as opened:
        yield opened


def job(
    name: str,
    *,
    size: int = 64 << 20,
    arguments: Mapping[str, Any] | None = None,
    blobs: tuple[bytes, ...] = (),
    **limits: Any,
) -> Job:
    """A job of a function of jobs.py, with these limits."""
    return Job(f"{JOBS}:{name}", size, arguments=arguments or {}, blobs=blobs, limits=JobLimits(**limits))


class Cells:
    """Brings cells of the pattern, and counts them."""

    def __init__(self, size: int = 64 << 20) -> None:
        self.size = size
        self.cells: list[int] = []
        self.error: Exception | None = None

    async def __call__(self, cells: range) -> bytes:
        self.cells += cells
        if self.error is not None:
            raise self.error
        return pattern(cells.start * CELL, min(self.size, cells.stop * CELL))


def alive(pid: int) -> bool:
    """Whether there is such a process, zombies excluded."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

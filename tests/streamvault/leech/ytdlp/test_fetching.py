"""Room on the disk for a video: reserved before, and more of it where it turns out to be larger."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from streamvault.errors import NeverFits, NoRoom
from streamvault.leech.budget import Space
from streamvault.leech.disk import LeechDisk
from streamvault.leech.egress.guard import Guard
from streamvault.leech.egress.proxy import EgressProxy
from streamvault.leech.ytdlp.fetching import SPARE, UNKNOWN, Fetching, needed
from streamvault.leech.ytdlp.lines import Entry, Progress, Written
from streamvault.leech.ytdlp.program import Ytdlp

MIB = 1 << 20
ENTRY = Entry("x", "Garden", None, "mp4")


def test_what_is_needed() -> None:
    """By size, whether that is exact, and what the disk may hold: bytes."""
    for (size, exact, space), need in {
        (100 * MIB, True, 1 << 30): 200 * MIB + SPARE,
        (100 * MIB, False, 1 << 30): 250 * MIB + SPARE,
        (None, False, 1 << 30): UNKNOWN,
        (None, False, 50 * MIB): 50 * MIB,
        (100 * MIB, False, 50 * MIB): 50 * MIB,
        (100 * MIB, True, 50 * MIB): 200 * MIB + SPARE,
    }.items():
        assert needed(Entry("x", "", None, size=size, exact=exact), space) == need


class Writer(Ytdlp):
    """Writes MiB after MiB, each before the next look at the disk; it ends after `most` of them."""

    def __init__(self, folder: Path, most: int) -> None:
        super().__init__(EgressProxy(Guard()), folder)
        self._most = most
        self._turn = asyncio.Semaphore(0)
        self._written = asyncio.Event()
        self.cancelled = False

    async def fetch(
        self, address: str, folder: Path, *, items: str = "", most: int, on_progress: Callable[[Progress], None]
    ) -> Written:
        try:
            for number in range(1, self._most + 1):
                await self._turn.acquire()
                with (folder / "file.mp4").open("ab") as file:
                    file.write(bytes(MIB))
                on_progress(Progress(number * MIB, None))
                self._written.set()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return Written("file.mp4")

    async def sleep(self, seconds: float) -> None:
        """One more MiB passes."""
        self._written.clear()
        self._turn.release()
        await self._written.wait()


@asynccontextmanager
async def fetching(folder: Path, *, mebibytes: int, space: int) -> AsyncIterator[tuple[Fetching, Writer, LeechDisk]]:
    """A room of 4 MiB for a video of so many; the disk has `space` MiB."""
    disk = LeechDisk(folder / "leech", space * MIB, space=lambda: Space(1 << 40, 1 << 40))
    writer = Writer(folder / "tools", mebibytes)
    (folder / "leech").mkdir()
    async with disk.reserve("0" * 16, 4 * MIB) as room:
        yield Fetching(writer, room, space * MIB, space * MIB, lambda _: None, sleep=writer.sleep), writer, disk
    disk.close()


async def test_more_is_reserved_as_it_grows(tmp_path: Path) -> None:
    async with fetching(tmp_path, mebibytes=20, space=30) as (run, _, disk):
        kept = await run.run("https://example.org/", ENTRY, items="")
        assert (kept.size, kept.name) == (20 * MIB, "Garden.mp4")
        assert run.room.size == 30 * MIB
        assert await run.run("https://example.org/", ENTRY, items="") == kept, "it was fetched again"
    assert not any((tmp_path / "leech").iterdir())
    assert disk.budget.reserved("0" * 16) == 0


async def test_it_stops_where_others_have_the_room(tmp_path: Path) -> None:
    async with fetching(tmp_path, mebibytes=50, space=10) as (run, writer, disk), disk.reserve("1" * 16, 6 * MIB):
        with pytest.raises(NoRoom):
            await run.run("https://example.org/", ENTRY, items="")
        assert writer.cancelled


async def test_it_stops_where_it_can_never_fit(tmp_path: Path) -> None:
    async with fetching(tmp_path, mebibytes=50, space=10) as (run, writer, _):
        with pytest.raises(NeverFits, match="were written"):
            await run.run("https://example.org/", ENTRY, items="")
        assert writer.cancelled
        assert await run.room.used() <= 12 * MIB

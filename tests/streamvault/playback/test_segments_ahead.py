"""What is read before it is asked for, in films whose index does not say where."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from streamvault.media.byterange import ByteRange
from streamvault.media.cells import CELL
from streamvault.media.model import MediaFile
from streamvault.playback import ahead as module
from streamvault.playback.ahead import ReadAhead
from streamvault.playback.making.probe import probe_file
from streamvault.playback.model import Probed
from streamvault.playback.plan import cut
from streamvault.playback.segments import SegmentService
from streamvault.reading.reader import Bounds
from streamvault.reading.sandbox.jobs import Sandbox
from streamvault.reading.sandbox.model import Job, Result
from streamvault.server.media import IN_SANDBOX
from tests.support.ffmpeg_films import AC3, Film, Sound, make, without_cues
from tests.support.files import media_file
from tests.support.hls import FilmSource, cells_over, no_limit
from tests.support.repackaged import FileInMemory
from tests.support.sources import stall
from tests.support.waiting import until

LOUD = ("libx264", "-preset", "ultrafast", "-qp", "4", "-g", "25", "-bf", "2", "-pix_fmt", "yuv420p")
"""Some 2 MiB in 5 seconds, so that a segment has many cells."""
FILMS = {
    "ts": Film("ts", LOUD, (Sound(AC3),), seconds=26, keys=()),
    "mkv": Film("mkv", LOUD, (Sound(AC3),), seconds=26, keys=(), edit=without_cues),
}


class Watched:
    """Runs jobs of a sandbox, and tells which cells the last one read."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.read: set[int] = set()

    async def run(self, job: Job, read: Callable[[range], Awaitable[bytes]]) -> Result:
        self.read = set()

        async def reading(cells: range) -> bytes:
            self.read |= set(cells)
            return await read(cells)

        return await self.sandbox.run(job, reading)


@pytest.mark.parametrize("name", FILMS)
async def test_the_bytes_behind_a_segment_are_read_before_the_next_one_is_asked_for(name: str) -> None:
    data = make(FILMS[name]).read_bytes()
    known, source = probe_file(FileInMemory(data)), FilmSource()
    assert not known.keys.exact
    file = replace(media_file(size=len(data)), name=f"film.{name}")
    source.data[file.key.file_unique_id] = data

    async def probe(_: MediaFile, viewer: str) -> Probed:
        return known

    async with Sandbox(IN_SANDBOX) as sandbox, cells_over(source) as cells:
        runs = Watched(sandbox)
        service = SegmentService(runs, cells, probe=probe, cut=cut, slot=no_limit, bounds=Bounds(30.0, 30.0))
        try:
            film = await service.film(file, viewer="")
            await service.segment(film, film.video, 1, viewer="")
            await until(lambda: not service.ahead.tasks)
            before = _cells(source)
            await service.segment(film, film.video, 2, viewer="")
            await asyncio.gather(*service.ahead.tasks)
        finally:
            await service.close()
    assert len(runs.read) * CELL > len(data) / 8
    assert len(runs.read - before) <= 0.15 * len(runs.read), "its rate is not exactly the film's"


CELLS = 16
FILE = media_file(size=CELLS * CELL)
ALL = ByteRange(0, CELLS * CELL)


@asynccontextmanager
async def reading() -> AsyncIterator[tuple[ReadAhead, FilmSource]]:
    """Of a source that answers nothing."""
    source = FilmSource()
    source.data[FILE.key.file_unique_id] = bytes(CELLS * CELL)
    source.always = stall()
    async with cells_over(source) as cells:
        ahead = ReadAhead(cells, bounds=Bounds(60.0, 60.0))
        ahead.begin(FILE, ALL, number=5, viewer="a")
        await until(lambda: source.in_flight)
        try:
            yield ahead, source
        finally:
            await ahead.close()


async def test_it_ends_when_its_viewer_asks_for_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LASTS", 0.01)
    async with reading() as (ahead, source):
        await until(lambda: not ahead.tasks)
        await until(lambda: not source.in_flight)


async def test_it_goes_on_as_long_as_its_viewer_watches() -> None:
    async with reading() as (ahead, _):
        (task,), (before,) = ahead.tasks, _timers(ahead)
        for number in (4, 5, 3):
            ahead.watched(FILE, number=number, viewer="a")
        ahead.watched(FILE, number=90, viewer="another")
        ahead.left(FILE, viewer="another")
        ahead.begin(FILE, ALL, number=6, viewer="a")
        assert ahead.tasks == [task]
        (after,) = _timers(ahead)
        assert (before.cancelled(), after.cancelled()) == (True, False)


@pytest.mark.parametrize("number", [0, 6, 90])
async def test_it_ends_at_a_seek(number: int) -> None:
    async with reading() as (ahead, source):
        ahead.watched(FILE, number=number, viewer="a")
        assert ahead.tasks == []
        await until(lambda: not source.in_flight)
        ahead.begin(FILE, ALL, number=number + 1, viewer="a")
        assert len(ahead.tasks) == 1


async def test_it_ends_when_its_viewer_breaks_off() -> None:
    async with reading() as (ahead, source):
        ahead.left(FILE, viewer="a")
        assert ahead.tasks == []
        await until(lambda: not source.in_flight)


async def test_it_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A film may be one segment, of whatever size."""
    monkeypatch.setattr(module, "MOST", 4 * CELL)
    source = FilmSource()
    source.data[FILE.key.file_unique_id] = bytes(CELLS * CELL)
    async with cells_over(source) as cells:
        ahead = ReadAhead(cells, bounds=Bounds(5.0, 5.0))
        ahead.begin(FILE, ByteRange(2 * CELL, CELLS * CELL), number=1, viewer="a")
        await asyncio.gather(*ahead.tasks)
        await until(lambda: not ahead.tasks)
    assert _cells(source) == {2, 3, 4, 5}


async def test_a_request_that_is_broken_off_ends_what_is_read_for_its_viewer() -> None:
    data = make(FILMS["ts"]).read_bytes()
    known, source = probe_file(FileInMemory(data)), FilmSource()
    file = replace(media_file(size=len(data)), name="film.ts")
    source.data[file.key.file_unique_id] = data

    async def probe(_: MediaFile, viewer: str) -> Probed:
        return known

    class Never:
        async def run(self, job: Job, read: Callable[[range], Awaitable[bytes]]) -> Result:
            began.set()
            await asyncio.Event().wait()
            raise AssertionError("an event that nobody sets was set")

    began = asyncio.Event()
    async with cells_over(source) as cells:
        service = SegmentService(Never(), cells, probe=probe, cut=cut, slot=no_limit, bounds=Bounds(60.0, 60.0))
        film = await service.film(file, viewer="a")
        source.always = stall()
        service.ahead.begin(file, ByteRange(0, len(data)), number=2, viewer="a")
        asking = asyncio.create_task(service.segment(film, film.video, 1, viewer="a"))
        await began.wait()
        assert len(service.ahead.tasks) == 1
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert service.ahead.tasks == []


def _timers(ahead: ReadAhead) -> list[asyncio.TimerHandle]:
    return [one.end for one in ahead._reading.values()]


def _cells(source: FilmSource) -> set[int]:
    return {cell for offset, limit in source.requests for cell in range(offset // CELL, -(-(offset + limit) // CELL))}

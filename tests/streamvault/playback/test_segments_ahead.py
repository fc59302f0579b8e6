"""What is read before it is asked for, in films whose index does not say where."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from streamvault.media.cells import CELL
from streamvault.media.model import MediaFile
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
            await until(lambda: not service._warming)
            before = _cells(source)
            await service.segment(film, film.video, 2, viewer="")
            await asyncio.gather(*service._warming.values())
        finally:
            await service.close()
    assert len(runs.read) * CELL > len(data) / 8
    assert len(runs.read - before) <= 0.15 * len(runs.read), "its rate is not exactly the film's"


def _cells(source: FilmSource) -> set[int]:
    return {cell for offset, limit in source.requests for cell in range(offset // CELL, -(-(offset + limit) // CELL))}

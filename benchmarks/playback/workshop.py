"""The services that repackage films, over a file in memory, in this process; the sandbox is the real one."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.playback import measured
from benchmarks.playback.processes import processor_time
from streamvault.media.model import MediaFile
from streamvault.playback.model import Probed
from streamvault.playback.plan import cut
from streamvault.playback.prober import MODULE, Prober
from streamvault.playback.segments import MODULES, Film, SegmentService
from streamvault.reading.bulk import read_whole_cells
from streamvault.reading.lanes import Lane
from streamvault.reading.reader import Bounds
from streamvault.reading.sandbox.jobs import Sandbox
from streamvault.reading.sandbox.model import Job, Result
from tests.support.hls import FilmSource, cells_over, no_limit
from tests.support.sources import media_file

_ROOT = Path(__file__).parents[2]


class Workshop:
    """A file, and what makes segments of it. `peak` and `own` (bytes): see measured.wrapped; 0 unless `weigh`."""

    def __init__(self, sandbox: Sandbox, data: bytes) -> None:
        self.sandbox = sandbox
        self.source = FilmSource()
        self.file: MediaFile = replace(media_file(len(data)), name="film.mkv", mime_type="video/x-matroska")
        self.source.data[self.file.key.file_unique_id] = data
        self.cells = cells_over(self.source)
        self.weigh = False
        self.peak = self.own = 0

    async def probe(self) -> tuple[Probed, int]:
        """Facts and key frames, read anew, and how many bytes were read for them."""
        self.source.requests.clear()
        cells = cells_over(self.source)

        async def read(file: MediaFile, wanted: range, lane: Lane) -> bytes:
            return await read_whole_cells(cells, file, wanted, lane=lane, client="facts")

        try:
            return await Prober(self.sandbox.run, read)(self.file, lambda: Lane.PLAYBACK), self.source.read
        finally:
            await cells.close()

    async def run(self, job: Job, read: Callable[[range], Awaitable[bytes]]) -> Result:
        """As Sandbox.run."""
        result = await self.sandbox.run(measured.wrapped(job) if self.weigh else job, read)
        self.peak = max(self.peak, result.answer.get("peak", 0))
        self.own = max(self.own, result.answer.get("own", 0))
        return result

    @asynccontextmanager
    async def service(self, probed: Probed) -> AsyncIterator[tuple[SegmentService, Film]]:
        """A service that has made nothing yet, and the film."""

        async def known(_: MediaFile, viewer: str) -> Probed:
            return probed

        service = SegmentService(
            self, self.cells, probe=known, cut=cut, slot=no_limit, bounds=Bounds(), read_ahead=False
        )
        try:
            yield service, await service.film(self.file, viewer="")
        finally:
            await service.close()

    def used(self) -> float:
        """Seconds of processor time of the origin and of all forks that have ended."""
        assert self.sandbox.origin is not None
        return processor_time(self.sandbox.origin)


@asynccontextmanager
async def workshop(data: bytes) -> AsyncIterator[Workshop]:
    """A workshop whose sandbox is warm."""
    async with Sandbox((MODULE, *MODULES, measured.__name__), path=[_ROOT]) as sandbox:
        shop = Workshop(sandbox, data)
        try:
            yield shop
        finally:
            await shop.cells.close()

"""Opens what films are played with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streamvault.catalog.probes import Probes
from streamvault.media.model import MediaFile
from streamvault.playback.facts import FactsService
from streamvault.playback.prober import Prober, can_probe
from streamvault.reading.bulk import read_whole_cells
from streamvault.reading.cells import Cells
from streamvault.reading.lanes import Lane
from streamvault.reading.sandbox.jobs import Sandbox


@asynccontextmanager
async def open_facts(sandbox: Sandbox, cells: Cells, probes: Probes) -> AsyncIterator[FactsService | None]:
    """What looks into films and songs; None where its library is not installed."""

    async def from_cells(file: MediaFile, wanted: range, lane: Lane) -> bytes:
        return await read_whole_cells(cells, file, wanted, lane=lane, client="facts")

    if not can_probe():
        yield None
        return
    async with FactsService(Prober(sandbox.run, from_cells), probes, busy=lambda: cells.in_flight > 0) as facts:
        yield facts

"""Opens what films are played with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from streamvault.catalog.probes import Probes
from streamvault.errors import TooBusy
from streamvault.media.model import MediaFile
from streamvault.playback.facts import RETRY_AFTER, FactsService
from streamvault.playback.model import Probed
from streamvault.playback.plan import cut
from streamvault.playback.prober import Prober, can_probe
from streamvault.playback.segments import SegmentService
from streamvault.playback.slots import Slots
from streamvault.playback.subtitles import SubtitleService
from streamvault.reading.bulk import read_whole_cells
from streamvault.reading.cells import Cells
from streamvault.reading.lanes import Lane
from streamvault.reading.reader import Bounds
from streamvault.reading.sandbox.jobs import Sandbox

IN_SANDBOX = tuple(f"streamvault.playback.making.{name}" for name in ("opening", "video", "audio", "cues"))
"""The modules of the jobs that repackage films."""


@dataclass(frozen=True, slots=True)
class Repackaging:
    """What makes HLS and subtitles of films; None where the library is not installed."""

    segments: SegmentService | None = None
    subtitles: SubtitleService | None = None


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


@asynccontextmanager
async def open_repackaging(
    sandbox: Sandbox, cells: Cells, *, facts: FactsService | None, slots: Slots, bounds: Bounds
) -> AsyncIterator[Repackaging]:
    """What makes HLS and subtitles of the films that `facts` looks into."""
    if facts is None:
        yield Repackaging()
        return

    async def probe(file: MediaFile) -> Probed:
        found = await facts.of(file, within=bounds.start)
        if found is None:
            raise TooBusy(RETRY_AFTER)
        return found

    segments = SegmentService(sandbox, cells, probe=probe, cut=cut, slot=slots.turn, bounds=bounds)
    subtitles = SubtitleService(sandbox, cells, probe=probe, slot=slots.turn, bounds=bounds)
    try:
        yield Repackaging(segments, subtitles)
    finally:
        await segments.close()
        await subtitles.close()

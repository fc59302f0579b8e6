"""Opens what films are played with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streamvault.catalog.probes import Probes
from streamvault.errors import TooBusy
from streamvault.media.model import MediaFile
from streamvault.playback.facts import RETRY_AFTER, FactsService
from streamvault.playback.model import Probed
from streamvault.playback.plan import cut
from streamvault.playback.prober import Prober, can_probe
from streamvault.playback.segments import Probe, SegmentService
from streamvault.playback.slots import Slots
from streamvault.playback.subtitles import SubtitleService
from streamvault.reading.bulk import read_whole_cells
from streamvault.reading.cells import Cells
from streamvault.reading.lanes import Lane
from streamvault.reading.reader import Bounds
from streamvault.reading.sandbox.jobs import Sandbox


@asynccontextmanager
async def open_facts(
    sandbox: Sandbox, cells: Cells, probes: Probes, *, plays: bool
) -> AsyncIterator[FactsService | None]:
    """What looks into films and songs; None where its library is not installed. `plays`: who asks may play them next,
    so the sandbox's libraries are loaded meanwhile.
    """

    async def from_cells(file: MediaFile, wanted: range, lane: Lane) -> bytes:
        return await read_whole_cells(cells, file, wanted, lane=lane, client="facts")

    if not can_probe():
        yield None
        return
    on_asked = sandbox.warm if plays else lambda: None
    prober = Prober(sandbox.run, from_cells)
    async with FactsService(prober, probes, busy=lambda: cells.in_flight > 0, on_asked=on_asked) as facts:
        yield facts


@asynccontextmanager
async def open_segments(
    sandbox: Sandbox, cells: Cells, facts: FactsService | None, *, slots: Slots, bounds: Bounds, read_ahead: bool
) -> AsyncIterator[SegmentService | None]:
    """What repackages films; None where its library is not installed. `read_ahead`: see SegmentService."""
    if facts is None:
        yield None
        return
    probe = _probe(facts, within=bounds.start)
    service = SegmentService(
        sandbox, cells, probe=probe, cut=cut, slot=slots.turn, admit=slots.admit, bounds=bounds, read_ahead=read_ahead
    )
    try:
        yield service
    finally:
        await service.close()


@asynccontextmanager
async def open_subtitles(
    sandbox: Sandbox, cells: Cells, facts: FactsService | None, *, slots: Slots, bounds: Bounds
) -> AsyncIterator[SubtitleService | None]:
    """What reads text tracks of films; None where its library is not installed."""
    if facts is None:
        yield None
        return
    probe = _probe(facts, within=bounds.start)
    service = SubtitleService(sandbox, cells, probe=probe, slot=slots.turn, check=slots.check, bounds=bounds)
    try:
        yield service
    finally:
        await service.close()


def _probe(facts: FactsService, *, within: float) -> Probe:
    async def probed(file: MediaFile, viewer: str) -> Probed:
        found = await facts.of(file, within=within, viewer=viewer)
        if found is None:
            raise TooBusy(RETRY_AFTER, "the film is being looked into")
        return found

    return probed

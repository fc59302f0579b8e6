"""Opens what brings the bytes of files: the cells and their caches, pictures, and what films are played with."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from streamvault.catalog.base import Catalog
from streamvault.catalog.probes import Probes
from streamvault.media.chunks import WINDOW
from streamvault.media.model import MediaFile
from streamvault.metrics import Metrics
from streamvault.playback.facts import FactsService
from streamvault.playback.prober import MODULE as PROBE
from streamvault.playback.segments import MODULES, SegmentService
from streamvault.playback.slots import Slots
from streamvault.playback.subtitles import SubtitleService
from streamvault.reading.bulk import read_whole_cells
from streamvault.reading.cache.disk import DiskCells
from streamvault.reading.cache.memory import MemoryCells
from streamvault.reading.cells import Cells
from streamvault.reading.frames.extractor import MODULE, FrameExtractor
from streamvault.reading.frames.scaler import MODULE as SCALING
from streamvault.reading.frames.scaler import PictureScaler
from streamvault.reading.frames.service import FrameService, can_make_stills
from streamvault.reading.lanes import Lane
from streamvault.reading.picture_cache import DISK_SHARE, MEMORY, MOST_DISK, PictureCache
from streamvault.reading.prewarm import Prewarm
from streamvault.reading.reader import Bounds
from streamvault.reading.sandbox.jobs import Sandbox
from streamvault.reading.thumbnails import Thumbnails
from streamvault.server.figures import add_cell_metrics, add_frame_metrics, measured_slots
from streamvault.server.playback import open_facts, open_segments, open_subtitles
from streamvault.settings import Settings
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.files.origins import Copies
from streamvault.telegram.files.source import TelegramSource

REQUESTS_PER_CONNECTION = 6
"""Requests in flight on one connection, enough that neither side of it waits for the other."""

IN_SANDBOX = (MODULE, SCALING, PROBE, *MODULES, "streamvault.playback.making.cues")
"""The modules whose functions are jobs of the sandbox, which loads them before it forks."""

CACHE, THUMBNAILS = "cache", "cache/thumbs"
"""Folders in DATA_DIR of the disk caches."""


@dataclass(frozen=True, slots=True)
class Media:
    """`frames`, `scaler`, `facts`, `segments`, `subtitles` are None where their libraries are not installed. `bounds`:
    how long a reader waits.
    """

    bounds: Bounds
    source: TelegramSource
    cells: Cells
    prewarm: Prewarm
    thumbnails: Thumbnails
    sandbox: Sandbox
    slots: Slots
    frames: FrameService | None
    scaler: PictureScaler | None
    facts: FactsService | None
    segments: SegmentService | None
    subtitles: SubtitleService | None


@asynccontextmanager
async def open_media(
    settings: Settings,
    accounts: AccountPool,
    catalog: Catalog,
    probes: Probes,
    metrics: Metrics,
    *,
    copies: Copies | None = None,
) -> AsyncIterator[Media]:
    """All of it over these accounts. `settings` name a DATA_DIR that is open."""
    cached = bool(settings.cache_memory or settings.cache_disk)
    bounds = Bounds(settings.start_timeout, settings.stall_timeout)
    slots = measured_slots(settings.playback_slots, metrics)
    source = TelegramSource(
        accounts, metrics, origins=catalog, copies=copies, verify=settings.verify_chunks, cdn=settings.cdn
    )
    async with AsyncExitStack() as stack:
        cells = await stack.enter_async_context(_open_cells(settings, source, accounts))
        pictures = await stack.enter_async_context(_open_pictures(settings))
        sandbox = await stack.enter_async_context(Sandbox(IN_SANDBOX))
        frames = await stack.enter_async_context(_open_frames(sandbox, cells, pictures, catalog))
        facts = await stack.enter_async_context(open_facts(sandbox, cells, probes, plays=settings.playback_slots > 0))
        prewarm = await stack.enter_async_context(Prewarm(cells, cached=cached))
        segments = await stack.enter_async_context(
            open_segments(sandbox, cells, facts, slots=slots, bounds=bounds, read_ahead=cached)
        )
        subtitles = await stack.enter_async_context(open_subtitles(sandbox, cells, facts, slots=slots, bounds=bounds))
        add_cell_metrics(cells, metrics)
        add_frame_metrics(frames, metrics)
        yield Media(
            bounds=bounds, source=source, cells=cells, prewarm=prewarm, sandbox=sandbox, slots=slots, frames=frames,
            thumbnails=Thumbnails(source, cells, pictures=pictures),
            scaler=PictureScaler(sandbox.run, pictures) if can_make_stills() else None,
            facts=facts, segments=segments, subtitles=subtitles,
        )  # fmt: skip


@asynccontextmanager
async def _open_cells(settings: Settings, source: TelegramSource, accounts: AccountPool) -> AsyncIterator[Cells]:
    """The cells that all readers share, with their caches in memory and on disk."""
    async with AsyncExitStack() as stack:
        disk = None
        if settings.cache_disk:
            room = settings.cache_disk - _room_for_pictures(settings)
            disk = await stack.enter_async_context(DiskCells(settings.data_dir / CACHE, room))
        yield await stack.enter_async_context(
            Cells(
                source,
                memory=MemoryCells(settings.cache_memory),
                disk=disk,
                capacity=lambda: len(accounts.all) * settings.connections_per_dc * REQUESTS_PER_CONNECTION,
                under_way=settings.readahead * WINDOW,
            )
        )


def _room_for_pictures(settings: Settings) -> int:
    """The bytes of CACHE_DISK that thumbnails get."""
    return min(int(settings.cache_disk * DISK_SHARE), MOST_DISK)


@asynccontextmanager
async def _open_pictures(settings: Settings) -> AsyncIterator[PictureCache]:
    """The cache of thumbnails, in a subfolder of that of the cells, which does not count it."""
    async with AsyncExitStack() as stack:
        disk = None
        if settings.cache_disk:
            folder = settings.data_dir / THUMBNAILS
            disk = await stack.enter_async_context(DiskCells(folder, _room_for_pictures(settings)))
        yield PictureCache(MemoryCells(MEMORY), disk)


@asynccontextmanager
async def _open_frames(
    sandbox: Sandbox, cells: Cells, pictures: PictureCache, catalog: Catalog
) -> AsyncIterator[FrameService | None]:
    """What makes pictures of films and songs; None where its libraries are not installed."""

    async def from_cells(file: MediaFile, wanted: range) -> bytes:
        return await read_whole_cells(cells, file, wanted, lane=Lane.THUMBNAILS, client="stills")

    async def keep_placeholder(file: MediaFile, tiny: bytes) -> None:
        await catalog.store_tiny({file.key.file_unique_id: tiny})

    if not can_make_stills():
        yield None
        return
    maker = FrameExtractor(sandbox.run, from_cells)
    async with FrameService(maker, pictures, on_placeholder=keep_placeholder) as frames:
        yield frames

"""Opens the services of a server in order, and closes them in reverse order.

Constructors do no I/O. `open_services` opens DATA_DIR, the secret key and the caches; the database is created here and
connected by server/run.py, as are the accounts.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from streamvault.access.limits import Limits
from streamvault.access.links import LinkSigner
from streamvault.access.login import Logins
from streamvault.access.once import OnceTokens, once_links
from streamvault.access.service import Access
from streamvault.access.store.base import AccessRecords
from streamvault.access.usage import Usage
from streamvault.access.users import UserSigner
from streamvault.catalog.base import Change
from streamvault.catalog.personal import Personal
from streamvault.database import open_database
from streamvault.datadir import old_secret_keys, open_data_dir, secret_key
from streamvault.health.readiness import Readiness
from streamvault.indexing.backfill import Backfill, mark_name
from streamvault.indexing.chats import OurChats
from streamvault.indexing.finder import FileFinder
from streamvault.indexing.joining import JoiningCatalog
from streamvault.indexing.live import LiveIndex
from streamvault.indexing.manifests import Manifests, small_file_reader
from streamvault.indexing.messages import HistorySource
from streamvault.indexing.naming.reader import NameReader
from streamvault.indexing.offers import Offers
from streamvault.indexing.opened import OpenedFiles
from streamvault.indexing.recompute import Recompute
from streamvault.indexing.repair import Repair
from streamvault.indexing.starts import PieceStarts, start_reader
from streamvault.indexing.walks import Walks
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
from streamvault.reading.cache.reserve import make_room
from streamvault.reading.cells import Cells
from streamvault.reading.frames.extractor import MODULE, FrameExtractor
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
from streamvault.telegram.files.source import TelegramSource
from streamvault.telegram.history.messages import TelegramMessages
from streamvault.telegram.history.source import TelegramHistory

REQUESTS_PER_CONNECTION = 6
"""Requests in flight on one connection, enough that neither side of it waits for the other."""


@dataclass(frozen=True, slots=True)
class Indexing:
    """What writes the catalog: live updates, walks, repair, names, manifests, beginnings of pieces, new rules."""

    live: LiveIndex
    walks: Walks
    repair: Repair
    names: NameReader
    manifests: Manifests
    starts: PieceStarts
    opened: OpenedFiles
    recompute: Recompute

    async def read_names(self) -> None:
        """Parse the names of files until cancelled."""
        async with self.names:
            await self.names.watch()


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one server. `connect_database` as database.Database.connect; `accounts` are not connected
    yet.
    """

    settings: Settings
    metrics: Metrics
    readiness: Readiness
    access: Access
    logins: Logins
    once_links: OnceTokens
    records: AccessRecords
    links: LinkSigner
    users: UserSigner
    catalog: JoiningCatalog
    personal: Personal
    connect_database: Callable[[], Awaitable[None]]
    accounts: AccountPool
    source: TelegramSource
    cells: Cells
    prewarm: Prewarm
    thumbnails: Thumbnails
    frames: FrameService | None
    sandbox: Sandbox
    slots: Slots
    facts: FactsService | None
    segments: SegmentService | None
    subtitles: SubtitleService | None
    finder: FileFinder
    indexing: Indexing
    limits: Limits
    usage: Usage


IN_SANDBOX = (MODULE, PROBE, *MODULES, "streamvault.playback.making.cues")
"""The modules whose functions are jobs of the sandbox, which loads them before it forks."""

CACHE, THUMBNAILS = "cache", "cache/thumbs"
"""Folders in DATA_DIR of the disk caches."""


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """The services of one server; opens no connection. Raises ConfigError."""
    async with AsyncExitStack() as stack:
        locks = settings.session_store == "file"
        make_room(settings.data_dir, (CACHE, THUMBNAILS))
        settings = settings.model_copy(update={"data_dir": open_data_dir(settings.data_dir, locks=locks)})
        metrics = Metrics()
        secret, old = secret_key(settings), old_secret_keys(settings)
        signer = LinkSigner(secret, old=old)
        database = await stack.enter_async_context(open_database(settings))
        catalog = JoiningCatalog(database.catalog)
        accounts = AccountPool(settings, metrics)
        finder = FileFinder(settings=settings, catalog=catalog, messages=TelegramMessages(accounts))
        catalog.on_changed = finder.invalidate
        access = Access(settings, database.records, signer)
        stack.push_async_callback(access.close)
        finder.chats.offers = Offers(database.records)
        source = TelegramSource(accounts, metrics, origins=catalog, verify=settings.verify_chunks, cdn=settings.cdn)
        cells = await stack.enter_async_context(_open_cells(settings, source, accounts))
        pictures = await stack.enter_async_context(_open_pictures(settings))
        sandbox = await stack.enter_async_context(Sandbox(IN_SANDBOX))
        frames = None
        if can_make_stills():
            frames = await stack.enter_async_context(_open_frames(sandbox, cells, pictures, catalog))
        facts = await stack.enter_async_context(open_facts(sandbox, cells, database.probes))
        cached = bool(settings.cache_memory or settings.cache_disk)
        add_cell_metrics(cells, metrics)
        add_frame_metrics(frames, metrics)
        prewarm = await stack.enter_async_context(Prewarm(cells, cached=cached))
        bounds = Bounds(settings.start_timeout, settings.stall_timeout)
        slots = measured_slots(settings.playback_slots, metrics)
        segments = await stack.enter_async_context(
            open_segments(sandbox, cells, facts, slots=slots, bounds=bounds, read_ahead=cached)
        )
        subtitles = await stack.enter_async_context(open_subtitles(sandbox, cells, facts, slots=slots, bounds=bounds))
        limits = Limits(rate=settings.rate_limit, streams=settings.stream_limit, day=settings.day_limit)
        yield Services(
            settings=settings,
            limits=limits,
            usage=Usage(database.usage, limits),
            metrics=metrics,
            readiness=Readiness(),
            logins=Logins(database.records),
            once_links=once_links(database.records),
            records=database.records,
            access=access,
            links=signer,
            users=UserSigner(secret, old=old),
            catalog=catalog,
            personal=database.personal,
            connect_database=database.connect,
            accounts=accounts,
            source=source,
            cells=cells,
            prewarm=prewarm,
            thumbnails=Thumbnails(source, cells, pictures=pictures),
            frames=frames,
            sandbox=sandbox,
            slots=slots,
            facts=facts,
            segments=segments,
            subtitles=subtitles,
            finder=finder,
            indexing=_indexing(
                catalog,
                finder.chats,
                TelegramHistory(accounts, gate=cells.lanes),
                prewarm=prewarm,
                noticed=facts.notice if facts and settings.playback_slots else lambda _: None,
                manifests=Manifests(catalog, small_file_reader(cells, bounds)),
                starts=PieceStarts(catalog, start_reader(cells, bounds)),
                busy=lambda: cells.in_flight > 0,
            ),
        )


def _indexing(
    catalog: JoiningCatalog,
    chats: OurChats,
    history: HistorySource,
    *,
    prewarm: Prewarm,
    noticed: Callable[[MediaFile], None],
    manifests: Manifests,
    starts: PieceStarts,
    busy: Callable[[], bool],
) -> Indexing:
    """The indexing. Each writer of files wakes the name reader; new posts are prewarmed, and `noticed` gets them."""
    names = NameReader(catalog)

    async def stored(_: Change) -> None:
        names.wake()

    async def posted(change: Change) -> None:
        names.wake()
        for file in change.put:
            shown = await catalog.listed(file)
            prewarm.warm(shown, Lane.INDEX)
            noticed(shown)

    async def missed(chat_id: int, *, followed: bool) -> None:
        """Updates of a chat were missed: walk through it again; all of it where it was `followed`."""
        if followed or await catalog.mark(mark_name(chat_id)) is not None:
            await walks.start(chat_id, again=followed)

    live = LiveIndex(catalog, chats, on_stored=posted, on_missed=missed)
    backfill = Backfill(catalog, history, deleted_recently=live.deleted, on_stored=stored)
    walks = Walks(backfill, history, catalog=catalog, chats=chats)
    repair = Repair(catalog, history, chats=chats.all, busy=walks.busy, deleted_recently=live.deleted, on_stored=stored)
    recompute = Recompute(catalog, on_stored=names.wake, busy=busy)
    opened = OpenedFiles(repair.check)
    return Indexing(live, walks, repair, names, manifests, starts, opened, recompute)


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


def _open_frames(sandbox: Sandbox, cells: Cells, pictures: PictureCache, catalog: JoiningCatalog) -> FrameService:
    async def from_cells(file: MediaFile, wanted: range) -> bytes:
        return await read_whole_cells(cells, file, wanted, lane=Lane.THUMBNAILS, client="stills")

    async def keep_placeholder(file: MediaFile, tiny: bytes) -> None:
        await catalog.store_tiny({file.key.file_unique_id: tiny})

    return FrameService(FrameExtractor(sandbox.run, from_cells), pictures, on_placeholder=keep_placeholder)


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

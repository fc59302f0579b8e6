"""Opens the services of a server in order, and closes them in reverse order.

Constructors do no I/O. `open_services` opens DATA_DIR, the secret key and the caches; the database is created here and
connected by server/run.py, as are the accounts.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from streamvault.catalog.base import Change
from streamvault.catalog.personal import Personal
from streamvault.database import open_database
from streamvault.datadir import open_data_dir
from streamvault.health.readiness import Readiness
from streamvault.http.event_hub import EventHub
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
from streamvault.indexing.stored import Stored
from streamvault.indexing.walks import Walks
from streamvault.leech.feeds.service import Feeds
from streamvault.leech.mirror.asking import RequestsWorker
from streamvault.leech.queue import Queue
from streamvault.metrics import Metrics
from streamvault.reading.cache.reserve import make_room
from streamvault.reading.lanes import Lane
from streamvault.server.admission import Admission, open_admission
from streamvault.server.feeds import open_feeds
from streamvault.server.figures import JobFigures
from streamvault.server.jobs import open_queue
from streamvault.server.media import CACHE, THUMBNAILS, Media, open_media
from streamvault.server.mirrors import Mirroring, copies_in, open_mirror_requests, open_mirrors
from streamvault.settings import Settings
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.history.messages import TelegramMessages
from streamvault.telegram.history.source import TelegramHistory
from streamvault.voice.calls import Calls


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
    events: EventHub
    admission: Admission
    catalog: JoiningCatalog
    personal: Personal
    connect_database: Callable[[], Awaitable[None]]
    accounts: AccountPool
    media: Media
    finder: FileFinder
    indexing: Indexing
    jobs: Queue
    mirrors: Mirroring
    mirror_requests: RequestsWorker
    feeds: Feeds
    calls: Calls
    job_figures: JobFigures


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """The services of one server; opens no connection. Raises ConfigError."""
    make_room(settings.data_dir, (CACHE, THUMBNAILS))
    folder = open_data_dir(settings.data_dir, locks=settings.session_store == "file")
    settings = settings.model_copy(update={"data_dir": folder})
    metrics = Metrics()
    accounts = AccountPool(settings, metrics)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings))
        admission = await stack.enter_async_context(open_admission(settings, database))
        catalog = JoiningCatalog(database.catalog)
        finder = FileFinder(settings=settings, catalog=catalog, messages=TelegramMessages(accounts))
        events = EventHub()
        catalog.on_stored = partial(events.publish, "catalog")
        finder.chats.offers = Offers(database.records)
        finder.chats.on_resolved = lambda chat_id: events.publish("catalog", Stored(chats=frozenset({chat_id})))
        catalog.on_changed = finder.invalidate
        finder.copies = copies_in(database.mirrors, catalog, finder)
        media = await stack.enter_async_context(
            open_media(settings, accounts, catalog, database.probes, metrics, copies=finder.copies)
        )
        history = TelegramHistory(accounts, gate=media.cells.lanes)
        indexing = _indexing(catalog, finder.chats, history, media, looks_into=settings.playback_slots > 0)
        mirrors = open_mirrors(
            settings, database.mirrors, accounts, history, media, catalog, finder, indexing.live, indexing.walks
        )
        yield Services(
            settings=settings,
            metrics=metrics,
            readiness=Readiness(),
            events=events,
            admission=admission,
            catalog=catalog,
            personal=database.personal,
            connect_database=database.connect,
            accounts=accounts,
            media=media,
            finder=finder,
            jobs=open_queue(settings, database.jobs, finder),
            feeds=open_feeds(settings, database.feeds),
            job_figures=JobFigures(database.jobs, database.usage, metrics),
            mirrors=mirrors,
            mirror_requests=open_mirror_requests(mirrors.desk, admission.access, admission.records, accounts),
            calls=Calls(database.calls),
            indexing=indexing,
        )


def _indexing(
    catalog: JoiningCatalog, chats: OurChats, history: HistorySource, media: Media, *, looks_into: bool
) -> Indexing:
    """The indexing. Each writer of files wakes the name reader; new posts are prewarmed, and looked into if wished."""
    names = NameReader(catalog)

    async def stored(_: Change) -> None:
        names.wake()

    async def posted(change: Change) -> None:
        names.wake()
        for file in change.put:
            shown = await catalog.listed(file)
            media.prewarm.warm(shown, Lane.INDEX)
            if media.facts is not None and looks_into:
                media.facts.notice(shown)

    async def missed(chat_id: int, *, followed: bool) -> None:
        """Updates of a chat were missed: walk through it again; all of it where it was `followed`."""
        if followed or await catalog.mark(mark_name(chat_id)) is not None:
            await walks.start(chat_id, again=followed)

    live = LiveIndex(catalog, chats, on_stored=posted, on_missed=missed)
    backfill = Backfill(catalog, history, deleted_recently=live.deleted, on_stored=stored)
    walks = Walks(backfill, history, catalog=catalog, chats=chats)
    repair = Repair(catalog, history, chats=chats.all, busy=walks.busy, deleted_recently=live.deleted, on_stored=stored)
    return Indexing(
        live=live,
        walks=walks,
        repair=repair,
        names=names,
        manifests=Manifests(catalog, small_file_reader(media.cells, media.bounds)),
        starts=PieceStarts(catalog, start_reader(media.cells, media.bounds)),
        opened=OpenedFiles(repair.check),
        recompute=Recompute(catalog, on_stored=names.wake, busy=lambda: media.cells.in_flight > 0),
    )

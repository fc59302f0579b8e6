"""The database that DATABASE_URL names, a SQLite file or a MongoDB server: opened, connected and closed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from streamvault.access.store.base import AccessRecords
from streamvault.access.store.sqlite import SqliteAccessRecords
from streamvault.access.usage import UsageStore
from streamvault.access.usage_sqlite import SqliteUsage
from streamvault.catalog.base import Catalog
from streamvault.catalog.personal import Personal
from streamvault.catalog.probes import Probes
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.catalog.sqlite.personal import SqlitePersonal
from streamvault.leech.feeds.store.base import FeedStore
from streamvault.leech.feeds.store.sqlite import SqliteFeeds
from streamvault.leech.mirror.store.base import MirrorStore
from streamvault.leech.mirror.store.sqlite import SqliteMirrors
from streamvault.leech.store.base import JobStore
from streamvault.leech.store.sqlite import SqliteJobs
from streamvault.settings import LocalSettings
from streamvault.voice.store.base import CallStore
from streamvault.voice.store.sqlite import SqliteCalls


@dataclass(frozen=True, slots=True)
class Database:
    """The catalog, the personal data, what was read of files, the access records, what is counted for limits, the leech
    jobs, the feeds, the mirrors, and the calls.

    None may be used before `connect` has succeeded once.

    `connect` raises CatalogError while the server does not answer, and may then be called again; ConfigError for wrong
    credentials and for a database that this version cannot use.
    """

    catalog: Catalog
    personal: Personal
    probes: Probes
    records: AccessRecords
    usage: UsageStore
    jobs: JobStore
    feeds: FeedStore
    mirrors: MirrorStore
    calls: CallStore
    connect: Callable[[], Awaitable[None]]


@asynccontextmanager
async def open_database(settings: LocalSettings) -> AsyncIterator[Database]:
    """The database, not connected yet; closed at the end. Raises ConfigError for a malformed address."""
    async with AsyncExitStack() as stack:
        if settings.mongodb_url is None:
            yield _sqlite(stack, settings.database_path)
        else:
            yield await _mongodb(stack, settings.mongodb_url)


def _sqlite(stack: AsyncExitStack, path: Path) -> Database:
    files, personal, records, usage = (
        SqliteCatalog(path), SqlitePersonal(path), SqliteAccessRecords(path), SqliteUsage(path)
    )  # fmt: skip
    jobs, feeds, mirrors, calls = SqliteJobs(path), SqliteFeeds(path), SqliteMirrors(path), SqliteCalls(path)
    connect = _entering(stack, files, personal, records, usage, jobs, feeds, mirrors, calls)
    return Database(files, personal, files.probes, records, usage, jobs, feeds, mirrors, calls, connect)


async def _mongodb(stack: AsyncExitStack, url: SecretStr) -> Database:
    """What the extra `mongodb` installs is imported here alone."""
    from streamvault.access.store.mongo import MongoAccessRecords
    from streamvault.access.usage_mongo import MongoUsage
    from streamvault.catalog.mongo.catalog import MongoCatalog
    from streamvault.catalog.mongo.personal import MongoPersonal
    from streamvault.catalog.mongo.probes import MongoProbes
    from streamvault.leech.feeds.store.mongo import MongoFeeds
    from streamvault.leech.mirror.store.mongo import MongoMirrors
    from streamvault.leech.store.mongo import MongoJobs
    from streamvault.storage.mongo import MongoDatabase
    from streamvault.voice.store.mongo import MongoCalls

    server = await stack.enter_async_context(MongoDatabase(url, connect=False))
    files, records, usage = MongoCatalog(server), MongoAccessRecords(server), MongoUsage(server)
    jobs, feeds, mirrors, calls = MongoJobs(server), MongoFeeds(server), MongoMirrors(server), MongoCalls(server)
    connect = _entering(stack, files, records, usage, jobs, feeds, mirrors, calls)
    personal, probes = MongoPersonal(server), MongoProbes(server)
    return Database(files, personal, probes, records, usage, jobs, feeds, mirrors, calls, connect)


@asynccontextmanager
async def connected_database(settings: LocalSettings) -> AsyncIterator[Database]:
    """The connected database; closed at the end. Raises as `Database.connect`, ConfigError for a malformed address."""
    async with open_database(settings) as database:
        await database.connect()
        yield database


@asynccontextmanager
async def connected_access(settings: LocalSettings) -> AsyncIterator[AccessRecords]:
    """The access records alone, connected; closed at the end. Raises as `connected_database`."""
    if settings.mongodb_url is None:
        async with SqliteAccessRecords(settings.database_path) as records:
            yield records
        return
    from streamvault.access.store.mongo import MongoAccessRecords
    from streamvault.storage.mongo import MongoDatabase

    async with MongoDatabase(settings.mongodb_url, connect=False) as server, MongoAccessRecords(server) as mongo:
        yield mongo


def _entering(stack: AsyncExitStack, *parts: AbstractAsyncContextManager[object]) -> Callable[[], Awaitable[None]]:
    """A function that enters each of `parts` once; after a failure it continues with the part that failed."""
    left = list(parts)

    async def connect() -> None:
        while left:
            await stack.enter_async_context(left[0])
            del left[0]

    return connect

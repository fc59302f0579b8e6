"""The catalog that DATABASE_URL names."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from streamvault.catalog.base import Catalog
from streamvault.catalog.personal import Personal
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.catalog.sqlite.personal import SqlitePersonal
from streamvault.settings import Settings


@dataclass(frozen=True, slots=True)
class Database:
    """What is in one database; nothing of it may be used before `reach` has succeeded once.

    `reach` raises CatalogError while the server is away, and may be called again then; ConfigError for wrong
    credentials, and for a database that this version cannot use.
    """

    catalog: Catalog
    personal: Personal
    reach: Callable[[], Awaitable[None]]


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """Open it without waiting for its server, and close it at the end. ConfigError for a malformed address."""
    async with AsyncExitStack() as stack:
        if settings.mongodb_url is None:
            sqlite, people = SqliteCatalog(settings.database_path), SqlitePersonal(settings.database_path)
            yield Database(sqlite, people, _once(stack, sqlite, people))
            return
        from streamvault.catalog.mongo.catalog import MongoCatalog
        from streamvault.catalog.mongo.personal import MongoPersonal
        from streamvault.storage.mongo import MongoDatabase

        server = await stack.enter_async_context(MongoDatabase(settings.mongodb_url, at_once=False))
        mongo, mongo_people = MongoCatalog(server), MongoPersonal(server)
        yield Database(mongo, mongo_people, _once(stack, mongo))


@asynccontextmanager
async def reached_database(settings: Settings) -> AsyncIterator[Database]:
    """Open it, and close it at the end. CatalogError while its server is away, ConfigError for a wrong address."""
    async with open_database(settings) as database:
        await database.reach()
        yield database


def _once(stack: AsyncExitStack, *parts: AbstractAsyncContextManager[object]) -> Callable[[], Awaitable[None]]:
    """Enters each of `parts` until that has succeeded."""
    left = list(parts)

    async def reach() -> None:
        while left:
            await stack.enter_async_context(left[0])
            del left[0]

    return reach

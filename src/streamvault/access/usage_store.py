"""Opens the store of what is counted for limits, in the database of the catalog."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streamvault.access.limits import Limits
from streamvault.access.usage import INTERVAL, Usage, UsageStore
from streamvault.access.usage_sqlite import COMPONENT, MIGRATIONS, SqliteUsage
from streamvault.errors import CatalogError
from streamvault.settings import LocalSettings
from streamvault.storage.sqlite import SqliteDatabase

log = logging.getLogger(__name__)

RETRY = 5.0
"""Seconds until another try to open the store."""


async def share_limits(settings: LocalSettings, limits: Limits) -> None:
    """Until cancelled, add up the limits of all processes that use the database; the last time at the end.

    Raises ConfigError for a database that this version cannot use.
    """
    while True:
        try:
            async with open_usage(settings) as store:
                usage = Usage(store, limits.counters)
                try:
                    await usage.run()
                finally:
                    async with asyncio.timeout(INTERVAL):
                        await usage.exchange()
        except (CatalogError, TimeoutError) as error:
            log.debug("what is counted for limits is not shared: %s", error)
        await asyncio.sleep(RETRY)


@asynccontextmanager
async def open_usage(settings: LocalSettings) -> AsyncIterator[UsageStore]:
    """The store; closed at the end. Raises as `share_limits`, and CatalogError while the database does not answer."""
    if settings.mongodb_url is None:
        async with SqliteDatabase(settings.database_path, MIGRATIONS, component=COMPONENT) as sqlite:
            yield SqliteUsage(sqlite)
        return
    from streamvault.access.usage_mongo import MongoUsage
    from streamvault.storage.mongo import MongoDatabase

    async with MongoDatabase(settings.mongodb_url) as mongo:
        yield MongoUsage(mongo)

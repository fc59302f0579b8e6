"""The catalog that DATABASE_URL names, and what belongs to people beside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streamvault.catalog.base import Catalog
from streamvault.catalog.personal import Personal
from streamvault.catalog.sqlite import SqliteCatalog
from streamvault.catalog.sqlite_personal import SqlitePersonal
from streamvault.settings import Settings


@asynccontextmanager
async def open_catalog(settings: Settings) -> AsyncIterator[Catalog]:
    """Open it, and close it at the end. CatalogError while its server is away, ConfigError for a wrong address."""
    if settings.mongodb_url is None:
        async with SqliteCatalog(settings.database_path) as catalog:
            yield catalog
        return
    from streamvault.catalog.mongo import MongoCatalog
    from streamvault.storage.mongo import MongoDatabase

    async with MongoDatabase(settings.mongodb_url) as database, MongoCatalog(database) as mongo:
        yield mongo


@asynccontextmanager
async def open_personal(settings: Settings) -> AsyncIterator[Personal]:
    """Open it, and close it at the end: in the catalog's SQLite file, or that of DATA_DIR."""
    async with SqlitePersonal(settings.database_path) as personal:
        yield personal

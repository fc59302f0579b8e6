"""The collections of the catalog in MongoDB: their version, migration of older ones, indexes, and space left."""

import logging
from typing import Any

from pymongo import IndexModel, ReplaceOne

from streamvault.catalog.base import Entry, row_key
from streamvault.catalog.mongo import personal
from streamvault.catalog.mongo.lists import BY_FILE
from streamvault.catalog.mongo.rows import document, file_of, text_words
from streamvault.catalog.mongo.writing import free_keys
from streamvault.errors import ConfigError
from streamvault.storage.mongo import MongoDatabase

log = logging.getLogger(__name__)

VERSION = 3
_WITH_TERMS = 2
BY_MESSAGE = "by_message"
FREE_TIER = 512 << 20
"""Bytes of documents and indexes that Atlas' free tier allows; dbStats does not report the limit."""
NEARLY = 0.8
_INDEXES = [
    IndexModel([("key", 1)], name="by_key", unique=True),
    IndexModel([("terms", 1), ("key", -1)], name="by_term"),
    IndexModel([("file_unique_id", 1), ("key", -1)], name=BY_FILE),
    IndexModel([("held", 1)], name="by_first_piece", sparse=True),
    IndexModel([("name_key", 1), ("key", 1)], name="by_name"),
    IndexModel([("size", 1), ("key", 1)], name="by_size"),
    IndexModel([("version", 1), ("key", -1)], name="by_version"),
    # with kind and size, so that totals are computed from the index alone
    IndexModel([("chat_id", 1), ("message_id", 1), ("kind", 1), ("size", 1)], name=BY_MESSAGE),
]
_AT_ONCE = 500
_SECONDS, _INDEX_SECONDS = 60.0, 3600.0
_MIGRATING = "migrating"


async def prepare(server: MongoDatabase) -> None:
    """Migrate what an older version wrote, and create the indexes. Raises ConfigError for a newer version's catalog."""
    version = await server.run(server.stored_version("catalog", VERSION))
    if version > VERSION:
        raise ConfigError(
            f"the catalog in MongoDB was written by a newer version of StreamVault (schema {version}, "
            f"this one knows {VERSION}): update StreamVault, or name another database in DATABASE_URL"
        )
    if version < _WITH_TERMS:
        await _migrate(server)
    await server.run(_set_version(server.database))
    await server.run(_make_indexes(server.database), within=_INDEX_SECONDS)
    await server.run(warn_when_nearly_full(server.database))


async def warn_when_nearly_full(database: Any) -> None:
    """Log a warning when the database, or the disk below it, has little room left."""
    stats = await database.command("dbStats")
    size, disk = stats["dataSize"] + stats["indexSize"], stats.get("fsTotalSize")
    if disk and stats["fsUsedSize"] >= NEARLY * disk:
        log.warning("the disk of MongoDB is full to %.0f %%", 100 * stats["fsUsedSize"] / disk)
    if NEARLY * FREE_TIER <= size <= FREE_TIER:
        log.warning("the database holds %d MB: Atlas' free tier ends at 512 MB", size >> 20)


async def _set_version(database: Any) -> None:
    """Documents of version 2 lack some fields, which count as empty; those of older rules are computed again."""
    await database["versions"].update_one(
        {"_id": "catalog", "version": {"$lt": VERSION}}, {"$set": {"version": VERSION}}
    )


async def _make_indexes(database: Any) -> None:
    for collection, indexes in {"files": _INDEXES, **personal.INDEXES}.items():
        there = await database[collection].index_information()
        if missing := [index for index in indexes if index.document["name"] not in there]:
            await database[collection].create_indexes(missing)


async def _migrate(server: MongoDatabase) -> None:
    """From version 1, whose documents have no keys and terms. May be interrupted, and run by several processes."""
    files = server.database["files"]

    async def begin() -> None:
        if _MIGRATING not in await files.index_information():
            await files.drop_indexes()
            await files.create_index([("key", 1)], name=_MIGRATING)

    await server.run(begin(), within=_INDEX_SECONDS)
    done = 0
    while moved := await server.run(_migrate_batch(files), within=_SECONDS):
        done += moved
        log.info("migrating the catalog in MongoDB: %d files so far", done)
    await server.run(files.drop_indexes(), within=_INDEX_SECONDS)


async def _migrate_batch(files: Any) -> int:
    """Replace some documents of version 1; their number, 0 when there are none left."""
    rows = await files.find({"key": None}).limit(_AT_ONCE).to_list(_AT_ONCE)
    found = [file_of({name: value for name, value in row.items() if value is not None}) for row in rows]
    keys = await free_keys(files, [row_key(file) for file in found])
    new = [document(one, key=key, found=text_words(one)) for one, key in zip(map(Entry, found), keys, strict=True)]
    if new:
        await files.bulk_write([ReplaceOne({"_id": row["_id"], "key": None}, row) for row in new], ordered=False)
    return len(new)

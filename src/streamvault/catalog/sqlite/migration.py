"""Migrates the rows of schema 2, before the search by words, into the present tables, in batches.

SQL cannot compute the search words, so the statements in schema.py leave these rows in `files_before`. One transaction
deletes a batch there and stores it in the new tables: a process that was killed continues where it stopped, and two
processes that open the file at once share the work.
"""

import logging

from streamvault.catalog.base import Change
from streamvault.catalog.sqlite.rows import file_of
from streamvault.catalog.sqlite.writing import prepare, store
from streamvault.storage.sqlite import SqliteDatabase

log = logging.getLogger(__name__)

_AT_ONCE = 500
_COLUMNS = (
    "chat_id", "message_id", "dc_id", "kind", "name", "size", "mime_type", "date", "edit_date", "caption", "duration",
    "width", "height", "title", "performer", "thumb_sizes",
)  # fmt: skip
_NEXT = f"SELECT file_unique_id, {', '.join(_COLUMNS)} FROM files_before ORDER BY chat_id, message_id LIMIT ?"
_TABLE = "SELECT 1 FROM sqlite_schema WHERE name = 'files_before'"


async def migrate_rows(database: SqliteDatabase) -> None:
    """Migrate the rows that are left; does nothing when there are none. Raises CatalogError."""
    migrated = 0
    while await database.read(_TABLE):
        async with database.transaction() as run:
            rows = await run(_NEXT, (_AT_ONCE,)) if await run(_TABLE) else []
            files = [file_of(row[0], dict(zip(_COLUMNS, row[1:], strict=True))) for row in rows]
            await store(run, await prepare(files), Change(put=files))
            done = [(file.origin.chat_id, file.origin.message_id) for file in files]
            await run.many("DELETE FROM files_before WHERE chat_id = ? AND message_id = ?", done)
            if len(rows) < _AT_ONCE:
                await run("DROP TABLE IF EXISTS files_before")
        migrated += len(rows)
    if migrated:
        log.info("%s files of the catalog were migrated and can be searched by words now", migrated)

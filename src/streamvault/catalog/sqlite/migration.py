"""Rows of the catalog before it was searched by words (schema 2), put in anew a batch at a time.

A batch is taken away and put in by one transaction, so a process that is killed goes on where it was, and of two that
open the file at once each does a share.
"""

import json
import logging

from streamvault.catalog.base import Change
from streamvault.catalog.sqlite.writing import prepare, store
from streamvault.media.model import FileKey, MediaFile, Origin
from streamvault.storage.sqlite import Row, SqliteDatabase

log = logging.getLogger(__name__)

_AT_ONCE = 500
_COLUMNS = (
    "chat_id, message_id, file_unique_id, dc_id, kind, name, size, mime_type, date, edit_date, caption, duration, "
    "width, height, title, performer, thumb_sizes"
)
_OLDEST = f"SELECT {_COLUMNS} FROM files_before ORDER BY chat_id, message_id LIMIT ?"
_TABLE = "SELECT 1 FROM sqlite_schema WHERE name = 'files_before'"


async def carry_over(database: SqliteDatabase) -> None:
    """Put in what is left of the schema before; nothing happens when there is nothing. Raises CatalogError."""
    carried = 0
    while await database.read(_TABLE):
        async with database.transaction() as run:
            rows = await run(_OLDEST, (_AT_ONCE,)) if await run(_TABLE) else []
            files = [_file(row) for row in rows]
            await store(run, await prepare(files), Change(put=files))
            places = [(row[0], row[1]) for row in rows]
            await run.many("DELETE FROM files_before WHERE chat_id = ? AND message_id = ?", places)
            if len(rows) < _AT_ONCE:
                await run("DROP TABLE IF EXISTS files_before")
        carried += len(rows)
    if carried:
        log.info("%s files of the catalog are searchable by words now", carried)


def _file(row: Row) -> MediaFile:
    (chat_id, message_id, unique_id, dc_id, kind, name, size, mime_type, date, edit_date, caption, duration, width,
     height, title, performer, thumb_sizes) = row  # fmt: skip
    return MediaFile(
        key=FileKey(unique_id),
        origin=Origin(chat_id, message_id),
        dc_id=dc_id,
        kind=kind,
        name=name,
        size=size,
        mime_type=mime_type,
        date=date,
        edit_date=edit_date,
        caption=caption,
        duration=duration,
        width=width,
        height=height,
        title=title,
        performer=performer,
        thumb_sizes=tuple(json.loads(thumb_sizes)),
    )

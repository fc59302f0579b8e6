"""The search index worked together while it is written, a little at a time.

What is indexed anew leaves its old words behind until FTS5 merges what is oldest, which it seldom does by itself: once
every name has been read, a search reads a third more than it needs to. Merging all at once takes seconds.
"""

import logging

from streamvault.errors import CatalogError
from streamvault.storage.sqlite import SqliteDatabase

log = logging.getLogger(__name__)

_AT_LEAST = 2_000
_SHARE = 10
_PAGES = 250  # of 4 KiB, written by one step: some milliseconds, in which nothing else is written


class Tidying:
    """Merges the index of `database` step by step, beginning when a tenth of the messages has been written."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self._written = 0
        self._merging = False

    async def after(self, rows: int) -> None:
        """So many messages have been written: do a step, if one is due. A failure is nothing that they suffer from."""
        self._written += rows
        try:
            await self._step_if_due()
        except CatalogError as error:
            self._merging = False
            log.warning("the search index is left as it is: %s", error)

    async def _step_if_due(self) -> None:
        if self._merging:
            self._merging = await self._step(_PAGES)
        elif self._written >= _AT_LEAST:
            [(messages,)] = await self._database.read("SELECT coalesce(sum(files), 0) FROM totals")
            if self._written * _SHARE >= messages:
                self._written = 0
                self._merging = await self._step(-_PAGES)  # negative: everything is to become one

    async def _step(self, pages: int) -> bool:
        """Whether there is more to do."""
        async with self._database.transaction() as run:
            [(before,)] = await run("SELECT total_changes()")
            await run("INSERT INTO search (search, rank) VALUES ('merge', ?)", (pages,))
            [(after,)] = await run("SELECT total_changes()")
        return bool(after - before >= 2)  # as FTS5's documentation tells to find out

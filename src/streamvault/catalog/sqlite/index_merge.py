"""Merges the FTS5 index in small steps while it is written (sqlite.org/fts5.html, section 6.8, the 'merge' command).

A message that is indexed again leaves its old entries in the index until FTS5 merges the segments that hold them, which
it seldom does by itself: after every name was parsed, a search would read a third more than it needs. Merging
everything at once takes seconds, during which nothing else is written.
"""

import logging

from streamvault.errors import CatalogError
from streamvault.storage.sqlite import SqliteDatabase

log = logging.getLogger(__name__)

_AT_LEAST = 2_000
_SHARE = 10
_PAGES = 250  # of 4 KiB, written by one step: a few milliseconds, during which nothing else is written


class IndexMerge:
    """Merges the index of `database` step by step; starts when a tenth of the messages was written since last time."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self._pending = 0
        self._merging = False

    async def written(self, rows: int) -> None:
        """Count `rows` messages that were written, and do a step if one is due. A failure is only logged."""
        self._pending += rows
        try:
            await self._step_if_due()
        except CatalogError as error:
            self._merging = False
            log.warning("the search index is not merged for now: %s", error)

    async def _step_if_due(self) -> None:
        if self._merging:
            self._merging = await self._step(_PAGES)
        elif self._pending >= _AT_LEAST:
            [(messages,)] = await self._database.read("SELECT coalesce(sum(files), 0) FROM totals")
            if self._pending * _SHARE >= messages:
                self._pending = 0
                self._merging = await self._step(-_PAGES)  # negative: start to merge all segments into one

    async def _step(self, pages: int) -> bool:
        """Write up to `pages` pages; whether there is more to merge."""
        async with self._database.transaction() as run:
            [(before,)] = await run("SELECT total_changes()")
            await run("INSERT INTO search (search, rank) VALUES ('merge', ?)", (pages,))
            [(after,)] = await run("SELECT total_changes()")
        return bool(after - before >= 2)  # fewer changes mean that the merge did nothing (same section)

"""Computes the rows of older rules again, in the background: what a file is, its words, tags and sort keys.

After an update lists are complete at once, as the old rows hold them; this task walks through all messages once, from
the newest on, and stores those that older rules made (catalog/derived.VERSION). A batch and the place after it are one
transaction, so a process that was killed goes on where it stopped, and two processes share the work. A message that is
stored meanwhile is never replaced by what was read before.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from streamvault.catalog.base import Change, Outdated
from streamvault.catalog.derived import MARK
from streamvault.indexing.retry import RetryPolicy
from streamvault.media.model import MediaFile
from streamvault.reading.retry import Clock, LoopClock

log = logging.getLogger(__name__)

BATCH = 200
PAUSE, LONG_PAUSE = 0.5, 4.0
"""Pauses between two batches, in times of what the last one took: without viewers, and with some."""
_END = "0"
"""The value of MARK at the end; before, it is the key of the last message of a batch."""


class Rows(Protocol):
    """The part of JoiningCatalog that is needed."""

    async def mark(self, name: str) -> str | None: ...

    async def outdated(self, before: int | None, limit: int) -> Outdated: ...

    async def apply(self, change: Change) -> None: ...

    async def decide_again(self, files: Sequence[MediaFile], marks: Mapping[str, str | None]) -> None: ...


class Recompute:
    """The walk; `run` is a task of the server.

    `on_stored` is called after each batch; `busy`: whether somebody waits for bytes. The database is waited for,
    and a batch of which a message was stored meanwhile is read again after the same growing delays.
    """

    def __init__(
        self,
        catalog: Rows,
        *,
        on_stored: Callable[[], None] = lambda: None,
        busy: Callable[[], bool] = lambda: False,
        clock: Clock | None = None,
    ) -> None:
        self._catalog = catalog
        self._on_stored = on_stored
        self._busy = busy
        self._clock = clock or LoopClock()
        self._retry = RetryPolicy(clock=self._clock)
        self.stored = 0
        """Rows stored so far."""

    async def run(self) -> None:
        """Walk to the end, then wait until cancelled."""
        await self.walk()
        await asyncio.Event().wait()

    async def walk(self) -> None:
        """Walk from where an earlier process stopped to the end."""
        while True:
            began = self._clock.time()
            found = await self._retry.run(self._batch)
            if found is None:
                break
            if found:
                self._on_stored()
                took = self._clock.time() - began
                await self._clock.sleep(took * (LONG_PAUSE if self._busy() else PAUSE))
        if self.stored:
            log.info("%d rows of the catalog were computed again by new rules", self.stored)

    async def _batch(self) -> int | None:
        """Do one batch; the number of rows stored, None at the end. After a CatalogError it can be done again."""
        place = await self._catalog.mark(MARK)
        if place == _END:
            return None
        batch = await self._catalog.outdated(None if place is None else int(place), BATCH)
        marks: dict[str, str | None] = {MARK: _END if batch.before is None else str(batch.before)}
        if batch.files:
            await self._catalog.decide_again(batch.files, marks)
        else:
            await self._catalog.apply(Change(marks=marks))
        self.stored += len(batch.files)
        return len(batch.files)

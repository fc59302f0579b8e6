"""Writes to the index, in the order of the updates: in batches, retried while the database is away."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from streamvault.errors import CatalogError
from streamvault.media.events import Event
from streamvault.telegram.backoff import DATABASE_DELAY, Backoff
from streamvault.telegram.updates.state import Index

log = logging.getLogger(__name__)

MAX_PENDING = 1000
"""Writes that may wait; `IndexQueue.add` blocks while there are as many."""
BATCH = 200
STORING = "storing"
"""The name under which an index that cannot be written is reported."""

Failing = Callable[[str, bool], None]
"""Called with the name of a sequence, or STORING, and whether its updates cannot be fetched (stored), or can again."""


@dataclass(frozen=True, slots=True)
class IndexWrite:
    """Events and the mark (name, text) of the state after them; `done` is resolved once both are stored."""

    events: tuple[Event, ...] = ()
    mark: tuple[str, str] | None = None
    done: "asyncio.Future[None] | None" = None


class IndexQueue:
    """A bounded queue of writes to an Index; `busy` while `run` stores a batch."""

    def __init__(self, index: Index, *, failing: Failing = lambda *_: None) -> None:
        self._index = index
        self._failing = failing
        self._queue: asyncio.Queue[IndexWrite] = asyncio.Queue(MAX_PENDING)
        self.busy = False

    async def add(self, write: IndexWrite) -> None:
        """Append a write; waits while the queue is full."""
        await self._queue.put(write)

    async def run(self) -> None:
        """Store writes until cancelled. What is not stored by then is fetched again at the next start."""
        while True:
            batch = [await self._queue.get()]
            self.busy = True
            while len(batch) < BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await self._store(batch)
            for write in batch:
                self._queue.task_done()
                if write.done is not None and not write.done.done():
                    write.done.set_result(None)
            self.busy = False

    async def join(self) -> None:
        """Wait until every write that was added is stored."""
        await self._queue.join()

    async def _store(self, batch: Sequence[IndexWrite]) -> None:
        events = [event for write in batch for event in write.events]
        marks = dict(write.mark for write in batch if write.mark is not None)
        backoff, failed = Backoff(longest=DATABASE_DELAY), False
        while True:
            try:
                await self._index.apply(*events, marks=marks)
            except CatalogError as error:
                log.debug("the index cannot be written: %s", error)
                failed = True
                self._failing(STORING, True)
                await asyncio.sleep(backoff.next())
            else:
                if failed:
                    self._failing(STORING, False)
                return

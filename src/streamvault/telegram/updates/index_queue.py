"""What updates ask of the index, in order; done in batches, and again for as long as its database is away."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from streamvault.errors import CatalogError
from streamvault.media.events import Event
from streamvault.telegram.backoff import Backoff
from streamvault.telegram.updates.state import Index

log = logging.getLogger(__name__)

WAITING = 1000
"""Steps that may wait; whoever brings more waits for room."""
BATCH = 200


@dataclass(frozen=True, slots=True)
class IndexStep:
    """Events, and the place that they lead to; `done` is told when both are stored."""

    events: tuple[Event, ...] = ()
    mark: tuple[str, str] | None = None
    done: "asyncio.Future[None] | None" = None


class IndexQueue:
    """A bounded queue in front of an Index; `run` works it off, and is `busy` while a batch is on its way."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._queue: asyncio.Queue[IndexStep] = asyncio.Queue(WAITING)
        self.busy = False

    async def add(self, step: IndexStep) -> None:
        """Append a step, once there is room."""
        await self._queue.put(step)

    async def run(self) -> None:
        """Work it off until cancelled. What was not stored then is asked for at the next start."""
        while True:
            batch = [await self._queue.get()]
            self.busy = True
            while len(batch) < BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await self._store(batch)
            for step in batch:
                self._queue.task_done()
                if step.done is not None and not step.done.done():
                    step.done.set_result(None)
            self.busy = False

    async def settled(self) -> None:
        """Wait until everything that was added is stored."""
        await self._queue.join()

    async def _store(self, batch: Sequence[IndexStep]) -> None:
        events = [event for step in batch for event in step.events]
        marks = dict(step.mark for step in batch if step.mark is not None)
        backoff = Backoff(most=15.0)
        while True:
            try:
                return await self._index.apply(*events, marks=marks)
            except CatalogError as error:
                delay = backoff.next()
                log.warning("indexing waits for the database (%s); next try in %.0f s", error, delay)
                await asyncio.sleep(delay)

"""Changes of leech jobs for those who listen: made through this process, and found in the database, where workers of
other processes make them.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from streamvault.errors import CatalogError
from streamvault.http.event_hub import EventHub
from streamvault.http.job_items import JobItem, job_item
from streamvault.leech.model import Job
from streamvault.leech.queue import Queue
from streamvault.leech.store.base import MAX_LISTED

log = logging.getLogger(__name__)

OVERLAP = 30.0
"""Seconds by which the clocks of workers may differ from this one's."""
MOST_PAGES = 5
"""Pages of changes that one look takes; the next one goes on behind them."""
_REMEMBERED = 2 * MOST_PAGES * MAX_LISTED


@dataclass(frozen=True, slots=True)
class JobChange:
    """What a job has become, and whose it is."""

    person: int | None
    item: JobItem


class JobChanges:
    """Publishes each change once. `look` is called from time to time while somebody listens."""

    def __init__(self, queue: Queue, hub: EventHub, *, clock: Callable[[], float] = time.time) -> None:
        self._queue = queue
        self._hub = hub
        self._clock = clock
        self._since = clock()
        self._told: OrderedDict[str, tuple[int, JobItem]] = OrderedDict()
        self._looking: asyncio.Task[None] | None = None

    def tell(self, job: Job) -> None:
        """Publish a job, unless it is shown as it was told last, or was read before that."""
        item = job_item(job)
        version, told = self._told.get(job.id, (0, None))
        if job.version < version or told == item:
            return
        self._told[job.id] = job.version, item
        self._told.move_to_end(job.id)
        if len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        self._hub.publish("jobs", JobChange(job.person, item))

    def look(self) -> None:
        """Have the database asked, unless it is being asked."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self.ask())

    async def ask(self) -> None:
        """Publish what has changed in the database since it was asked last."""
        try:
            for _ in range(MOST_PAGES):
                jobs = await self._queue.changed(self._since, limit=MAX_LISTED)
                for job in jobs:
                    self.tell(job)
                if len(jobs) < MAX_LISTED or jobs[-1].updated <= self._since:
                    self._since = max(self._since, self._clock() - OVERLAP)
                    return
                self._since = jobs[-1].updated
        except CatalogError as error:
            log.debug("changes of leech jobs cannot be told now: %s", error)

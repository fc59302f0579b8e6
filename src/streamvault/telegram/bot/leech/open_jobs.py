"""The jobs that have not ended."""

from collections.abc import AsyncIterator, Sequence

from streamvault.leech.model import ENDED, Job, State
from streamvault.leech.queue import Queue
from streamvault.leech.store.base import MAX_LISTED

OPEN = tuple(state for state in State if state not in ENDED)
MOST = 1000
"""Jobs that are shown at most."""


async def open_pages(queue: Queue, *, person: int | None = None) -> AsyncIterator[Sequence[Job]]:
    """All of a person (None: of all), the latest first. Raises CatalogError."""
    last: str | None = None
    while page := await queue.listed(person=person, states=OPEN, limit=MAX_LISTED, after=last):
        yield page
        if len(page) < MAX_LISTED:
            return
        last = page[-1].id


async def open_jobs(queue: Queue, *, person: int | None = None) -> list[Job]:
    """The latest MOST of them. Raises CatalogError."""
    found = list[Job]()
    async for page in open_pages(queue, person=person):
        found += page
        if len(found) >= MOST:
            break
    return found[:MOST]

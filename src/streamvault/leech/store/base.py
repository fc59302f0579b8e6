"""The interface of stored jobs: whole jobs, changed by compare-and-set."""

from collections.abc import Collection, Sequence
from typing import Protocol

from streamvault.leech.model import Job, State

MAX_LISTED = 200
"""Jobs of one page of `listed`."""


class JobStore(Protocol):
    """Every method raises CatalogError when the database fails. What has been written survives a power cut."""

    async def add(self, job: Job) -> bool:
        """Insert a job as version 1; False where there is one with its id."""
        ...

    async def get(self, id: str) -> Job | None:
        """The job, or None."""
        ...

    async def replace(self, job: Job) -> bool:
        """Write all of a job if the stored one still has its version, which grows by one; whether it was written."""
        ...

    async def due(self, now: float, *, limit: int) -> Sequence[Job]:
        """Jobs that nobody holds and that may be taken up: neither ended nor paused, `due` not after `now`, without a
        lease or with one that ended before `now`. The highest priority first, then the earliest created.
        """
        ...

    async def listed(
        self,
        *,
        person: int | None = None,
        states: Collection[State] | None = None,
        limit: int,
        after: str | None = None,
    ) -> Sequence[Job]:
        """Up to `limit` (at most MAX_LISTED) jobs of a person and in these states (None: of all, in any), the latest
        created first. `after`: the id of the last job of the page before; where it was deleted, the first page.
        """
        ...

    async def same(self, fingerprint: str) -> Sequence[Job]:
        """Up to 10 jobs with this fingerprint that neither failed nor were cancelled, the latest created first."""
        ...

    async def held_by(self, person: int | None) -> int:
        """How many jobs of a person are in a state of HELD."""
        ...

    async def delete_ended(self, before: float, *, limit: int) -> int:
        """Delete up to `limit` jobs that ended and were last changed before that time; how many."""
        ...

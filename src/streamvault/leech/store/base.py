"""The interface of stored jobs: whole jobs, changed by compare-and-set."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from streamvault.leech.model import Job, State

MAX_LISTED = 200
"""Jobs of one page of `listed` and of `changed`."""
MAX_DUE = 1000
"""Jobs that one call of `due` gives."""
MAX_SAME = 10
"""Jobs that one call of `same` gives."""


@dataclass(frozen=True, slots=True)
class DueJob:
    """A job that may be taken up."""

    id: str
    person: int | None
    priority: int
    created: float


@dataclass(frozen=True, slots=True)
class HeldJob:
    """A job that a worker holds."""

    id: str
    person: int | None


class JobStore(Protocol):
    """Every method raises CatalogError when the database fails, or cannot hold a value. What has been written survives
    a power cut.
    """

    async def add(self, job: Job) -> bool:
        """Insert a job as version 1, whatever its own is; False where there is one with its id."""
        ...

    async def get(self, id: str) -> Job | None:
        """The job, or None."""
        ...

    async def replace(self, job: Job) -> bool:
        """Write all of a job if the stored one still has its version, which grows by one; whether it was written.
        `id` and `created` stay what they were.
        """
        ...

    async def due(self, now: float, *, each: int) -> Sequence[DueJob]:
        """The jobs that nobody holds and that may be taken up: neither ended nor paused, `due` not after `now`, without
        a lease or with one that ended by `now`; of each person up to `each`, of all up to MAX_DUE. The highest priority
        first, then the earliest created.
        """
        ...

    async def held(self, now: float) -> Sequence[HeldJob]:
        """Up to MAX_DUE jobs with a lease that has not ended by `now`, by their ids."""
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

    async def changed(self, since: float, *, limit: int) -> Sequence[Job]:
        """Up to `limit` (at most MAX_LISTED) jobs whose `updated` is not before `since`, the earliest first."""
        ...

    async def same(self, fingerprint: str) -> Sequence[Job]:
        """Up to MAX_SAME jobs with this fingerprint that neither failed nor were cancelled, the latest first."""
        ...

    async def open_by(self, person: int | None) -> int:
        """How many jobs of a person (None: of nobody) have not ended."""
        ...

    async def counts(self) -> Mapping[State, int]:
        """How many jobs there are in each state; states without any are left out."""
        ...

    async def delete_ended(self, before: float, *, limit: int) -> int:
        """Delete up to `limit` jobs that ended and were last changed before that time; how many."""
        ...

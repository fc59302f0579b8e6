"""Which job a worker takes up next: by priority and fairness, within bounds that hold for all workers together."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace

from streamvault.leech import transitions
from streamvault.leech.model import Job
from streamvault.leech.store.base import DueJob, HeldJob, JobStore

_EACH = 20
"""Jobs of each person that are looked at for the next one."""
_TRIES = 50
"""Of a change that others may get in the way of: one of them succeeds each time."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many jobs: `open`: of a person that have not ended; held by workers, of a person (`each`) and in all."""

    open: int = 500
    each: int = 2
    held: int = 3


USUAL = Bounds()


class Claiming:
    """Claims jobs of a store. `clock` gives Unix seconds; `changed` is called with each job that was changed, and gives
    it back; `save` as Queue.save. Methods raise CatalogError.
    """

    def __init__(
        self, store: JobStore, bounds: Bounds, *, clock: Callable[[], float], changed: Callable[[Job], Job],
        save: Callable[[Job, Callable[[Job], Job]], Awaitable[Job | None]],
    ) -> None:  # fmt: skip
        self._store, self._bounds, self._clock = store, bounds, clock
        self._changed, self._save = changed, save
        self._lock = asyncio.Lock()

    async def next(self, worker: str) -> Job | None:
        """The next job, held by this worker: of those of the highest priority one of the person of whom the fewest are
        held, the earliest created. None where nothing is due, or as many are held as may be.
        """
        async with self._lock:
            for _ in range(_TRIES):
                held = await self._store.held(self._clock())
                order = [] if len(held) >= self._bounds.held else await self._order(held)
                if not order:
                    return None
                for due in order:
                    job = await self._take(due, worker)
                    if job is not None:
                        return await self._unless_over(job)
        return None

    async def _order(self, held: Sequence[HeldJob]) -> list[DueJob]:
        """The jobs that may be taken up, in the order in which they should be."""
        has = Counter(one.person for one in held)
        due = await self._store.due(self._clock(), each=_EACH)
        most = self._most_each({*has, *(one.person for one in due)})
        return sorted(
            (one for one in due if has[one.person] < most),
            key=lambda one: (-one.priority, has[one.person], one.created),
        )

    def _most_each(self, people: Collection[int | None]) -> int:
        """Jobs of a person that may be held: as many as of all while there is nobody else."""
        return self._bounds.held if len(people) == 1 else self._bounds.each

    async def _take(self, due: DueJob, worker: str) -> Job | None:
        """The job, held; None where somebody else has it, or it is as somebody wished now."""
        job = await self._store.get(due.id)
        if job is None or not transitions.claimable(job, self._clock()):
            return None
        claimed = transitions.claim(job, worker, now=self._clock())
        if not await self._store.replace(claimed):
            return None
        claimed = self._changed(replace(claimed, version=claimed.version + 1))
        return None if claimed.lease is None else claimed

    async def _unless_over(self, job: Job) -> Job | None:
        """The job; None, and it is let go, where too many are held as other workers took up some at the same time. Of
        those that are not let go, who took up the last one saw all others: there are never more than may be.
        """
        held = await self._store.held(self._clock())
        most = self._most_each({one.person for one in held})
        if len(held) <= self._bounds.held and sum(one.person == job.person for one in held) <= most:
            return job
        await self._save(job, lambda stored: transitions.released(stored, now=self._clock()))
        return None

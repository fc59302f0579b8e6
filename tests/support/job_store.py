"""Leech jobs in memory, with faults."""

import copy
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from streamvault.errors import CatalogError
from streamvault.leech import transitions
from streamvault.leech.model import ENDED, Job, State
from streamvault.leech.store.base import MAX_DUE, MAX_LISTED, MAX_SAME, DueJob, HeldJob
from streamvault.leech.store.codec import key_of, text_of


class MemoryJobs:
    """A JobStore over a dictionary. `failing` makes every method raise CatalogError without effect."""

    def __init__(self) -> None:
        self.failing = False
        self.stored: dict[str, Job] = {}

    async def add(self, job: Job) -> bool:
        self._check()
        if job.id in self.stored:
            return False
        self.stored[job.id] = _copied(replace(job, version=1))
        return True

    async def get(self, id: str) -> Job | None:
        self._check()
        return copy.deepcopy(self.stored.get(id))

    async def replace(self, job: Job) -> bool:
        self._check()
        new = _copied(job)
        known = self.stored.get(job.id)
        if known is None or known.version != job.version:
            return False
        self.stored[job.id] = replace(new, version=job.version + 1)
        return True

    async def due(self, now: float, *, each: int) -> Sequence[DueJob]:
        self._check()
        free = [one for one in self.stored.values() if transitions.claimable(one, now)]
        found, seen = list[DueJob](), Counter[int | None]()
        for one in sorted(free, key=lambda job: (-job.priority, job.created, key_of(job.id))):
            seen[one.person] += 1
            if seen[one.person] <= each:
                found.append(DueJob(one.id, one.person, one.priority, one.created))
        return found[:MAX_DUE]

    async def held(self, now: float) -> Sequence[HeldJob]:
        self._check()
        held = [one for one in self.stored.values() if transitions.held(one, now)]
        return [HeldJob(one.id, one.person) for one in sorted(held, key=lambda job: key_of(job.id))]

    async def listed(
        self,
        *,
        person: int | None = None,
        states: Collection[State] | None = None,
        limit: int,
        after: str | None = None,
    ) -> Sequence[Job]:
        self._check()
        last = self.stored.get(after) if after is not None else None
        found = [
            one for one in sorted(self.stored.values(), key=_order, reverse=True)
            if person in (None, one.person) and (states is None or one.state in states)
            and (last is None or _order(one) < _order(last))
        ]  # fmt: skip
        return copy.deepcopy(found[: max(0, min(limit, MAX_LISTED))])

    async def changed(self, since: float, *, limit: int) -> Sequence[Job]:
        self._check()
        found = sorted(self.stored.values(), key=lambda job: (job.updated, key_of(job.id)))
        return copy.deepcopy([one for one in found if one.updated >= since][: max(0, min(limit, MAX_LISTED))])

    async def same(self, fingerprint: str) -> Sequence[Job]:
        self._check()
        bad = (State.FAILED, State.CANCELLED)
        found = [one for one in self.stored.values() if one.fingerprint == fingerprint and one.state not in bad]
        return copy.deepcopy(sorted(found, key=_order, reverse=True)[:MAX_SAME])

    async def open_by(self, person: int | None) -> int:
        self._check()
        return sum(one.person == person and one.state not in ENDED for one in self.stored.values())

    async def counts(self) -> Mapping[State, int]:
        self._check()
        return Counter(one.state for one in self.stored.values())

    async def delete_ended(self, before: float, *, limit: int) -> int:
        self._check()
        gone = [one.id for one in self.stored.values() if one.state in ENDED and one.updated < before][: max(0, limit)]
        for id in gone:
            del self.stored[id]
        return len(gone)

    def _check(self) -> None:
        if self.failing:
            raise CatalogError("the database does not answer")


def _copied(job: Job) -> Job:
    text_of(job)  # what cannot be stored is refused
    return copy.deepcopy(job)


def _order(job: Job) -> tuple[float, str]:
    return job.created, key_of(job.id)

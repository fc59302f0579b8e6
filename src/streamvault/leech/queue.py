"""The queue of leech jobs: what people and workers do with the stored ones."""

import asyncio
import hashlib
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from streamvault.errors import CatalogError, JobMissing, QuotaExceeded
from streamvault.leech import transitions
from streamvault.leech.addresses import SCHEMES, Address, read_address
from streamvault.leech.choice import picked, toggled
from streamvault.leech.model import ENDED, Asked, Job, Options, State
from streamvault.leech.sealing import Sealing
from streamvault.leech.store.base import DueJob, HeldJob, JobStore
from streamvault.leech.wishes import check_wishes

KEPT = 30 * 86_400.0
"""Seconds for which jobs that ended are kept."""
NO_OPTIONS = Options()
_WEB = ("http", "https")
"""Schemes of pages."""
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to be leeched: an address, and the chat it goes to. `person`: None for nobody; `asked`: where
    the end of the job is told. `id`: of the job, which is then made once, whatever became of it; None for a new one.
    `depth`: as in Job.
    """

    source: str
    chat_id: int
    person: int | None = None
    options: Options = NO_OPTIONS
    priority: int = 0
    asked: Asked | None = None
    id: str | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Added:
    """A job, and whether it is new: it may be there already, of the same source for the same chat."""

    job: Job
    new: bool


class _Transition(Protocol):
    def __call__(self, job: Job, *, now: float) -> Job: ...


async def _all_there(job: Job) -> bool:
    return True


class Queue:
    """Jobs of a JobStore. Methods raise CatalogError when the database fails. `clock` gives Unix seconds.

    `still_there`: whether what a job that is done has posted is still there; `on_change`: called with each job that was
    added or changed through this object.
    """

    def __init__(
        self, store: JobStore, sealing: Sealing, *, bounds: Bounds = Bounds(),
        schemes: Collection[str] = SCHEMES, clock: Callable[[], float] = time.time,
        still_there: Callable[[Job], Awaitable[bool]] = _all_there, on_change: Callable[[Job], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self._store = store
        self._sealing = sealing
        self._bounds = bounds
        self._schemes = schemes
        self._clock = clock
        self._adding, self._claiming = asyncio.Lock(), asyncio.Lock()
        self.still_there = still_there
        self.on_change = on_change

    async def add(self, wanted: Wanted) -> Added:
        """Queue a job, unless there is one of the same source. Raises SourceRefused for what is no address, and
        QuotaExceeded where the person has too many.
        """
        address = read_address(wanted.source, schemes=_WEB if wanted.options.ytdlp else self._schemes)
        check_wishes(wanted.source, wanted.options, self._schemes)
        mark = self._mark(address)
        async with self._adding:
            known = await self._known(mark, wanted)
            if known is None and wanted.id is not None:
                known = await self._store.get(wanted.id)
            if known is not None:
                return Added(known, new=False)
            await self._check_open(wanted.person, wanted.depth)
            while not await self._store.add(job := self._job(wanted, address, mark)):
                if wanted.id is not None:  # another worker was faster
                    return Added(await self.get(wanted.id), new=False)
        return Added(self._changed(replace(job, version=1)), new=True)

    async def get(self, id: str, *, person: int | None = None) -> Job:
        """A job, of this person only (None: of anybody). Raises JobMissing."""
        job = await self._store.get(id)
        if job is None or person not in (None, job.person):
            raise JobMissing("There is no such job.")
        return job

    async def listed(
        self, *, person: int | None = None, states: Collection[State] | None = None, limit: int,
        after: str | None = None,
    ) -> Sequence[Job]:  # fmt: skip
        """See JobStore."""
        return await self._store.listed(person=person, states=states, limit=limit, after=after)

    async def changed(self, since: float, *, limit: int) -> Sequence[Job]:
        """See JobStore."""
        return await self._store.changed(since, limit=limit)

    async def pause(self, id: str, *, person: int | None = None) -> Job:
        """Pause a job, or have its worker do it. Raises JobMissing, JobConflict."""
        return await self._ask(id, person, transitions.paused)

    async def resume(self, id: str, *, person: int | None = None) -> Job:
        """Go on with a paused job. Raises JobMissing, JobConflict."""
        return await self._ask(id, person, transitions.resumed)

    async def toggle(self, id: str, number: int) -> Job:
        """Pick one more entry of what a job's source holds, or one less. Raises JobMissing, JobConflict."""
        return await self._ask(id, None, partial(toggled, number=number))

    async def pick(self, id: str, numbers: Collection[int], *, person: int | None = None) -> Job:
        """Pick these entries; to resume the job starts it with them. Raises JobMissing, JobConflict."""
        return await self._ask(id, person, partial(picked, numbers=numbers))

    async def cancel(self, id: str, *, person: int | None = None) -> Job:
        """End a job, or have its worker do it. Raises JobMissing, JobConflict."""
        return await self._ask(id, person, transitions.cancelled)

    async def retry(self, id: str, *, person: int | None = None) -> Job:
        """Try a job that failed or was cancelled again, or one that waits at once. Raises JobMissing, JobConflict, and
        QuotaExceeded where its person has too many.
        """
        async with self._adding:
            job = await self.get(id, person=person)
            if job.state in ENDED:
                await self._check_open(job.person)
            return await self._ask(id, person, transitions.retried)

    async def claim(self, worker: str) -> Job | None:
        """The next job, held by this worker: of those of the highest priority one of the person of whom the fewest are
        held, the earliest created. None where nothing is due, or as many are held as may be.
        """
        async with self._claiming:
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

    async def take_over(self, bot: str) -> int:
        """End the leases of workers with this bot, which have all ended: one process at a time has a bot's session. How
        many jobs wait for nobody any more.
        """
        ended = 0
        for one in await self._store.held(self._clock()):
            job = await self._store.get(one.id)
            if job is not None and job.lease is not None and job.lease.worker.startswith(worker_name(bot, "")):
                ended += await self.save(job, lambda held: transitions.abandoned(held, now=self._clock())) is not None
        return ended

    async def renew(self, job: Job) -> Job | None:
        """The job as it is now, with a new lease; None where this worker has lost it."""
        return await self.save(job, lambda stored: transitions.renewed(stored, now=self._clock()))

    async def save(self, job: Job, change: Callable[[Job], Job]) -> Job | None:
        """Store what `change` makes of a held job as it is now, with the wish that somebody may have had meanwhile;
        None where this worker has lost it, and must stop at once.
        """
        for _ in range(_TRIES):
            after = change(job)
            if await self._store.replace(after):
                return self._changed(replace(after, version=after.version + 1))
            stored = await self._store.get(job.id)
            if stored is None or not transitions.same_holder(job, stored):
                return None
            job = stored
        raise _busy()

    def address(self, job: Job) -> str:
        """The whole address of a job's source. Raises SourceRefused where it cannot be decrypted."""
        return self._sealing.address(job)

    async def twin(self, job: Job) -> Job | None:
        """Another job of the same source with the same wishes, which was there before, or is done."""
        for other in await self._store.same(job.fingerprint):
            if other.id == job.id or (other.chat_id, other.options) != (job.chat_id, job.options):
                continue
            if other.state is not State.DONE:
                if (other.created, other.id) < (job.created, job.id):
                    return other
            elif await self.still_there(other):
                return other
        return None

    async def told(self, job: Job) -> None:
        """Record that the end of a job was told where it was asked for; nothing where it goes on meanwhile."""
        if job.asked is not None:
            await self._store.replace(replace(job, asked=replace(job.asked, told=job.updated)))

    async def forget_ended(self, *, limit: int = 500) -> int:
        """Delete up to `limit` jobs that ended KEPT seconds ago; how many."""
        return await self._store.delete_ended(self._clock() - KEPT, limit=limit)

    async def _known(self, mark: str, wanted: Wanted) -> Job | None:
        for job in await self._store.same(mark):
            if (job.chat_id, job.options) != (wanted.chat_id, wanted.options):
                continue
            if job.state is not State.DONE or await self.still_there(job):
                return job
        return None

    async def _check_open(self, person: int | None, depth: int = 0) -> None:
        """Entries of lists may be more than jobs that somebody asked for: lists that wait for each other never end."""
        most = self._bounds.open * (depth + 1)
        if await self._store.open_by(person) >= most:
            raise QuotaExceeded(f"There are {most} jobs that have not ended: wait until one has, or cancel some.")

    def _mark(self, address: Address) -> str:
        """The fingerprint, of which nobody can find out credentials."""
        return self._sealing.mark(address.same) if address.credentials else fingerprint_of(address.same)

    def _job(self, wanted: Wanted, address: Address, mark: str) -> Job:
        id, now = wanted.id or secrets.token_hex(8), self._clock()
        sealed = None if address.full == address.shown else self._sealing.seal(id, address.full)
        return Job(
            id, address.shown, wanted.chat_id, now, sealed=sealed, person=wanted.person, options=wanted.options,
            priority=wanted.priority, due=now, fingerprint=mark, asked=wanted.asked, depth=wanted.depth,
            updated=now,
        )  # fmt: skip

    async def _ask(self, id: str, person: int | None, change: _Transition) -> Job:
        for _ in range(_TRIES):
            job = await self.get(id, person=person)
            after = change(job, now=self._clock())
            if after == job:
                return job
            if await self._store.replace(after):
                return self._changed(replace(after, version=after.version + 1))
        raise _busy()

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
        await self.save(job, lambda stored: transitions.released(stored, now=self._clock()))
        return None

    def _changed(self, job: Job) -> Job:
        self.on_change(job)
        return job


def fingerprint_of(same: str) -> str:
    """The fingerprint of a source without credentials; `same` as in addresses.Address."""
    return hashlib.sha256(same.encode()).hexdigest()


def worker_name(bot: str, process: str) -> str:
    """The name of a worker: its bot, and what is different in each process."""
    return f"{bot}/{process}"


def _busy() -> CatalogError:
    return CatalogError("the job is changed by too many at once: try again")

"""A playlist: its entries become jobs of their own as they are found, and its own job ends when they have."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from streamvault.errors import JobMissing, NotYet, QuotaExceeded, SourceRefused
from streamvault.leech.file_names import clean_name
from streamvault.leech.held import HeldJob
from streamvault.leech.model import ENDED, Described, Job, State, Transfer
from streamvault.leech.queue import Queue, Wanted
from streamvault.leech.ytdlp.command import plain_address
from streamvault.leech.ytdlp.lines import Entry
from streamvault.leech.ytdlp.program import CutShort, NothingFound

LIST = "list"
"""Where Transfer.source holds what came of a list so far."""
MOST = 10_000
"""Entries that are taken of one list."""
DEEPEST = 3
"""Lists in lists."""
TOLD = 20
"""Entries whose end is told one by one where the list was asked for; of longer lists, the list's own end is."""
STEP = 50
"""Entries after which it is recorded how far the list is."""
LISTED = 5
"""Failures that the reason names."""
LOOKED_AT = 200
"""Jobs that are looked at each time."""
PAUSE, LONGEST_PAUSE = 2.0, 60.0
"""Seconds until they are looked at again: a second for each that is open, within these bounds."""


@dataclass
class ListState:
    """How far a list is. `seen`: number of its last entry that was taken. `told`: entries that its site says it has.
    `whole`: all entries that it gives were seen. `open`: ids of jobs that have not ended. `known`: entries that were
    leeched before. `failures`: numbers or titles, each with a reason, of the first ones of `failed`. `cut`: why there
    may be more entries than were seen.
    """

    title: str | None = None
    seen: int = 0
    told: int | None = None
    whole: bool = False
    open: list[str] = field(default_factory=list)
    added: int = 0
    known: int = 0
    done: int = 0
    failed: int = 0
    failures: list[str] = field(default_factory=list)
    cut: str | None = None

    @classmethod
    def of(cls, transfer: Transfer) -> "ListState | None":
        """What is recorded, None where nothing is."""
        value = transfer.source.get(LIST)
        return None if value is None else cls(**value)

    def fail(self, name: str, reason: str) -> None:
        """One more entry is missing."""
        self.failed += 1
        if len(self.failures) < LISTED:
            self.failures.append(f"{name}: {reason}"[:200])

    @property
    def outcome(self) -> str:
        """What came of it, in a sentence or two."""
        total = self.done + self.failed
        if self.failed:
            listed = "; ".join(self.failures) + ("; ..." if self.failed > LISTED else "")
            said = f"{self.done} of {total} entries, {self.failed} missing: {listed}"
        else:
            said = "its only entry" if total == 1 else f"all {total} entries"
        if self.told is not None and self.told > self.seen:
            said += f". The site says that there are {self.told:,}, and gives {self.seen:,}"
        return said if self.cut is None else f"{said}. There may be more: {self.cut}"


class Listing:
    """The entries of one job's list."""

    def __init__(self, queue: Queue, held: HeldJob) -> None:
        self._queue = queue
        self._held = held
        self._state = ListState.of(held.job.transfer) or ListState()

    @property
    def seen(self) -> int:
        """The number of the last entry that was taken."""
        return self._state.seen

    @property
    def whole(self) -> bool:
        """Whether all entries were seen."""
        return self._state.whole

    async def take(self, entries: AsyncIterator[Entry], *, address: str) -> None:
        """Queue a job for each entry. Raises NotYet while there are too many jobs, and what `entries` raise."""
        state = self._state
        try:
            async for entry in entries:
                number = entry.number or state.seen + 1
                state.title, state.told = entry.list_title or state.title, entry.told or state.told
                await self._add(entry, number, address)
                state.seen = number
                if (state.added + state.known + state.failed) % STEP == 0:
                    await self._store()
                if number >= MOST:
                    break
        except NothingFound:
            if not state.seen:
                raise
        except CutShort as error:
            state.cut = str(error)
        except QuotaExceeded as error:
            raise NotYet(f"waits with {state.seen} entries queued: {error}", retry_after=LONGEST_PAUSE) from None
        finally:
            await self._store()
        state.whole = True
        if self._chosen:  # how many the others are is no fault
            state.told = None
        await self._store()

    async def finish(self) -> str:
        """What came of it, once no job is open. Raises NotYet before, and SourceRefused where nothing came of it."""
        state = self._state
        waiting = list[str]()
        for id in state.open[:LOOKED_AT]:
            if not await self._ended(id):
                waiting.append(id)
        state.open = waiting + state.open[LOOKED_AT:]
        await self._store()
        if state.open:
            said = f"{state.done} of {state.done + state.failed + len(state.open)} entries are there"
            raise NotYet(said, retry_after=min(LONGEST_PAUSE, max(PAUSE, float(len(state.open)))))
        if not state.done and state.failed:
            await self._held.store(replace(self._held.job.transfer, source={}))  # a retry looks again
            raise SourceRefused(f"no entry of this list could be had: {'; '.join(state.failures)}")
        return state.outcome

    @property
    def _chosen(self) -> Sequence[int]:
        return self._held.job.options.select

    async def _add(self, entry: Entry, number: int, address: str) -> None:
        state, job = self._state, self._held.job
        own = _page(entry)
        options = replace(job.options, name=None, select=() if own else (number,), choose=False)
        wanted = Wanted(
            own or address, job.chat_id, job.person, options, job.priority, depth=job.depth + 1,
            asked=replace(job.asked, told=None) if job.asked and number <= TOLD >= (entry.told or 0) else None,
        )  # fmt: skip
        try:
            added = await self._queue.add(wanted)
        except SourceRefused as error:
            state.fail(str(number), str(error))
            return
        if added.job.state is State.DONE:
            state.known, state.done = state.known + 1, state.done + 1
            return
        state.added += added.new
        state.known += not added.new
        if added.job.id not in state.open[-STEP:]:
            state.open.append(added.job.id)

    async def _ended(self, id: str) -> bool:
        state = self._state
        try:
            job = await self._queue.get(id)
        except JobMissing:
            return True
        if job.state is State.DONE:
            state.done += 1
        elif job.state in ENDED:
            state.fail(_name(job), job.reason or job.state.value)
        return job.state in ENDED

    async def _store(self) -> None:
        value: dict[str, Any] = {name: getattr(self._state, name) for name in ListState.__dataclass_fields__}
        transfer = self._held.job.transfer
        described = None if self._state.title is None else Described(clean_name(self._state.title), None)
        await self._held.store(replace(transfer, described=described, source={**transfer.source, LIST: value}))


def _page(entry: Entry) -> str | None:
    """The address of an entry's own page; None where it can only be had by its number in the list."""
    if not entry.reference or entry.url is None:
        return None
    try:
        return plain_address(entry.url)
    except SourceRefused:
        return None


def _name(job: Job) -> str:
    described = job.transfer.described
    if described is not None:
        return described.name
    return str(job.options.select[0]) if job.options.select else job.source

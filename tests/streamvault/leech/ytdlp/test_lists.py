"""The entries of a list become jobs; it ends when they have, whatever became of them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from streamvault.errors import NotYet, SourceRefused
from streamvault.leech.claiming import Bounds
from streamvault.leech.held import HeldJob
from streamvault.leech.model import Asked, Job, Options, State
from streamvault.leech.queue import Queue, Wanted
from streamvault.leech.sealing import Sealing
from streamvault.leech.ytdlp.lines import Entry
from streamvault.leech.ytdlp.lists import TOLD, Listing
from streamvault.leech.ytdlp.program import CutShort, NothingFound
from tests.support.job_store import MemoryJobs

CHAT, PERSON, LIST = -1001000000001, 7, "https://example.org/list"


def entry(number: int, *, told: int | None = None, page: bool = True) -> Entry:
    url = f"https://example.org/{number}"
    return Entry(str(number), f"No. {number}", url, reference=page, number=number, list_title="All", told=told)


async def entries(*found: Entry | Exception) -> AsyncIterator[Entry]:
    for one in found:
        if isinstance(one, Exception):
            raise one
        yield one


@dataclass
class Desk:
    """A queue, and its job for a list as a worker holds it."""

    store: MemoryJobs = field(default_factory=MemoryJobs)
    open: int = 1000
    chosen: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self.queue = Queue(self.store, Sealing(b"k" * 32), bounds=Bounds(open=self.open, each=9, held=9))

    async def listing(self) -> Listing:
        """The list's job as it is stored, in new hands."""
        wanted = Wanted(LIST, CHAT, PERSON, Options(ytdlp=True, select=self.chosen), asked=Asked(1, 2, 3))
        job = (await self.queue.add(wanted)).job
        if job.lease is not None:
            await self.queue.save(job, lambda held: replace(held, lease=None, state=State.QUEUED, due=0.0))
        others = [one for one in self.store.stored.values() if one.depth]
        for one in others:
            self.store.stored[one.id] = replace(one, due=4e9)
        claimed = await self.queue.claim("w")
        assert claimed is not None
        assert claimed.id == job.id
        for one in others:
            self.store.stored[one.id] = replace(one, due=0.0)
        return Listing(self.queue, HeldJob(self.queue, claimed))

    def jobs(self) -> list[Job]:
        """The entries, as they were added."""
        return sorted((job for job in self.store.stored.values() if job.depth), key=lambda job: job.created)

    def end(self, number: int, state: State, reason: str | None = None) -> None:
        job = self.jobs()[number]
        self.store.stored[job.id] = replace(job, state=state, reason=reason, version=job.version + 1)


async def test_entries_become_jobs_of_their_own_and_failures_are_told() -> None:
    desk = Desk()
    listing = await desk.listing()
    await listing.take(entries(entry(1, told=3), entry(2, told=3, page=False), entry(3, told=3)), address=LIST)
    first, second, third = desk.jobs()
    assert [(job.source, job.options) for job in (first, second, third)] == [
        ("https://example.org/1", Options(ytdlp=True)),
        (LIST, Options(ytdlp=True, select=(2,))),
        ("https://example.org/3", Options(ytdlp=True)),
    ]
    assert {(job.person, job.chat_id, job.depth, job.asked) for job in desk.jobs()} == {
        (PERSON, CHAT, 1, Asked(1, 2, 3))
    }
    desk.end(0, State.DONE)
    desk.end(1, State.FAILED, "gone")
    with pytest.raises(NotYet, match="1 of 3 entries are there"):
        await listing.finish()
    desk.end(2, State.DONE)
    listing = await desk.listing()
    assert listing.whole
    assert await listing.finish() == "2 of 3 entries, 1 missing: 2: gone"


async def test_another_worker_goes_on_behind_the_last_entry() -> None:
    desk = Desk()
    listing = await desk.listing()
    with pytest.raises(RuntimeError, match="killed"):
        await listing.take(entries(entry(1), entry(2), RuntimeError("killed")), address=LIST)
    listing = await desk.listing()
    assert (listing.seen, listing.whole) == (2, False)
    await listing.take(entries(entry(2), entry(3)), address=LIST)  # as some sites count
    assert len(desk.jobs()) == 3
    for number in range(3):
        desk.end(number, State.DONE)
    assert await listing.finish() == "all 3 entries"


async def test_nothing_behind_the_last_entry_is_the_end() -> None:
    desk = Desk()
    listing = await desk.listing()
    with pytest.raises(NothingFound):
        await listing.take(entries(NothingFound("nothing")), address=LIST)
    with pytest.raises(RuntimeError, match="killed"):
        await listing.take(entries(entry(1), RuntimeError("killed")), address=LIST)
    listing = await desk.listing()
    await listing.take(entries(NothingFound("nothing")), address=LIST)
    desk.end(0, State.DONE)
    assert await listing.finish() == "its only entry"


async def test_too_many_jobs_are_waited_for() -> None:
    desk = Desk(open=1)
    listing = await desk.listing()
    with pytest.raises(NotYet, match="waits with 1 entries queued"):
        await listing.take(entries(*map(entry, range(1, 4))), address=LIST)
    desk.end(0, State.DONE)
    listing = await desk.listing()
    assert listing.seen == 1


async def test_fewer_entries_than_a_site_says_are_told() -> None:
    desk = Desk()
    listing = await desk.listing()
    await listing.take(entries(entry(1, told=2000), CutShort("the next page did not come")), address=LIST)
    desk.end(0, State.DONE)
    assert await listing.finish() == (
        "its only entry. The site says that there are 2,000, and gives 1. There may be more: the next page did not come"
    )
    chosen = Desk(chosen=(5, 7))
    listing = await chosen.listing()
    await listing.take(entries(entry(5, told=2000), entry(7, told=2000)), address=LIST)
    chosen.end(0, State.DONE)
    chosen.end(1, State.DONE)
    assert await listing.finish() == "all 2 entries"


async def test_a_list_of_which_nothing_came_fails() -> None:
    desk = Desk()
    listing = await desk.listing()
    await listing.take(entries(entry(1)), address=LIST)
    desk.end(0, State.CANCELLED)
    with pytest.raises(SourceRefused, match=r"no entry of this list could be had: .*/1: cancelled"):
        await listing.finish()
    assert not (await desk.listing()).whole, "a retry does not look again"


async def test_of_a_long_list_its_own_end_is_told_alone() -> None:
    desk = Desk()
    listing = await desk.listing()
    many = TOLD + 5
    await listing.take(entries(*(entry(number) for number in range(1, many + 1))), address=LIST)
    assert [job.asked is not None for job in desk.jobs()] == [True] * TOLD + [False] * 5
    told = Desk()
    await (await told.listing()).take(entries(entry(1, told=many)), address=LIST)
    assert told.jobs()[0].asked is None

"""What a source holds is asked about once it is known, and taken as it was picked."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from streamvault.errors import JobConflict, SourceFailed, SourceRefused
from streamvault.leech import transitions
from streamvault.leech.choice import LONGEST, MOST, ChoiceNeeded, Choosable, asking, choice_of, picked, toggled
from streamvault.leech.claiming import Bounds
from streamvault.leech.disk import LeechDisk
from streamvault.leech.egress.guard import Guard
from streamvault.leech.held import HeldJob
from streamvault.leech.model import Asked, Job, Lease, Options, State, Transfer
from streamvault.leech.queue import Queue, Wanted
from streamvault.leech.sealing import Sealing
from streamvault.leech.sources.http.client import Client
from streamvault.leech.store.codec import job_of, text_of
from streamvault.leech.worker import Worker
from streamvault.leech.ytdlp.lines import Entry
from streamvault.leech.ytdlp.program import CutShort
from streamvault.leech.ytdlp.work import TOO_MANY, YtdlpWork
from tests.support.job_store import MemoryJobs
from tests.support.waiting import until

LIST, CHAT, ANNA = "https://example.org/list", -1001000000001, 7
ENTRIES = (Choosable(1, "one", 500), Choosable(3, "x" * 200), Choosable(4, "\ud83d четыре"))


def asked(job: Job, entries: tuple[Choosable, ...] = ENTRIES) -> Job:
    """The job, once its worker knows what there is."""
    held = replace(job, state=State.READING, lease=Lease("w", 100.0, 1), fence=1)
    transfer = asking(Transfer(), ChoiceNeeded(entries, "All of them"))
    return transitions.choosing(replace(held, transfer=transfer), now=5.0)


def a_job(**values: Any) -> Job:
    return Job("a" * 16, LIST, CHAT, 1.0, options=Options(ytdlp=True, choose=True), **values)


def test_entries_are_picked_and_the_job_starts_with_them() -> None:
    job = asked(a_job())
    assert (job.state, job.lease, job.reason) == (
        State.PAUSED, None, "which of 3 entries are wanted has to be chosen",
    )  # fmt: skip
    stored = job_of(text_of(job), 0)
    assert choice_of(stored) == (ENTRIES[0], Choosable(3, "x" * LONGEST), ENTRIES[2])
    assert stored.transfer.described is not None
    assert stored.transfer.described.name == "All of them"
    job = toggled(toggled(toggled(stored, 4, now=6.0), 1, now=6.0), 3, now=6.0)
    assert job.options.select == (1, 3, 4)
    assert toggled(job, 3, now=7.0).options.select == (1, 4)
    assert toggled(job, 99, now=7.0) == job, "there is no such entry"
    assert picked(job, [4, 2], now=7.0).options.select == (4,)
    started = transitions.resumed(picked(job, [4], now=7.0), now=8.0)
    assert (started.state, started.transfer, started.reason) == (State.QUEUED, Transfer(), None)
    assert started.options == Options(ytdlp=True, select=(4,))
    for other in (started, a_job(), replace(job, state=State.CANCELLED)):
        with pytest.raises(JobConflict):
            toggled(other, 1, now=9.0)
        with pytest.raises(JobConflict):
            picked(other, [1], now=9.0)


def test_what_was_told_stays_told_while_somebody_picks() -> None:
    """Or else each press would send the question again."""
    told = asked(a_job(asked=Asked(1, 2, 3)))
    assert toggled(told, 1, now=6.0).asked == Asked(1, 2, 3)
    told = replace(told, asked=Asked(1, 2, 3, told=told.updated))
    changed = toggled(told, 1, now=6.0)
    assert (changed.updated, changed.asked) == (6.0, Asked(1, 2, 3, told=6.0))


def test_resuming_without_a_pick_takes_everything_and_a_retry_asks_again() -> None:
    job = asked(a_job())
    assert transitions.resumed(job, now=8.0).options == Options(ytdlp=True)
    cancelled = transitions.cancelled(job, now=8.0)
    assert choice_of(cancelled) is None
    again = transitions.retried(cancelled, now=9.0)
    assert (again.options.choose, again.transfer) == (True, Transfer())
    wished = replace(job, state=State.READING, lease=Lease("w", 100.0, 1), wish="cancel")
    assert transitions.choosing(wished, now=9.0).state is State.CANCELLED


@dataclass
class Found:
    """What yt-dlp would find."""

    entries: list[Any] = field(default_factory=list)

    async def look(self, address: str, *, items: str = "", flat: bool = True) -> AsyncGenerator[Entry, None]:
        for one in self.entries:
            if isinstance(one, Exception):
                raise one
            yield one


def entry(number: int | None, *, reference: bool = True) -> Entry:
    return Entry(
        f"{number}", f"No. {number}", f"https://example.org/{number}", reference=reference, number=number,
        list_title="All", protocol="" if reference else "https",
    )  # fmt: skip


async def looked(folder: Path, found: Found, **options: Any) -> tuple[Queue, Job]:
    """A job that a worker has looked at with this."""

    async def nothing(*_: object) -> None:
        raise SourceRefused("this is one video")

    store = MemoryJobs()
    queue = Queue(store, Sealing(b"k" * 32), bounds=Bounds(each=9, held=9))
    disk = LeechDisk(folder, 1 << 20, space=lambda: None)  # type: ignore[arg-type, return-value]
    ytdlp: Any = found
    work = YtdlpWork(ytdlp, Client(Guard()), disk, queue, nothing, nothing, space=1 << 20)
    job = (await queue.add(Wanted(LIST, CHAT, ANNA, Options(ytdlp=True, **options)))).job

    async def do(held: HeldJob) -> None:
        if held.job.id == job.id:
            await work(held, LIST)

    worker = Worker(queue, do, name="w", most=1)
    await worker._take_up()
    await until(lambda: not worker._tasks, pause=0.005)
    return queue, await queue.get(job.id)


async def test_a_list_is_asked_about_and_a_video_is_not(tmp_path: Path) -> None:
    _, job = await looked(tmp_path, Found([entry(1), entry(2), CutShort("the rest is away")]), choose=True)
    assert choice_of(job) == (Choosable(1, "No. 1"), Choosable(2, "No. 2"))
    _, job = await looked(tmp_path, Found([entry(n) for n in range(1, MOST + 2)]), choose=True)
    assert (job.state, job.reason) == (State.FAILED, TOO_MANY)
    _, job = await looked(tmp_path, Found([entry(None, reference=False)]), choose=True)
    assert job.state is State.FAILED
    assert choice_of(job) is None
    queue, job = await looked(tmp_path, Found([entry(1)]), choose=True)
    assert (job.state, choice_of(job)) == (State.WAITING, None)
    [added] = [one for one in await queue.listed(limit=9) if one.depth]
    assert (added.source, added.options) == ("https://example.org/1", Options(ytdlp=True))
    _, job = await looked(tmp_path, Found([SourceFailed("away")]), choose=True)
    assert (job.state, job.attempts) == (State.WAITING, 1)


def test_options_exclude_each_other() -> None:
    assert Options(choose=True, unzip=True).conflict is not None
    assert Options(ytdlp=True, choose=True, select=(1,)).conflict is not None
    assert Options(ytdlp=True, choose=True).conflict is None

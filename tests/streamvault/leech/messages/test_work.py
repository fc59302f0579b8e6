"""What becomes of links: copies, uploads, and jobs for each file of a range."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from streamvault.errors import NotYet, SourceBusy, SourceRefused
from streamvault.leech.claiming import Bounds
from streamvault.leech.held import HeldJob
from streamvault.leech.messages.work import COPIED, THERE, MessagesWork, Telegram
from streamvault.leech.model import Job, Options, State
from streamvault.leech.posting import Looking
from streamvault.leech.queue import Queue, Wanted
from streamvault.leech.sealing import Sealing
from streamvault.leech.sources.base import Source
from tests.support.job_store import MemoryJobs
from tests.support.message_memory import CHAT, MemoryMessages

TARGET, OWNER, MEMBER = -1001000000001, 7, 8


@dataclass
class Desk:
    """A queue, a chat, and the work for its jobs; `sent`: ids of jobs whose files were uploaded."""

    memory: MemoryMessages = field(default_factory=MemoryMessages)
    store: MemoryJobs = field(default_factory=MemoryJobs)
    sent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.queue = Queue(self.store, Sealing(b"k" * 32), bounds=Bounds(open=20_000, each=99, held=99))
        memory = self.memory
        telegram = Telegram(memory, memory, memory, memory.known, lambda person: person in (None, OWNER))
        self.work = MessagesWork(telegram, self.queue, self._send, most=1 << 20)

    async def _send(self, held: HeldJob, source: Source, look: Looking) -> None:
        self.sent.append(held.job.id)

    async def add(self, link: str, *, person: int | None = None, **options: Any) -> Job:
        return (await self.queue.add(Wanted(link, TARGET, person, Options(**options)))).job

    async def do(self, job: Job) -> HeldJob:
        """Take up this job, with no other due, and work at it. Raises what the work raises."""
        stored = self.store.stored[job.id]
        held = replace(stored, lease=None, state=State.QUEUED, due=0.0, priority=1_000_000)
        self.store.stored[job.id] = held
        claimed = await self.queue.claim("worker")
        assert claimed is not None
        assert claimed.id == job.id
        worked = HeldJob(self.queue, claimed)
        await self.work(worked, self.queue.address(claimed))
        return worked

    def entries(self) -> list[str]:
        """The ends of the links of a list's jobs, in order."""
        jobs = sorted((job for job in self.store.stored.values() if job.depth), key=lambda job: job.created)
        return [job.source.removeprefix("https://t.me/films/") for job in jobs]

    async def finish_entries(self, end: Callable[[Job], Job]) -> None:
        for job in list(self.store.stored.values()):
            if job.depth:
                self.store.stored[job.id] = end(job)


async def test_a_message_is_copied_and_its_post_is_the_jobs() -> None:
    desk = Desk()
    desk.memory.add(5)
    held = await desk.do(await desk.add("https://t.me/films/5"))
    transfer = held.job.transfer
    assert ([piece.message_id for piece in transfer.pieces], transfer.complete, transfer.notes) == (
        [10_005],
        True,
        (COPIED,),
    )
    again = await desk.do(held.job)
    assert (len(desk.memory.copied), again.job.transfer.pieces) == (1, transfer.pieces)


async def test_when_the_first_try_was_begun_and_its_key_stay_the_same() -> None:
    desk = Desk()
    desk.memory.add(5)
    job = await desk.add("https://t.me/films/5")
    first = await desk.do(job)
    lost = replace(first.job, transfer=replace(first.job.transfer, pieces=(), complete=False))
    desk.store.stored[job.id] = lost
    await desk.do(job)
    assert desk.memory.copied[0] == desk.memory.copied[1], "a worker that died before it recorded the copy"


async def test_what_is_there_is_not_copied_again() -> None:
    desk = Desk()
    for id in (5, 6, 7):
        desk.memory.add(id, album=3)
    desk.memory.there = {"unique 6": 66}
    held = await desk.do(await desk.add("https://t.me/films/6"))
    assert [piece.message_id for piece in held.job.transfer.pieces] == [10_005, 66, 10_007]
    assert [piece.start for piece in held.job.transfer.pieces] == [0, 1000, 2000]
    held = await desk.do(await desk.add("https://t.me/films/6?single"))
    assert ([piece.message_id for piece in held.job.transfer.pieces], held.job.transfer.notes) == ([66], (THERE,))
    assert [copy.ids for copy in desk.memory.copied] == [(5, 7)]


async def test_what_may_not_be_copied_is_uploaded() -> None:
    desk = Desk()
    desk.memory.add(5)
    desk.memory.add(6, protected=True)
    desk.memory.refuses = {5}
    jobs = [await desk.add(f"https://t.me/films/{id}") for id in (5, 6)]
    desk.memory.add(7, kind="video")
    jobs.append(await desk.add("https://t.me/films/7", as_document=True))
    jobs.append(await desk.add("https://t.me/films/5", name="Other.mkv"))
    for job in jobs:
        await desk.do(job)
    await desk.do(jobs[0])
    assert desk.sent == [job.id for job in [*jobs, jobs[0]]]
    assert [copy.ids for copy in desk.memory.copied] == [(5,)], "it is asked once"
    desk.memory.add(9, size=2 << 20, protected=True)
    with pytest.raises(SourceRefused, match="2,097,152 bytes, and at most 1,048,576"):
        await desk.do(await desk.add("https://t.me/films/9"))


async def test_an_album_with_one_message_that_may_not_be_copied_becomes_jobs() -> None:
    """M5: that one by upload, the rest by copy."""
    desk = Desk()
    for id in (5, 6, 7):
        desk.memory.add(id, album=3)
    desk.memory.refuses = {6}
    job = await desk.add("https://t.me/films/7")
    with pytest.raises(NotYet, match="0 of 3 entries"):
        await desk.do(job)
    assert desk.entries() == ["5?single", "6?single", "7?single"]
    with pytest.raises(NotYet):
        await desk.do(job)
    assert len(desk.entries()) == 3
    await desk.finish_entries(lambda one: replace(one, state=State.DONE, lease=None))
    assert (await desk.do(job)).outcome == "all 3 entries"


async def test_a_long_range_is_read_by_batches_and_gone_on_with() -> None:
    desk = Desk()
    for id in range(1, 351):
        desk.memory.add(id, album=9 if 98 <= id <= 103 else None, holds="text" if id % 10 == 0 else "file")
    for id in range(120, 271):
        desk.memory.messages.pop(id)
    desk.memory.fails_at = 301
    job = await desk.add("https://t.me/films/1-360")
    with pytest.raises(SourceBusy):
        await desk.do(job)
    seen = len(desk.entries())
    with pytest.raises(NotYet):
        await desk.do(job)
    files = [id for id in range(1, 351) if id % 10 and not 120 <= id <= 270 and not 98 <= id <= 103]
    assert desk.entries().count("98-103") == 1, "an album over the edge of a batch"
    assert sorted(desk.entries()) == sorted([*(f"{id}?single" for id in files), "98-103"])
    assert 0 < seen < len(desk.entries())
    await desk.finish_entries(lambda one: replace(one, state=State.DONE, lease=None))
    outcome = (await desk.do(job)).outcome
    assert outcome is not None
    assert outcome.endswith(". Left out of 360 messages: 161 that are not there, 19 without a file")


async def test_a_range_within_a_topic_takes_that_alone() -> None:
    """L2."""
    desk = Desk()
    for id in range(5, 13):
        desk.memory.add(id, topic=3 if id % 2 else 4)
    job = await desk.add("https://t.me/films/3/12-5")
    with pytest.raises(NotYet):
        await desk.do(job)
    assert desk.entries() == ["5?single", "7?single", "9?single", "11?single"]


async def test_private_chats_are_for_owners_and_for_those_who_are_in_them() -> None:
    desk = Desk()
    desk.memory.chat = replace(CHAT, public=False)
    desk.memory.add(5)
    await desk.do(await desk.add("https://t.me/c/1960912864/5"))
    await desk.do(await desk.add("https://t.me/c/1960912864/5?single", person=OWNER))
    job = await desk.add("tg://privatepost?channel=1960912864&post=5", person=MEMBER, name="Mine.mkv")
    with pytest.raises(SourceRefused, match="This chat is private"):
        await desk.do(job)
    desk.memory.members = {MEMBER}
    await desk.do(job)
    assert desk.sent == [job.id]
    desk.memory.add(6)
    desk.memory.add(7)
    both = await desk.add("https://t.me/c/1960912864/6-7", person=MEMBER)
    with pytest.raises(NotYet):
        await desk.do(both)
    desk.memory.members = set()
    [first, _] = [one for one in desk.store.stored.values() if one.depth]
    assert (await desk.do(first)).job.transfer.complete, "it is asked once for all entries"


async def test_what_holds_no_file_is_said() -> None:
    desk = Desk()
    desk.memory.add(1, holds="text")
    desk.memory.add(2, holds="paid")
    desk.memory.add(3, holds="once")
    for id in (20, 21):
        desk.memory.add(id, album=1)
    sentences = {
        "https://t.me/films/1": "This message holds no file.",
        "https://t.me/films/2": "is to be paid for",
        "https://t.me/films/3": "can be seen once",
        "https://t.me/films/4": "There is no message 4 in this chat.",
        "https://t.me/others/4": "There is no channel or group @others",
        "https://t.me/c/5/4": "The leech bot @fetching_bot cannot see this chat: add it there as an administrator.",
        "https://t.me/films/1-3": "No message of this range holds a file. Left out of 3 messages: 3 without a file",
        "https://t.me/films/4?comment=7": "has no group for comments that the leech bot @fetching_bot can see",
    }
    for link, sentence in sentences.items():
        with pytest.raises(SourceRefused) as raised:
            await desk.do(await desk.add(link))
        assert sentence in str(raised.value), link
    with pytest.raises(SourceRefused, match="A name is for one file, and this link is of 2"):
        await desk.do(await desk.add("https://t.me/films/20", name="One.mkv"))
    desk.memory.chat = replace(CHAT, sees_all=False)
    with pytest.raises(SourceRefused, match="or the leech bot @fetching_bot may not see it: make it an administrator"):
        await desk.do(await desk.add("https://t.me/films/9"))

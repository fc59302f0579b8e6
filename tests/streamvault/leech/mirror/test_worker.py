"""The worker and the desk: mirrors are taken up, wait, end, and are removed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from streamvault.errors import JobConflict, JobMissing, SourceRefused
from streamvault.leech.mirror.desk import MirrorDesk, Wanted
from streamvault.leech.mirror.held import LeaseLost, claimed
from streamvault.leech.mirror.model import Change, Copy, Item, Lease, Mirror, Pending, State, Upload
from streamvault.leech.mirror.ports import FoundChannel
from streamvault.leech.mirror.progress import HeldProgress
from streamvault.leech.mirror.worker import AGAIN, CONNECTING, POLL, Mirrors
from tests.support.mirror_memory import MemoryChannels, MemoryMirrors, post
from tests.support.waiting import until

SOURCE, TARGET, OTHER, MUTE = -1, -2, -3, -4


class Stage:
    def __init__(self) -> None:
        self.store, self.channels = MemoryMirrors(), MemoryChannels()
        self.channels.chats = {SOURCE: {1: post(1, "one"), 2: post(2, "two")}}
        for chat_id, posts in ((SOURCE, True), (TARGET, True), (OTHER, True), (MUTE, False)):
            found = FoundChannel(chat_id, f"Chat {-chat_id}", reads=chat_id != MUTE, posts=posts)
            self.channels.found |= {chat_id: found, f"@chat{-chat_id}": found}
        self.online = True
        self.worker = self.new_worker("7 here")
        self.desk = MirrorDesk(self.store, self.channels, on_change=self._changed, on_news=self.worker.wake)

    def new_worker(self, name: str) -> Mirrors:
        return Mirrors(self.store, self.channels, name=lambda: name, connected=lambda: self.online)

    async def _changed(self) -> None:
        self.worker.look()

    async def add(self, source: int | str = SOURCE, target: int | str = TARGET, **wishes: bool) -> Mirror:
        wanted = Wanted(source, target, **wishes)
        return (await self.desk.add(wanted, *await self.desk.find(wanted))).mirror

    async def reaches(self, id: str, state: State) -> Mirror:
        async def there() -> Mirror | None:
            found = self.store.stored[id]
            return found if found.state is state else None

        return await until(there)

    def texts(self, chat_id: int = TARGET) -> list[str]:
        return [one.text for one in self.channels.chats.get(chat_id, {}).values()]


@asynccontextmanager
async def running(worker: Mirrors) -> AsyncIterator[None]:
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_mirror_is_taken_up_follows_and_is_removed() -> None:
    stage = Stage()
    async with running(stage.worker):
        made = await stage.add("@chat1")
        await stage.reaches(made.id, State.FOLLOWING)
        stage.channels.chats[SOURCE][3] = post(3, "three")
        await stage.desk.note(SOURCE, posted=[3], deleted=[])
        await until(lambda: stage.texts() == ["one", "two", "three"])
        await stage.desk.remove(made.id)
        stage.channels.chats[SOURCE][4] = post(4, "four")
        await stage.desk.note(SOURCE, posted=[4], deleted=[])
        await until(lambda: not stage.worker._tasks or None)
    assert stage.texts() == ["one", "two", "three"]


async def test_several_mirrors_of_a_source_all_hear_of_it() -> None:
    stage = Stage()
    async with running(stage.worker):
        made = [await stage.add(SOURCE, target) for target in (TARGET, OTHER)]
        for one in made:
            await stage.reaches(one.id, State.FOLLOWING)
        for number in range(3, 8):
            stage.channels.chats[SOURCE][number] = post(number, f"{number}")
            await stage.desk.note(SOURCE, posted=[number], deleted=[])
        await until(lambda: len(stage.texts()) == 7 == len(stage.texts(OTHER)))


async def test_what_nobody_expected_fails_the_mirror_and_is_said() -> None:
    stage = Stage()
    made = await stage.add()

    async def broken(chat_id: int) -> int:
        raise ZeroDivisionError

    stage.channels.newest = broken  # type: ignore[method-assign]
    async with running(stage.worker):
        failed = await stage.reaches(made.id, State.FAILED)
    assert failed.reason is not None
    assert "ZeroDivisionError" in failed.reason


async def test_a_mirror_for_once_ends() -> None:
    stage = Stage()
    async with running(stage.worker):
        made = await stage.add(once=True)
        done = await stage.reaches(made.id, State.DONE)
    assert (done.lease, done.copied, stage.texts()) == (None, 2, ["one", "two"])
    again = await stage.add(once=True)
    assert (again.id, again.state) == (made.id, State.QUEUED)


async def test_a_flood_wait_is_sat_out_and_told() -> None:
    """M10: it is stored when it goes on, so that a restart changes nothing."""
    stage = Stage()
    stage.channels.busy = [2000.0]
    async with running(stage.worker):
        made = await stage.add()
        waiting = await stage.reaches(made.id, State.WAITING)
        assert waiting.due - waiting.updated == pytest.approx(2000.0)
        assert waiting.pending is not None
        await stage.new_worker("7 again")._claim()
        assert stage.channels.requests == ["forward [1, 2]"]
        stage.store.stored[made.id] = replace(stage.store.stored[made.id], due=0.0)
        stage.worker.look()
        await stage.reaches(made.id, State.FOLLOWING)
    assert stage.channels.requests == ["forward [1, 2]"] * 2
    assert stage.texts() == ["one", "two"]


async def test_one_worker_has_a_mirror_and_its_successor_takes_it_at_once() -> None:
    stage = Stage()
    made = await stage.add()
    read = stage.store.stored[made.id]
    first = await claimed(stage.store, read, worker="7 killed")
    assert first is not None
    assert await claimed(stage.store, read, worker="8 other") is None
    await stage.new_worker("8 other")._claim()
    assert stage.store.stored[made.id].lease == first.mirror.lease
    async with running(stage.worker):
        await stage.reaches(made.id, State.FOLLOWING)
        lease = stage.store.stored[made.id].lease
        assert lease is not None
        assert lease.worker == "7 here"


async def test_what_cannot_be_mirrored_is_said() -> None:
    stage = Stage()
    table: tuple[tuple[int | str, int | str, str], ...] = (
        (SOURCE, SOURCE, "same channel"),
        (MUTE, TARGET, "does not see every message of Chat 4"),
        (SOURCE, MUTE, "may not post in Chat 4"),
        (-99, TARGET, "no channel or supergroup -99"),
    )
    for source, target, text in table:
        with pytest.raises(SourceRefused, match=text):
            await stage.add(source, target)
    await stage.add(SOURCE, TARGET)
    await stage.add(TARGET, OTHER)
    with pytest.raises(JobConflict, match="for ever"):
        await stage.add(OTHER, SOURCE)
    missing: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: stage.desk.remove("0" * 16),
        lambda: stage.desk.decide("0" * 16, delete=True),
    )
    for ask in missing:
        with pytest.raises(JobMissing):
            await ask()


async def test_changes_are_noted_of_what_was_copied_or_is_on_its_way() -> None:
    stage = Stage()
    made = await stage.add(deletions=True)
    stage.store.held[made.id, 1] = Copy(1, 10)
    stage.store.stored[made.id] = replace(stage.store.stored[made.id], place=4, top=6)
    await stage.desk.note(SOURCE, posted=[1, 2, 5, 7], deleted=[6])
    assert [(one.message, one.kind) for one in await stage.store.changes(made.id)] == [
        (1, "edit"), (5, "edit"), (6, "delete")
    ]  # fmt: skip
    await stage.desk.note(OTHER, posted=[1], deleted=[])


async def test_updates_that_were_missed_have_the_copies_compared() -> None:
    stage = Stage()
    async with running(stage.worker):
        made = await stage.add()
        await stage.reaches(made.id, State.FOLLOWING)
        stage.channels.chats[SOURCE][2] = post(2, "zwei")
        await stage.desk.missed(SOURCE)
        await until(lambda: stage.texts() == ["one", "zwei"])


async def test_a_word_is_heard_by_the_worker() -> None:
    stage = Stage()
    async with running(stage.worker):
        made = await stage.add(deletions=True)
        await stage.reaches(made.id, State.FOLLOWING)
        stage.channels.chats[SOURCE] = {number: post(number, str(number)) for number in range(3, 9)}
        await stage.desk.note(SOURCE, posted=[8], deleted=[])
        await until(lambda: len(stage.texts()) == 8)
        await stage.store.note(made.id, [Change(id, "delete", 0.0) for id in range(1, 7)])
        del stage.channels.chats[SOURCE][3]
        stage.worker.look()
        await stage.reaches(made.id, State.ASKING)
        await stage.desk.decide(made.id, delete=True)
        await until(lambda: len(stage.texts()) == 2)
        await until(lambda: not stage.store.stored[made.id].asked)
    done = stage.store.stored[made.id]
    assert (done.state, done.deleted, done.allowed) == (State.FOLLOWING, 6, False)


async def test_a_word_on_deletions() -> None:
    stage = Stage()
    made = await stage.add(deletions=True)
    with pytest.raises(JobConflict, match="asks nothing"):
        await stage.desk.decide(made.id, delete=True)
    for delete in (True, False):
        await stage.store.note(made.id, [Change(1, "delete", 5.0)])
        stage.store.stored[made.id] = replace(stage.store.stored[made.id], state=State.ASKING, asked=1)
        decided = await stage.desk.decide(made.id, delete=delete)
        assert (decided.allowed, decided.state) == (delete, State.COPYING)
    assert await stage.store.changes(made.id) == []


class Reads(MemoryMirrors):
    """Counts how often all mirrors are read."""

    count = 0

    async def listed(self) -> Sequence[Mirror]:
        self.count += 1
        return await super().listed()


async def test_mirrors_are_looked_for_when_there_may_be_some() -> None:
    """Not every few seconds: this process tells of its own changes, and leases of others end at known times."""
    stage, store, pauses = Stage(), Reads(), list[float]()
    go = asyncio.Event()

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await go.wait()

    worker = Mirrors(
        store, stage.channels, name=lambda: "7 here", connected=lambda: stage.online, clock=lambda: 1000.0, sleep=sleep
    )

    async def paused() -> float:
        """The pause until the next look, which follows a word of this process."""
        pauses.clear()
        worker.look()
        return (await until(lambda: pauses))[0]

    stage.online = False
    async with running(worker):
        assert await until(lambda: pauses) == [CONNECTING]
        assert store.count == 0
        stage.online = True
        assert (await paused(), store.count) == (POLL, 1)
        mirror = Mirror("a" * 16, SOURCE, TARGET, 1.0, state=State.FOLLOWING, lease=Lease("8 there", 1030.0))
        await store.add(mirror)
        assert await paused() == 30.0
        store.stored[mirror.id] = replace(mirror, lease=Lease("8 there", 1001.0))
        assert await paused() == AGAIN
        store.stored[mirror.id] = replace(mirror, lease=None, due=1045.0)
        assert await paused() == 45.0
        store.stored[mirror.id] = replace(mirror, lease=None, state=State.DONE)
        assert await paused() == POLL
        store.failing = True
        assert await paused() == AGAIN


async def test_how_far_an_upload_is_outlives_its_worker() -> None:
    stage = Stage()
    made = await stage.add()
    held = await claimed(stage.store, stage.store.stored[made.id], worker="7 a")
    assert held is not None
    first, second = Upload(1, "f1", 11), Upload(2, "f2", 22)
    await HeldProgress(held).note(first)
    assert HeldProgress(held).upload_of(1) is None, "nothing is pending"
    await held.write(pending=Pending("upload", (Item(1, ""), Item(2, "")), 2, 0))
    for upload in (first, second, replace(first, parts=16)):
        await HeldProgress(held).note(upload)
    after = await claimed(stage.store, stage.store.stored[made.id], worker="7 b")
    assert after is not None
    assert HeldProgress(after).upload_of(1) == replace(first, parts=16)
    assert HeldProgress(after).upload_of(2) == second
    with pytest.raises(LeaseLost):
        await HeldProgress(held).note(replace(second, parts=3))

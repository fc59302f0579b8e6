"""Edits and deletions of what was copied before."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from streamvault.leech.mirror.copying import Copying
from streamvault.leech.mirror.following import EDIT_REFUSED, LAST_COPY, SETTLE, Following
from streamvault.leech.mirror.held import HeldMirror
from streamvault.leech.mirror.model import Change, Lease, Mirror, State
from streamvault.media.model import MediaFile
from tests.support.mirror_memory import MemoryChannels, MemoryMirrors, film, post

SOURCE, TARGET, ID = -1, -2, "a" * 16


class Stage:
    """A mirror of a hundred messages, which are copied; `now` in seconds."""

    def __init__(self, count: int = 100, *, last: bool = False) -> None:
        self.now, self.last = 1000.0, last
        self.store, self.channels = MemoryMirrors(), MemoryChannels()
        self.channels.chats = {SOURCE: {number: post(number, f"text {number}") for number in range(1, count + 1)}}
        self.store.stored[ID] = Mirror(
            ID, SOURCE, TARGET, 0.0, deletions=True, lease=Lease("w", 1e12), version=1, top=count
        )

    async def start(self) -> "Stage":
        self.held = HeldMirror(self.store, self.store.stored[ID], worker="w", clock=lambda: self.now)
        self.copying = Copying(self.held, self.channels, on_copied=self._copied)
        self.following = Following(
            self.held, self.channels, self.copying, on_copied=self._copied, is_last=self._is_last
        )  # fmt: skip
        while await self.copying.step():
            pass
        self.channels.requests.clear()
        return self

    async def edit(self, id: int, text: str, **fields: Any) -> None:
        self.channels.chats[SOURCE][id] = replace(post(id, text), **fields)
        await self.store.note(ID, [Change(id, "edit", self.now)])

    async def delete(self, ids: Sequence[int]) -> None:
        for id in ids:
            del self.channels.chats[SOURCE][id]
        await self.store.note(ID, [Change(id, "delete", self.now) for id in ids])

    async def _copied(self, _: Sequence[MediaFile]) -> None:
        pass

    async def _is_last(self, _: MediaFile) -> bool:
        return self.last

    @property
    def mirror(self) -> Mirror:
        return self.store.stored[ID]

    def target(self) -> list[str]:
        return [one.text for one in self.channels.chats[TARGET].values()]


async def test_edits_are_followed_and_those_that_change_nothing_cost_nothing() -> None:
    stage = await Stage(5).start()
    await stage.edit(2, "two")
    await stage.edit(3, "text 3")
    await stage.store.note(ID, [Change(77, "edit", 1.0)])
    assert await stage.following.step() is None
    assert stage.channels.requests == ["edit 2"]
    assert stage.target() == ["text 1", "two", "text 3", "text 4", "text 5"]
    assert await stage.store.changes(ID) == []
    await stage.edit(2, "two")
    await stage.following.step()
    assert stage.channels.requests == ["edit 2"]


async def test_a_copy_that_is_gone_stays_gone_and_one_that_no_edit_makes_equal_is_posted_anew() -> None:
    stage = await Stage(4).start()
    del stage.channels.chats[TARGET][1]
    stage.channels.refused, stage.channels.never = {2}, {3}
    for number in range(1, 5):
        await stage.edit(number, f"new {number}")
    stage.channels.refused = {2}
    await stage.following.step()
    assert stage.target() == ["text 3", "new 4", "new 2"]
    assert stage.mirror.left_out == {EDIT_REFUSED: 1}
    copies = await stage.store.copies(ID, [1, 2, 3])
    assert [copies[number].target for number in (1, 2, 3)] == [0, 5, 3]
    assert (stage.mirror.copied, stage.mirror.place) == (4, 4)
    stage.channels.requests.clear()
    for number in range(1, 4):
        await stage.edit(number, f"new {number}")
    await stage.following.step()
    assert stage.channels.requests == [], "none of them is tried again"


async def test_after_updates_were_missed_all_copies_are_compared() -> None:
    stage = await Stage(230).start()
    for number in (3, 150, 230):
        stage.channels.chats[SOURCE][number] = post(number, f"new {number}")
    for number in (5, 200):
        del stage.channels.chats[SOURCE][number]
    await stage.held.write(recheck=0)
    assert await stage.following.step() == SETTLE
    assert stage.channels.requests == ["edit 3", "edit 150", "edit 230"]
    assert [one.message for one in await stage.store.changes(ID)] == [5, 200]
    assert stage.mirror.recheck is None
    stage.now += SETTLE
    await stage.following.step()
    assert len(stage.target()) == 228


async def test_few_deletions_are_followed_once_no_more_come() -> None:
    stage = await Stage().start()
    await stage.delete([3, 5])
    assert await stage.following.step() == SETTLE
    assert len(stage.target()) == 100
    stage.now += SETTLE
    assert await stage.following.step() == 0.0
    assert len(stage.target()) == 98
    assert (stage.mirror.deleted, await stage.store.changes(ID)) == (2, [])


async def test_many_deletions_wait_for_a_word() -> None:
    for allowed in (True, False):
        stage = await Stage(200).start()
        await stage.delete(range(1, 180))
        stage.now += SETTLE
        for _ in range(2):
            assert await stage.following.step() is None
            assert (stage.mirror.state, stage.mirror.asked, len(stage.target())) == (State.ASKING, 179, 200)
        if allowed:
            await stage.held.write(allowed=True)
        else:
            await stage.store.settle(ID, await stage.store.changes(ID))
        await stage.following.step()
        await stage.following.step()
        assert len(stage.target()) == (21 if allowed else 200)
        assert (stage.mirror.asked, stage.mirror.allowed) == (0, False)


async def test_a_small_copy_is_not_emptied_unasked() -> None:
    stage = await Stage(10).start()
    await stage.delete([1, 2, 3, 4])
    stage.now += SETTLE
    await stage.following.step()
    assert stage.mirror.state is State.ASKING


async def test_the_last_copy_of_a_file_and_what_a_timer_deleted_stay() -> None:
    stage = Stage(0, last=True)
    stage.channels.chats[SOURCE] = {1: film(1, "film"), 2: post(2, "timed", expires=True), 3: post(3, "text")}
    stage.store.stored[ID] = replace(stage.mirror, top=3)
    await stage.start()
    await stage.delete([1, 2, 3])
    stage.now += SETTLE
    await stage.following.step()
    assert stage.target() == ["film", "timed"]
    assert stage.mirror.left_out == {LAST_COPY: 1}

"""What every MirrorStore does."""

from dataclasses import replace

import pytest

from streamvault.leech.mirror.model import Change, Copy, Item, Lease, Mirror, Pending, State, Upload
from streamvault.leech.mirror.store.base import MAX_COPIED, MirrorStore
from streamvault.media.model import Origin

SOURCE, TARGET = -1001234567890, -1001234567891
UPLOADS = (Upload(1, "f", (1 << 63) - 1, 5), Upload(2, "g", 1))
FULL = Mirror(
    "b" * 16, SOURCE - 1, TARGET, 1000.5, "Films \ud83d\x00", "Copy", 44, once=True, deletions=True, allowed=True,
    recheck=5, state=State.ASKING, reason="why", place=7, top=9, above=3, copied=5, deleted=1, asked=2,
    left_out={"quiz": 2},
    pending=Pending("upload", (Item(1, "m", "c"), Item(1, "n", "", 1)), 8, 3, {"dice": 1}, 4, UPLOADS),
    lease=Lease("w", 60.5),
    tries=3, due=12.5, behind_since=11.0, updated=13.0,
)  # fmt: skip


def mirror(id: str = "a", *, source: int = SOURCE, target: int = TARGET, created: float = 1000.0) -> Mirror:
    return Mirror(id * 16, source, target, created)


class MirrorStoreContract:
    """Subclassed for each engine, whose fixture `store` is empty."""

    @pytest.fixture
    def store(self) -> MirrorStore:
        raise NotImplementedError

    async def test_a_mirror_comes_back_as_it_was_stored(self, store: MirrorStore) -> None:
        assert await store.add(replace(FULL, version=9))
        assert await store.get(FULL.id) == replace(FULL, version=1)
        assert await store.get("c" * 16) is None

    async def test_channels_are_mirrored_once(self, store: MirrorStore) -> None:
        assert await store.add(mirror())
        assert not await store.add(mirror())
        assert not await store.add(mirror("b"))
        assert await store.add(mirror("b", target=TARGET - 1, created=999.0))
        assert [one.id[0] for one in await store.listed()] == ["b", "a"]

    async def test_of_two_writers_one_is_told_that_it_was_late(self, store: MirrorStore) -> None:
        await store.add(mirror())
        read = await store.get(mirror().id)
        assert read is not None
        assert await store.record(replace(read, place=5), [Copy(4, 40, "c"), Copy(5, 50, more=(51,), uploaded=True)])
        assert not await store.record(replace(read, place=3), [Copy(3, 30)])
        found = await store.get(read.id)
        assert found is not None
        assert (found.place, found.version) == (5, 2)
        assert await store.copies(read.id, [3, 4, 5, 6]) == {
            4: Copy(4, 40, "c"), 5: Copy(5, 50, more=(51,), uploaded=True)
        }  # fmt: skip
        assert await store.copies(read.id, []) == {}
        assert not await store.record(mirror("z"))

    async def test_a_copy_is_replaced_and_found_by_its_message(self, store: MirrorStore) -> None:
        first, second = mirror(), mirror("b", target=TARGET - 1)
        for one in (first, second):
            await store.add(one)
        await store.record(replace(first, version=1), [Copy(4, 40), Copy(5, 0)])
        await store.record(replace(first, version=2), [Copy(4, 41)])
        await store.record(replace(second, version=1), [Copy(4, 90)])
        found = await store.copies_of(Origin(SOURCE, 4))
        assert sorted((origin.chat_id, origin.message_id, copy.target) for origin, copy in found) == [
            (TARGET - 1, 90, 90), (TARGET, 41, 41)
        ]  # fmt: skip
        assert await store.copies_of(Origin(SOURCE, 5)) == []
        assert await store.copies_of(Origin(TARGET, 4)) == []

    async def test_copies_are_read_in_order(self, store: MirrorStore) -> None:
        await store.add(mirror())
        await store.record(replace(mirror(), version=1), [Copy(number, number + 1) for number in range(250, 0, -1)])
        found: list[int] = []
        while page := await store.copied_after(mirror().id, found[-1] if found else 0):
            assert len(page) <= MAX_COPIED
            found += [copy.message for copy in page]
        assert found == list(range(1, 251))
        assert await store.copied_after("c" * 16, 0) == []

    async def test_changes_are_kept_until_they_are_settled(self, store: MirrorStore) -> None:
        """A deletion outlasts a late edit; what was noted anew is not settled with what was read before."""
        await store.add(mirror())
        id = mirror().id
        await store.note(id, [Change(7, "edit", 1.0), Change(3, "delete", 2.0)])
        read = await store.changes(id)
        assert read == [Change(3, "delete", 2.0), Change(7, "edit", 1.0)]
        await store.note(id, [Change(7, "edit", 5.0), Change(3, "edit", 6.0)])
        await store.settle(id, read)
        assert await store.changes(id) == [Change(7, "edit", 5.0)]
        await store.note(id, [Change(7, "delete", 8.0)])
        assert await store.changes(id) == [Change(7, "delete", 8.0)]
        await store.settle(id, [])
        assert await store.changes("c" * 16) == []

    async def test_a_mirror_is_removed_with_all_that_is_known(self, store: MirrorStore) -> None:
        await store.add(mirror())
        await store.record(replace(mirror(), version=1), [Copy(4, 40)])
        await store.note(mirror().id, [Change(4, "edit", 1.0)])
        assert await store.remove(mirror().id)
        assert not await store.remove(mirror().id)
        assert await store.get(mirror().id) is None
        assert await store.copies_of(Origin(SOURCE, 4)) == []
        assert await store.changes(mirror().id) == []
        assert await store.add(mirror())

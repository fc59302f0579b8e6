"""The tests that every Personal passes.

A test module gives an implementation its suite by subclassing PersonalContract and providing a fixture `personal` (open
and empty).
"""

import pytest

from streamvault.catalog import personal as limits
from streamvault.catalog.personal import (
    CollectionRecord,
    FavouriteRecord,
    HiddenRecord,
    Personal,
    PersonalRecord,
    Watched,
    WatchedRecord,
)
from tests.support.personal import MemoryPersonal

ANNA, BERT = "anna", "bert"


def at(position: float, *, file: str = "film", updated: int = 100, finished: bool = False) -> Watched:
    return Watched(file, position, 200.0, finished, updated)


async def dumped(personal: Personal) -> list[PersonalRecord]:
    return [one async for one in personal.dump()]


class PersonalContract:
    """To be subclassed."""

    async def test_a_watch_state_is_stored_per_user(self, personal: Personal) -> None:
        await personal.set_watched(ANNA, at(10.0))
        await personal.set_watched(ANNA, Watched("song", 1.5, None, True, 101))
        assert await personal.watched(ANNA, ["film", "other"]) == {"film": at(10.0)}
        assert await personal.watched(ANNA, ["song"]) == {"song": Watched("song", 1.5, None, True, 101)}
        assert await personal.watched(BERT, ["film"]) == {}
        assert await personal.watched(ANNA, []) == {}

    async def test_an_older_watch_state_is_dropped(self, personal: Personal) -> None:
        for state in (at(20.0, updated=100), at(10.0, updated=90), at(21.0, updated=100)):
            await personal.set_watched(ANNA, state)
        assert await personal.watched(ANNA, ["film"]) == {"film": at(21.0, updated=100)}

    async def test_watching_lists_unfinished_files_the_latest_first(self, personal: Personal) -> None:
        for number in range(4):
            await personal.set_watched(ANNA, at(1.0, file=f"{number}", updated=100 + number, finished=number == 2))
        assert [state.file_unique_id for state in await personal.watching(ANNA, 2)] == ["3", "1"]
        assert [state.file_unique_id for state in await personal.watching(ANNA, 9)] == ["3", "1", "0"]
        await personal.clear_watched(ANNA, "3")
        await personal.clear_watched(ANNA, "nothing")
        assert [state.file_unique_id for state in await personal.watching(ANNA, 1)] == ["1"]

    async def test_finished_files_come_in_pages_the_latest_first(self, personal: Personal) -> None:
        for number, updated in enumerate((100, 102, 102, 101, 102)):
            await personal.set_watched(ANNA, at(9.0, file=f"{number}", updated=updated, finished=number != 3))
        await personal.set_watched(BERT, at(9.0, file="5", updated=103, finished=True))
        pages = [await personal.watching(ANNA, 2, finished=True)]
        while pages[-1]:
            last = pages[-1][-1]
            pages.append(await personal.watching(ANNA, 2, finished=True, after=(last.updated, last.file_unique_id)))
        assert [[state.file_unique_id for state in page] for page in pages] == [["1", "2"], ["4", "0"], []]
        assert await personal.watching(ANNA, 2, after=(101, "3")) == ()
        assert [state.file_unique_id for state in await personal.watching(ANNA, 2, after=(101, "2"))] == ["3"]

    async def test_favourites_the_last_added_first(self, personal: Personal) -> None:
        for file in ("a", "b", "c", "b"):
            await personal.set_favourite(ANNA, file, like=True)
        await personal.set_favourite(BERT, "d", like=True)
        first = await personal.favourites(ANNA, 2)
        assert [file for _, file in first] == ["c", "b"]
        assert [file for _, file in await personal.favourites(ANNA, 2, before=first[-1][0])] == ["a"]
        await personal.set_favourite(ANNA, "c", like=False)
        await personal.set_favourite(ANNA, "c", like=False)
        assert [file for _, file in await personal.favourites(ANNA, 9)] == ["b", "a"]
        assert await personal.favourites_among(ANNA, ["a", "c", "d"]) == {"a"}

    async def test_what_is_hidden_is_of_one_user_up_to_a_bound(
        self, personal: Personal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "MAX_HIDDEN", 2)
        for file in ("a", "b", "a"):
            await personal.set_hidden(ANNA, file, hidden=True)
        with pytest.raises(ValueError, match="2"):
            await personal.set_hidden(ANNA, "c", hidden=True)
        await personal.set_hidden(BERT, "c", hidden=True)
        assert await personal.hidden(ANNA) == {"a", "b"}
        assert await personal.hidden(BERT) == {"c"}
        await personal.set_hidden(ANNA, "a", hidden=False)
        await personal.set_hidden(ANNA, "nothing", hidden=False)
        assert await personal.hidden(ANNA) == {"b"}
        await personal.set_hidden(ANNA, "c", hidden=True)
        assert await personal.hidden(ANNA) == {"b", "c"}
        assert await personal.hidden_among(ANNA, ["a", "c", "d"]) == {"c"}
        await personal.forget_hidden(ANNA, ["b", "nothing"])
        await personal.forget_hidden(BERT, [])
        assert await personal.hidden(ANNA) == await personal.hidden(BERT) == {"c"}

    async def test_collections_by_name(self, personal: Personal) -> None:
        second = await personal.create_collection(ANNA, "second")
        first = await personal.create_collection(ANNA, "first")
        assert first != second
        for file in ("x", "y", "x"):
            assert await personal.set_member(ANNA, first, file, member=True)
        assert [(one.id, one.name, one.files) for one in await personal.collections(ANNA)] == [
            (first, "first", 2),
            (second, "second", 0),
        ]
        assert await personal.members(ANNA, first) == ("x", "y")
        assert await personal.set_member(ANNA, first, "x", member=False)
        assert await personal.members(ANNA, first) == ("y",)
        assert await personal.members(ANNA, second) == ()

    async def test_a_collection_belongs_to_its_user(self, personal: Personal) -> None:
        number = await personal.create_collection(ANNA, "mine")
        assert await personal.create_collection(BERT, "mine") != number
        assert await personal.members(BERT, number) is None
        assert not await personal.set_member(BERT, number, "x", member=True)
        assert not await personal.rename_collection(BERT, number, "his")
        assert not await personal.delete_collection(BERT, number)
        assert [one.name for one in await personal.collections(ANNA)] == ["mine"]

    async def test_a_collections_name_is_unique_per_user(self, personal: Personal) -> None:
        number = await personal.create_collection(ANNA, "mine")
        other = await personal.create_collection(ANNA, "other")
        with pytest.raises(ValueError, match="collection"):
            await personal.create_collection(ANNA, "mine")
        with pytest.raises(ValueError, match="collection"):
            await personal.rename_collection(ANNA, other, "mine")
        assert await personal.rename_collection(ANNA, number, "mine")
        assert await personal.rename_collection(ANNA, number, "better")
        assert [one.name for one in await personal.collections(ANNA)] == ["better", "other"]

    async def test_the_id_of_a_deleted_collection_is_not_used_again(self, personal: Personal) -> None:
        number = await personal.create_collection(ANNA, "mine")
        await personal.set_member(ANNA, number, "x", member=True)
        assert await personal.delete_collection(ANNA, number)
        assert not await personal.delete_collection(ANNA, number)
        assert await personal.members(ANNA, number) is None
        again = await personal.create_collection(ANNA, "mine")
        assert again != number
        assert await personal.members(ANNA, again) == ()

    async def test_the_number_of_collections_is_limited(self, personal: Personal) -> None:
        number = await personal.create_collection(ANNA, "0")
        some = range(1, limits.MAX_COLLECTIONS - 1)
        await personal.restore([CollectionRecord(ANNA, number + name, f"{name}") for name in some])
        await personal.create_collection(ANNA, "last")
        with pytest.raises(ValueError, match="200"):
            await personal.create_collection(ANNA, "one too many")
        assert len(await personal.collections(ANNA)) == limits.MAX_COLLECTIONS
        assert await personal.set_member(ANNA, number, "x", member=True)

    async def test_dump_and_restore_copy_everything(self, personal: Personal) -> None:
        there = MemoryPersonal()
        seen = [WatchedRecord(user, at(n + 0.5, file=f"{n:04}")) for user in (ANNA, BERT) for n in range(600)]
        seen.append(WatchedRecord(BERT, Watched("zz", 1.5, None, True, 101)))
        liked = [FavouriteRecord(BERT, f"{n % 7}-{n}") for n in range(600)] + [
            FavouriteRecord(ANNA, file) for file in "cab"
        ]
        shelves = [CollectionRecord(ANNA, 38 - number, f"{number}") for number in range(10, 40)]
        shelves += [
            CollectionRecord(ANNA, 37, "a", tuple(f"{n}" for n in range(600, 0, -1))),
            CollectionRecord(BERT, 33, "10", ("y", "x")),
        ]
        hidden = [HiddenRecord(user, f"{n:04}") for user in (ANNA, BERT) for n in range(300)]
        found: list[PersonalRecord] = [*seen, *liked, *shelves, *hidden]
        for _ in range(2):  # again, as after an interruption
            await personal.restore(found)
        assert await dumped(personal) == found
        await there.restore(found)
        assert await dumped(there) == found
        assert [file for _, file in await personal.favourites(ANNA, 9)] == ["b", "a", "c"]
        assert await personal.members(BERT, 33) == ("y", "x")
        assert await personal.create_collection(ANNA, "new") > 37

    async def test_restore_adds_to_stored_data(self, personal: Personal) -> None:
        await personal.set_watched(ANNA, at(50.0, updated=200))
        await personal.set_favourite(ANNA, "old", like=True)
        await personal.set_favourite(ANNA, "both", like=True)
        mine, other = await personal.create_collection(ANNA, "mine"), await personal.create_collection(BERT, "other")
        await personal.set_member(ANNA, mine, "x", member=True)
        await personal.restore([
            WatchedRecord(ANNA, at(10.0, updated=100)),
            *(FavouriteRecord(ANNA, file) for file in ("new", "both")),
            CollectionRecord(ANNA, mine + 100, "mine", ("y", "x")),
            CollectionRecord(ANNA, other, "second", ("z",)),
        ])  # fmt: skip
        assert await personal.watched(ANNA, ["film"]) == {"film": at(50.0, updated=200)}
        assert [file for _, file in await personal.favourites(ANNA, 9)] == ["new", "both", "old"]
        assert await personal.members(ANNA, mine) == ("x", "y")
        first, second = await personal.collections(ANNA)
        assert (first.id, first.name, first.files) == (mine, "mine", 2)
        assert (second.name, second.files) == ("second", 1)
        assert second.id not in (mine, other)
        assert await personal.members(BERT, other) == ()

    async def test_restore_beyond_a_limit_raises_value_error(self, personal: Personal) -> None:
        full = tuple(f"{n}" for n in range(limits.MAX_MEMBERS))
        await personal.restore([CollectionRecord(ANNA, 1, "full", full)])
        with pytest.raises(ValueError, match="5001"):
            await personal.restore([CollectionRecord(ANNA, 1, "full", ("one more",))])
        assert await personal.members(ANNA, 1) == full
        await personal.restore([CollectionRecord(BERT, n + 2, f"{n}") for n in range(limits.MAX_COLLECTIONS)])
        with pytest.raises(ValueError, match="200"):
            await personal.restore([CollectionRecord(BERT, 999, "one too many")])
        assert len(await personal.collections(BERT)) == limits.MAX_COLLECTIONS

"""What every Personal does, whichever database holds it.

A test module gives an implementation its suite by subclassing PersonalContract and providing a fixture `personal` (open
and empty).
"""

import pytest

from streamvault.catalog import personal as limits
from streamvault.catalog.personal import Belonging, Liked, Personal, Seen, Shelf, Watched
from tests.support.personal import MemoryPersonal

ANNA, BERT = "anna", "bert"


def at(position: float, *, file: str = "film", updated: int = 100, finished: bool = False) -> Watched:
    return Watched(file, position, 200.0, finished, updated)


async def everything(personal: Personal) -> list[Belonging]:
    return [one async for one in personal.everything()]


class PersonalContract:
    """To be subclassed."""

    async def test_how_far_a_file_was_watched(self, personal: Personal) -> None:
        await personal.watch(ANNA, at(10.0))
        await personal.watch(ANNA, Watched("song", 1.5, None, True, 101))
        assert await personal.watched(ANNA, ["film", "other"]) == {"film": at(10.0)}
        assert await personal.watched(ANNA, ["song"]) == {"song": Watched("song", 1.5, None, True, 101)}
        assert await personal.watched(BERT, ["film"]) == {}
        assert await personal.watched(ANNA, []) == {}

    async def test_what_comes_late_changes_nothing(self, personal: Personal) -> None:
        for state in (at(20.0, updated=100), at(10.0, updated=90), at(21.0, updated=100)):
            await personal.watch(ANNA, state)
        assert await personal.watched(ANNA, ["film"]) == {"film": at(21.0, updated=100)}

    async def test_what_is_begun_and_not_finished(self, personal: Personal) -> None:
        for number in range(4):
            await personal.watch(ANNA, at(1.0, file=f"{number}", updated=100 + number, finished=number == 2))
        assert [state.file_unique_id for state in await personal.watching(ANNA, 2)] == ["3", "1"]
        assert [state.file_unique_id for state in await personal.watching(ANNA, 9)] == ["3", "1", "0"]
        await personal.unwatch(ANNA, "3")
        await personal.unwatch(ANNA, "nothing")
        assert [state.file_unique_id for state in await personal.watching(ANNA, 1)] == ["1"]

    async def test_favourites_the_last_added_first(self, personal: Personal) -> None:
        for file in ("a", "b", "c", "b"):
            await personal.favour(ANNA, file, like=True)
        await personal.favour(BERT, "d", like=True)
        first = await personal.favourites(ANNA, 2)
        assert [file for _, file in first] == ["c", "b"]
        assert [file for _, file in await personal.favourites(ANNA, 2, before=first[-1][0])] == ["a"]
        await personal.favour(ANNA, "c", like=False)
        await personal.favour(ANNA, "c", like=False)
        assert [file for _, file in await personal.favourites(ANNA, 9)] == ["b", "a"]
        assert await personal.favoured(ANNA, ["a", "c", "d"]) == {"a"}

    async def test_collections_by_name(self, personal: Personal) -> None:
        second = await personal.collect(ANNA, "second")
        first = await personal.collect(ANNA, "first")
        assert first != second
        for file in ("x", "y", "x"):
            assert await personal.include(ANNA, first, file, member=True)
        assert [(one.id, one.name, one.files) for one in await personal.collections(ANNA)] == [
            (first, "first", 2),
            (second, "second", 0),
        ]
        assert await personal.members(ANNA, first) == ("x", "y")
        assert await personal.include(ANNA, first, "x", member=False)
        assert await personal.members(ANNA, first) == ("y",)
        assert await personal.members(ANNA, second) == ()

    async def test_a_collection_is_its_owners(self, personal: Personal) -> None:
        number = await personal.collect(ANNA, "mine")
        assert await personal.collect(BERT, "mine") != number
        assert await personal.members(BERT, number) is None
        assert not await personal.include(BERT, number, "x", member=True)
        assert not await personal.rename(BERT, number, "his")
        assert not await personal.discard(BERT, number)
        assert [one.name for one in await personal.collections(ANNA)] == ["mine"]

    async def test_a_name_is_taken_once(self, personal: Personal) -> None:
        number = await personal.collect(ANNA, "mine")
        other = await personal.collect(ANNA, "other")
        with pytest.raises(ValueError, match="collection"):
            await personal.collect(ANNA, "mine")
        with pytest.raises(ValueError, match="collection"):
            await personal.rename(ANNA, other, "mine")
        assert await personal.rename(ANNA, number, "mine")
        assert await personal.rename(ANNA, number, "better")
        assert [one.name for one in await personal.collections(ANNA)] == ["better", "other"]

    async def test_a_collection_that_is_gone_is_not_found_again(self, personal: Personal) -> None:
        number = await personal.collect(ANNA, "mine")
        await personal.include(ANNA, number, "x", member=True)
        assert await personal.discard(ANNA, number)
        assert not await personal.discard(ANNA, number)
        assert await personal.members(ANNA, number) is None
        again = await personal.collect(ANNA, "mine")
        assert again != number
        assert await personal.members(ANNA, again) == ()

    async def test_collections_are_bounded(self, personal: Personal) -> None:
        number = await personal.collect(ANNA, "0")
        for name in range(1, limits.MAX_COLLECTIONS):
            await personal.collect(ANNA, f"{name}")
        with pytest.raises(ValueError, match="200"):
            await personal.collect(ANNA, "one too many")
        assert len(await personal.collections(ANNA)) == limits.MAX_COLLECTIONS
        assert await personal.include(ANNA, number, "x", member=True)

    async def test_everything_of_everybody_goes_elsewhere_and_comes_back(self, personal: Personal) -> None:
        there = MemoryPersonal()
        seen = [Seen(user, at(n + 0.5, file=f"{n:04}")) for user in (ANNA, BERT) for n in range(600)]
        seen.append(Seen(BERT, Watched("zz", 1.5, None, True, 101)))
        liked = [Liked(BERT, f"{n % 7}-{n}") for n in range(600)] + [Liked(ANNA, file) for file in "cab"]
        shelves = [Shelf(ANNA, 38 - number, f"{number}") for number in range(10, 40)]
        shelves += [Shelf(ANNA, 37, "a", tuple(f"{n}" for n in range(600, 0, -1))), Shelf(BERT, 33, "10", ("y", "x"))]
        found: list[Belonging] = [*seen, *liked, *shelves]
        for _ in range(2):  # again, as after a stop
            await personal.restore(found)
        assert await everything(personal) == found
        await there.restore(found)
        assert await everything(there) == found
        assert [file for _, file in await personal.favourites(ANNA, 9)] == ["b", "a", "c"]
        assert await personal.members(BERT, 33) == ("y", "x")
        assert await personal.collect(ANNA, "new") > 37

    async def test_what_is_put_in_joins_what_is_there(self, personal: Personal) -> None:
        await personal.watch(ANNA, at(50.0, updated=200))
        await personal.favour(ANNA, "old", like=True)
        await personal.favour(ANNA, "both", like=True)
        mine, other = await personal.collect(ANNA, "mine"), await personal.collect(BERT, "other")
        await personal.include(ANNA, mine, "x", member=True)
        await personal.restore([
            Seen(ANNA, at(10.0, updated=100)),
            *(Liked(ANNA, file) for file in ("new", "both")),
            Shelf(ANNA, mine + 100, "mine", ("y", "x")),
            Shelf(ANNA, other, "second", ("z",)),
        ])  # fmt: skip
        assert await personal.watched(ANNA, ["film"]) == {"film": at(50.0, updated=200)}
        assert [file for _, file in await personal.favourites(ANNA, 9)] == ["new", "both", "old"]
        assert await personal.members(ANNA, mine) == ("x", "y")
        first, second = await personal.collections(ANNA)
        assert (first.id, first.name, first.files) == (mine, "mine", 2)
        assert (second.name, second.files) == ("second", 1)
        assert second.id not in (mine, other)
        assert await personal.members(BERT, other) == ()

    async def test_what_has_no_room_is_not_put_in(self, personal: Personal) -> None:
        full = tuple(f"{n}" for n in range(limits.MAX_MEMBERS))
        await personal.restore([Shelf(ANNA, 1, "full", full)])
        with pytest.raises(ValueError, match="5001"):
            await personal.restore([Shelf(ANNA, 1, "full", ("one more",))])
        assert await personal.members(ANNA, 1) == full
        await personal.restore([Shelf(BERT, n + 2, f"{n}") for n in range(limits.MAX_COLLECTIONS)])
        with pytest.raises(ValueError, match="200"):
            await personal.restore([Shelf(BERT, 999, "one too many")])
        assert len(await personal.collections(BERT)) == limits.MAX_COLLECTIONS

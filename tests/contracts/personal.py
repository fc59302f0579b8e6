"""What every Personal does, whichever database holds it.

A test module gives an implementation its suite by subclassing PersonalContract and providing a fixture `personal` (open
and empty).
"""

import pytest

from streamvault.catalog import personal as limits
from streamvault.catalog.personal import Personal, Watched

ANNA, BERT = "anna", "bert"


def at(position: float, *, file: str = "film", updated: int = 100, finished: bool = False) -> Watched:
    return Watched(file, position, 200.0, finished, updated)


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

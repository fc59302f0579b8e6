"""What every Personal does, whichever database holds it.

A test module gives an implementation its suite by subclassing PersonalContract and providing a fixture `personal`
(open and empty). Limits are made small by the fixture `small`, which patches `limits`, the module that keeps them.
"""

from dataclasses import replace
from types import ModuleType

import pytest

from streamvault.catalog.personal import Collection, Personal, Watched

ANNA, BEN = "anna", "ben\0'%"


def state(file: str = "film", **changes: object) -> Watched:
    return replace(Watched(file, 12.5, 60.0, finished=False, updated=1000), **changes)  # type: ignore[arg-type]


class PersonalContract:
    limits: ModuleType
    """The implementation's module, which has MAX_COLLECTIONS and MAX_MEMBERS."""

    @pytest.fixture
    def small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(self.limits, "MAX_COLLECTIONS", 3)
        monkeypatch.setattr(self.limits, "MAX_MEMBERS", 3)

    async def test_how_far_it_was_watched(self, personal: Personal) -> None:
        assert await personal.watched(ANNA, ["film", "other"]) == {}
        await personal.watch(ANNA, state())
        await personal.watch(ANNA, state("other", duration=None, finished=True))
        found = {"film": state(), "other": state("other", duration=None, finished=True)}
        assert await personal.watched(ANNA, ["film", "other", "none"]) == found
        assert await personal.watched(BEN, ["film", "other"]) == {}
        assert await personal.watched(ANNA, []) == {}

    async def test_the_latest_state_stays(self, personal: Personal) -> None:
        await personal.watch(ANNA, state(updated=1000, position=10.0))
        await personal.watch(ANNA, state(updated=999, position=9.0))
        assert (await personal.watched(ANNA, ["film"]))["film"].position == 10.0
        await personal.watch(ANNA, state(updated=1000, position=11.0))
        await personal.watch(BEN, state(updated=1, position=1.0))
        assert (await personal.watched(ANNA, ["film"]))["film"].position == 11.0
        assert (await personal.watched(BEN, ["film"]))["film"].position == 1.0

    async def test_what_was_begun_comes_the_latest_first(self, personal: Personal) -> None:
        for number in (3, 1, 4, 2):
            await personal.watch(ANNA, state(f"film {number}", updated=number))
        await personal.watch(BEN, state("of another", updated=9))
        await personal.watch(ANNA, state("film 3", updated=9, finished=True))
        assert [one.file_unique_id for one in await personal.watching(ANNA, 9)] == ["film 4", "film 2", "film 1"]
        assert [one.file_unique_id for one in await personal.watching(ANNA, 1)] == ["film 4"]
        await personal.unwatch(ANNA, "film 4")
        await personal.unwatch(ANNA, "film 4")
        assert [one.file_unique_id for one in await personal.watching(ANNA, 9)] == ["film 2", "film 1"]

    async def test_states_of_many_files_at_once(self, personal: Personal) -> None:
        for number in range(30):
            await personal.watch(ANNA, state(f"{number}"))
        assert len(await personal.watched(ANNA, [f"{number}" for number in range(2000)])) == 30

    async def test_favourites_the_last_added_first(self, personal: Personal) -> None:
        for file in ("a", "b", "c", "a"):
            await personal.favour(ANNA, file, like=True)
        await personal.favour(BEN, "d", like=True)
        found = await personal.favourites(ANNA, 9)
        assert [file for _, file in found] == ["c", "b", "a"]
        assert await personal.favourites(ANNA, 1) == found[:1]
        assert await personal.favourites(ANNA, 9, before=found[0][0]) == found[1:]
        for _ in range(2):
            await personal.favour(ANNA, "c", like=False)
        await personal.favour(ANNA, "e", like=True)
        again = await personal.favourites(ANNA, 9)
        assert [file for _, file in again] == ["e", "b", "a"]
        assert again[0][0] > found[0][0]
        assert [file for _, file in await personal.favourites(BEN, 9)] == ["d"]

    async def test_collections_by_name(self, personal: Personal) -> None:
        assert await personal.collections(ANNA) == ()
        second, first = await personal.collect(ANNA, "Westerns"), await personal.collect(ANNA, "Aliens")
        await personal.collect(BEN, "Aliens")
        for file in ("x", "y", "x"):
            assert await personal.include(ANNA, second, file, member=True)
        found = (Collection(first, "Aliens", 0), Collection(second, "Westerns", 2))
        assert await personal.collections(ANNA) == found
        assert await personal.members(ANNA, second) == ("x", "y")
        assert await personal.members(ANNA, first) == ()

    async def test_members_come_and_go(self, personal: Personal) -> None:
        id = await personal.collect(ANNA, "Films")
        for file in ("a", "b", "c"):
            await personal.include(ANNA, id, file, member=True)
        for _ in range(2):
            assert await personal.include(ANNA, id, "a", member=False)
        await personal.include(ANNA, id, "a", member=True)
        assert await personal.members(ANNA, id) == ("b", "c", "a")

    async def test_nobody_elses_collection_is_there(self, personal: Personal) -> None:
        id = await personal.collect(ANNA, "Films")
        assert await personal.members(BEN, id) is None
        assert not await personal.include(BEN, id, "a", member=True)
        assert not await personal.discard(BEN, id)
        assert await personal.members(ANNA, id) == ()
        assert await personal.members(ANNA, id + 1) is None

    async def test_a_discarded_collection_is_gone_with_its_id(self, personal: Personal) -> None:
        id = await personal.collect(ANNA, "Films")
        await personal.include(ANNA, id, "a", member=True)
        assert await personal.discard(ANNA, id)
        assert not await personal.discard(ANNA, id)
        assert await personal.members(ANNA, id) is None
        assert not await personal.include(ANNA, id, "a", member=True)
        again = await personal.collect(ANNA, "Films")
        assert again != id
        assert await personal.members(ANNA, again) == ()

    async def test_a_name_is_taken_once(self, personal: Personal) -> None:
        await personal.collect(ANNA, "Films")
        with pytest.raises(ValueError, match=r"\w"):
            await personal.collect(ANNA, "Films")
        await personal.collect(ANNA, "films")
        assert len(await personal.collections(ANNA)) == 2

    @pytest.mark.usefixtures("small")
    async def test_there_are_not_too_many(self, personal: Personal) -> None:
        ids = [await personal.collect(ANNA, name) for name in "abc"]
        with pytest.raises(ValueError, match=r"\w"):
            await personal.collect(ANNA, "d")
        await personal.collect(BEN, "d")
        for file in "xyz":
            await personal.include(ANNA, ids[0], file, member=True)
        with pytest.raises(ValueError, match=r"\w"):
            await personal.include(ANNA, ids[0], "another", member=True)
        assert await personal.include(ANNA, ids[0], "x", member=True)
        assert await personal.members(ANNA, ids[0]) == ("x", "y", "z")

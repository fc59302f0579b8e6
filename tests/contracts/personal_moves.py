"""The tests of giving one user's personal data to another one, which every Personal passes.

To be subclassed like PersonalContract.
"""

import asyncio

import pytest

from streamvault.catalog.personal import (
    MAX_COLLECTIONS,
    MAX_MEMBERS,
    Collection,
    CollectionRecord,
    FavouriteRecord,
    HiddenRecord,
    Personal,
    PersonalRecord,
    WatchedRecord,
)
from tests.contracts.personal import ANNA, BERT, at, dumped

BROWSER, PERSON = "0f" * 16, "tg:7000000001"


def names(count: int, prefix: str = "") -> tuple[str, ...]:
    return tuple(f"{prefix}{number}" for number in range(count))


def of(user: str, dump: list[PersonalRecord]) -> list[PersonalRecord]:
    """The records of one user."""
    return [one for one in dump if one.user == user]


class PersonalMovesContract:
    """To be subclassed."""

    async def test_everything_goes_along(self, personal: Personal) -> None:
        def records(user: str) -> list[PersonalRecord]:
            return [
                *(WatchedRecord(user, at(5.0, file=f"{n:04}", updated=n, finished=n % 2 == 0)) for n in range(250)),
                *(FavouriteRecord(user, f"{n % 7}-{n}") for n in range(250)),
                CollectionRecord(user, 3, "a", names(30)),
                CollectionRecord(user, 2, "b"),
                *(HiddenRecord(user, f"{n:04}") for n in range(120)),
            ]

        await personal.restore(records(BROWSER))
        await personal.restore([FavouriteRecord(BERT, "mine"), WatchedRecord(BERT, at(1.0))])
        assert await personal.move(BROWSER, PERSON) == 0
        found = await dumped(personal)
        assert of(PERSON, found) == records(PERSON)
        assert of(BROWSER, found) == []
        assert of(BERT, found) == [WatchedRecord(BERT, at(1.0)), FavouriteRecord(BERT, "mine")]
        assert await personal.move(BROWSER, PERSON) == 0
        assert await dumped(personal) == found
        assert await personal.create_collection(PERSON, "new") > 3

    async def test_the_later_watch_state_is_kept(self, personal: Personal) -> None:
        for file, old, new in (("a", 50, 60), ("b", 60, 50), ("c", 50, None), ("d", None, 50)):
            for user, updated in ((BROWSER, old), (PERSON, new)):
                if updated is not None:
                    await personal.set_watched(user, at(float(updated), file=file, updated=updated))
        await personal.move(BROWSER, PERSON)
        found = await personal.watched(PERSON, ["a", "b", "c", "d"])
        assert {file: state.updated for file, state in found.items()} == {"a": 60, "b": 60, "c": 50, "d": 50}
        assert all(state.position == state.updated for state in found.values())
        assert await personal.watched(BROWSER, ["a", "b", "c", "d"]) == {}

    async def test_favourites_stay_in_the_order_in_which_they_were_added(self, personal: Personal) -> None:
        for user, file in (
            (PERSON, "first"), (BROWSER, "x"), (BROWSER, "both"), (BROWSER, "a"), (PERSON, "both"), (PERSON, "last"),
        ):  # fmt: skip
            await personal.set_favourite(user, file, like=True)
        await personal.move(BROWSER, PERSON)
        found = [file for _, file in await personal.favourites(PERSON, 9)]
        assert found == ["last", "both", "a", "x", "first"]
        await personal.set_favourite(PERSON, "new", like=True)
        assert [file for _, file in await personal.favourites(PERSON, 2)] == ["new", "last"]
        assert await personal.favourites(BROWSER, 9) == ()

    async def test_collections_of_one_name_are_joined(self, personal: Personal) -> None:
        await personal.restore([
            CollectionRecord(PERSON, 1, "Films", ("x", "y")),
            CollectionRecord(PERSON, 2, "Empty"),
            CollectionRecord(BROWSER, 3, "Films", ("z", "y", "a")),
            CollectionRecord(BROWSER, 4, "films", ("b",)),
            CollectionRecord(BROWSER, 5, "Empty", ("c",)),
            CollectionRecord(BROWSER, 6, "Bare"),
        ])  # fmt: skip
        assert await personal.move(BROWSER, PERSON) == 0
        expected = (Collection(6, "Bare", 0), Collection(2, "Empty", 1), Collection(1, "Films", 4))
        assert await personal.collections(PERSON) == (*expected, Collection(4, "films", 1))
        assert await personal.members(PERSON, 1) == ("x", "y", "z", "a")
        assert await personal.members(PERSON, 4) == ("b",)
        assert await personal.collections(BROWSER) == ()
        assert await personal.members(BROWSER, 4) is None

    async def test_files_that_do_not_fit_stay(self, personal: Personal) -> None:
        full = names(MAX_MEMBERS - 1)
        await personal.restore([
            CollectionRecord(PERSON, 1, "Films", full),
            CollectionRecord(BROWSER, 2, "Films", ("7", "x", "8", "y", "z")),
            CollectionRecord(BROWSER, 3, "Others", ("u",)),
        ])  # fmt: skip
        for _ in range(2):
            assert await personal.move(BROWSER, PERSON) == 1
            assert await personal.members(PERSON, 1) == (*full, "x")
            assert await personal.collections(BROWSER) == (Collection(2, "Films", 2),)
            assert await personal.members(BROWSER, 2) == ("y", "z")
            assert await personal.members(PERSON, 3) == ("u",)
        await personal.set_member(PERSON, 1, "5", member=False)
        await personal.set_member(PERSON, 1, "6", member=False)
        assert await personal.move(BROWSER, PERSON) == 0
        assert await personal.members(PERSON, 1) == (*full[:5], *full[7:], "x", "y", "z")
        assert await personal.collections(BROWSER) == ()

    async def test_collections_that_do_not_fit_stay(self, personal: Personal) -> None:
        await personal.restore([CollectionRecord(PERSON, 1 + n, f"{n}") for n in range(MAX_COLLECTIONS - 2)])
        await personal.restore(
            [CollectionRecord(BROWSER, 500 + n, name, ("x",)) for n, name in enumerate(("d", "c", "b", "a", "7"))]
        )
        for _ in range(2):
            assert await personal.move(BROWSER, PERSON) == 2
            assert [(one.id, one.name) for one in await personal.collections(BROWSER)] == [(503, "a"), (502, "b")]
            assert len(await personal.collections(PERSON)) == MAX_COLLECTIONS
            assert await personal.members(PERSON, 500) == ("x",)
            assert await personal.members(PERSON, 8) == ("x",)
        await personal.delete_collection(PERSON, 1)
        assert await personal.move(BROWSER, PERSON) == 1
        assert await personal.members(PERSON, 502) == ("x",)

    async def test_moving_to_oneself_changes_nothing(self, personal: Personal) -> None:
        await personal.restore([
            WatchedRecord(ANNA, at(1.0)), FavouriteRecord(ANNA, "a"), CollectionRecord(ANNA, 4, "Films", ("x",)),
        ])  # fmt: skip
        before = await dumped(personal)
        assert await personal.move(ANNA, ANNA) == 0
        assert await dumped(personal) == before
        assert await personal.move("nobody", ANNA) == 0
        assert await dumped(personal) == before

    @pytest.mark.parametrize("there", [False, True])
    async def test_several_moves_at_once_are_as_one(self, personal: Personal, there: bool) -> None:
        def records(user: str) -> list[PersonalRecord]:
            return [
                *(WatchedRecord(user, at(1.0, file=f"{n:03}")) for n in range(120)),
                *(FavouriteRecord(user, f"{n % 3}-{n}") for n in range(120)),
                *(CollectionRecord(user, 10 + n, f"{n}", names(5, "m")) for n in range(9)),
            ]

        if there:
            await personal.restore([CollectionRecord(PERSON, 50 + n, f"{n}", ("y", "m2")) for n in range(9)])
        await personal.restore(records(BROWSER))
        assert await asyncio.gather(*(personal.move(BROWSER, PERSON) for _ in range(3))) == [0, 0, 0]
        found = await dumped(personal)
        merged = ("y", "m2", "m0", "m1", "m3", "m4")
        joined = [CollectionRecord(PERSON, 50 + n, f"{n}", merged) for n in range(9)]
        assert found == ([*records(PERSON)[:240], *joined] if there else records(PERSON))

    async def test_moving_while_more_is_stored_loses_nothing(self, personal: Personal) -> None:
        await personal.restore([CollectionRecord(BROWSER, 1, "Films", ("x",)), CollectionRecord(PERSON, 2, "Films")])
        stored = ["x"]

        async def store() -> None:
            for number in range(10):
                await personal.set_watched(BROWSER, at(1.0, file=f"{number}"))
                await personal.set_favourite(BROWSER, f"{number}", like=True)
                if await personal.set_member(BROWSER, 1, f"{number}", member=True):
                    stored.append(f"{number}")
                if await personal.set_member(PERSON, 2, f"of person {number}", member=True):
                    stored.append(f"of person {number}")

        await asyncio.gather(store(), *(personal.move(BROWSER, PERSON) for _ in range(4)))
        await personal.move(BROWSER, PERSON)
        files = names(10)
        assert set(await personal.watched(PERSON, files)) == set(files)
        assert [file for _, file in await personal.favourites(PERSON, 20)] == list(reversed(files))
        assert len(stored) > 10
        assert sorted(await personal.members(PERSON, 2) or ()) == sorted(stored)
        assert await personal.collections(BROWSER) == ()

"""What every Personal does, whichever database holds it.

A test module gives an implementation its suite by subclassing PersonalContract and providing a
fixture `personal` (open and empty).
"""

import pytest

from streamvault.catalog.personal import MAX_COLLECTIONS, Collection, Personal, Watched

ME, YOU = "me", "you"


def seen(file: str, *, updated: int = 1, position: float = 1.5, finished: bool = False) -> Watched:
    return Watched(file, position, 60.25, finished=finished, updated=updated)


class PersonalContract:
    """The suite. Each test starts from nothing."""

    async def test_state_comes_back_for_its_user_alone(self, personal: Personal) -> None:
        state = Watched("a", 2.5, None, finished=True, updated=7)
        await personal.watch(ME, state)
        await personal.watch(ME, seen("b"))
        assert await personal.watched(ME, ["a", "c"]) == {"a": state}
        assert await personal.watched(ME, []) == {}
        assert await personal.watched(YOU, ["a", "b"]) == {}

    async def test_the_latest_state_counts(self, personal: Personal) -> None:
        for updated, position in ((5, 1.0), (4, 2.0), (5, 3.0), (6, 4.0), (2, 5.0)):
            await personal.watch(ME, seen("a", updated=updated, position=position))
        assert await personal.watched(ME, ["a"]) == {"a": seen("a", updated=6, position=4.0)}

    async def test_what_was_begun_comes_latest_first(self, personal: Personal) -> None:
        for file, updated, finished in (("a", 1, False), ("b", 3, False), ("c", 2, False), ("d", 4, True)):
            await personal.watch(ME, seen(file, updated=updated, finished=finished))
        await personal.watch(YOU, seen("e", updated=9))
        assert [state.file_unique_id for state in await personal.watching(ME, 10)] == ["b", "c", "a"]
        assert [state.file_unique_id for state in await personal.watching(ME, 2)] == ["b", "c"]
        for _ in range(2):
            await personal.unwatch(ME, "b")
        await personal.watch(ME, seen("a", updated=5, finished=True))
        assert [state.file_unique_id for state in await personal.watching(ME, 10)] == ["c"]

    async def test_favourites_come_last_added_first(self, personal: Personal) -> None:
        for file in ("a", "b", "c", "a"):
            await personal.favour(ME, file, like=True)
        await personal.favour(YOU, "d", like=True)
        first = await personal.favourites(ME, 2)
        assert [file for _, file in first] == ["c", "b"]
        assert [file for _, file in await personal.favourites(ME, 2, before=first[-1][0])] == ["a"]
        assert await personal.favoured(ME, ["a", "d"]) == {"a"}
        assert await personal.favoured(ME, []) == frozenset()

    async def test_a_favourite_that_is_added_again_is_the_last(self, personal: Personal) -> None:
        for file, like in (("a", True), ("b", True), ("a", False), ("a", False), ("a", True)):
            await personal.favour(ME, file, like=like)
        places = await personal.favourites(ME, 10)
        assert [file for _, file in places] == ["a", "b"]
        await personal.favour(ME, "a", like=False)
        await personal.favour(ME, "c", like=True)
        [(place, _), _] = await personal.favourites(ME, 10)
        assert place > places[0][0], "a place is never used again"

    async def test_collections_are_listed_by_name(self, personal: Personal) -> None:
        second, first = await personal.collect(ME, "b"), await personal.collect(ME, "a")
        await personal.collect(YOU, "a")
        await personal.include(ME, first, "x", member=True)
        assert await personal.collections(ME) == (Collection(first, "a", 1), Collection(second, "b", 0))
        with pytest.raises(ValueError, match="taken"):
            await personal.collect(ME, "a")

    async def test_a_collection_is_renamed(self, personal: Personal) -> None:
        mine, other = await personal.collect(ME, "a"), await personal.collect(ME, "b")
        assert await personal.rename(ME, mine, "c")
        assert await personal.rename(ME, mine, "c")
        with pytest.raises(ValueError, match="taken"):
            await personal.rename(ME, mine, "b")
        assert not await personal.rename(YOU, mine, "d")
        assert not await personal.rename(ME, mine + other + 1, "d")
        assert [one.name for one in await personal.collections(ME)] == ["b", "c"]

    async def test_a_collection_is_deleted_with_what_is_in_it(self, personal: Personal) -> None:
        mine = await personal.collect(ME, "a")
        await personal.include(ME, mine, "x", member=True)
        assert not await personal.discard(YOU, mine)
        assert await personal.discard(ME, mine)
        assert not await personal.discard(ME, mine)
        assert await personal.members(ME, mine) is None
        again = await personal.collect(ME, "a")
        assert again != mine
        assert await personal.members(ME, again) == ()

    async def test_members_keep_their_order(self, personal: Personal) -> None:
        mine = await personal.collect(ME, "a")
        for file, member in (("b", True), ("a", True), ("c", True), ("b", True), ("a", False), ("a", False)):
            assert await personal.include(ME, mine, file, member=member)
        await personal.include(ME, mine, "a", member=True)
        assert await personal.members(ME, mine) == ("b", "c", "a")
        assert await personal.members(YOU, mine) is None
        assert not await personal.include(YOU, mine, "d", member=True)
        assert not await personal.include(ME, mine + 1, "d", member=False)

    async def test_there_are_so_many_and_no_more(self, personal: Personal) -> None:
        for number in range(MAX_COLLECTIONS):
            await personal.collect(ME, str(number))
        with pytest.raises(ValueError, match=str(MAX_COLLECTIONS)):
            await personal.collect(ME, "one more")
        assert len(await personal.collections(ME)) == MAX_COLLECTIONS

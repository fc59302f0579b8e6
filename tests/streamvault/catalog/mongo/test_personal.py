"""The personal data in MongoDB."""

from collections.abc import AsyncIterator

import pytest

from streamvault.catalog.mongo import personal as module
from streamvault.catalog.mongo.catalog import MongoCatalog
from streamvault.catalog.mongo.personal import MongoPersonal
from streamvault.catalog.personal import Collection, Personal, Watched
from streamvault.storage.mongo import MongoDatabase
from tests.contracts.personal import PersonalContract
from tests.support.mongo import leaves_sockets

pytestmark = leaves_sockets


@pytest.fixture
async def personal(database: MongoDatabase) -> AsyncIterator[Personal]:
    async with MongoCatalog(database):
        yield MongoPersonal(database)


class TestMongoPersonal(PersonalContract):
    pass


async def test_how_far_was_watched(personal: Personal) -> None:
    first = Watched("a", 10.5, 100.0, finished=False, updated=1000)
    assert await personal.watched("eve", ["a"]) == {}
    await personal.set_watched("eve", first)
    await personal.set_watched("eve", Watched("b", 1.0, None, finished=False, updated=2000))
    await personal.set_watched("bob", Watched("a", 7.0, 100.0, finished=True, updated=3000))
    assert await personal.watched("eve", ["a", "c"]) == {"a": first}
    assert [one.file_unique_id for one in await personal.watching("eve", 5)] == ["b", "a"]
    assert [one.file_unique_id for one in await personal.watching("eve", 1)] == ["b"]
    assert await personal.watching("bob", 5) == ()
    await personal.set_watched("eve", Watched("a", 3.0, 100.0, finished=False, updated=999))
    assert (await personal.watched("eve", ["a"]))["a"] == first, "an earlier state came late"
    await personal.set_watched("eve", Watched("a", 99.0, 100.0, finished=True, updated=3000))
    assert [one.file_unique_id for one in await personal.watching("eve", 5)] == ["b"]
    await personal.clear_watched("eve", "b")
    await personal.clear_watched("eve", "b")
    assert await personal.watching("eve", 5) == ()


async def test_users_are_not_confused(personal: Personal) -> None:
    await personal.set_watched("a:b", Watched("c", 1.0, None, finished=False, updated=1))
    await personal.set_favourite("a:b", "c", like=True)
    assert await personal.watched("a", ["b:c"]) == {}
    assert await personal.favourites("a", 5) == ()


async def test_favourites(personal: Personal) -> None:
    for file in ("a", "b", "c", "a"):
        await personal.set_favourite("eve", file, like=True)
    found = await personal.favourites("eve", 2)
    assert [file for _, file in found] == ["c", "b"]
    assert [file for _, file in await personal.favourites("eve", 2, before=found[-1][0])] == ["a"]
    await personal.set_favourite("eve", "b", like=False)
    await personal.set_favourite("eve", "b", like=False)
    assert [file for _, file in await personal.favourites("eve", 9)] == ["c", "a"]
    await personal.set_favourite("eve", "b", like=True)
    assert [file for _, file in await personal.favourites("eve", 9)] == ["b", "c", "a"]


async def test_collections(personal: Personal, monkeypatch: pytest.MonkeyPatch) -> None:
    films, b_sides = (
        await personal.create_collection("eve", "Films"),
        await personal.create_collection("eve", "B-sides"),
    )
    with pytest.raises(ValueError, match="called Films"):
        await personal.create_collection("eve", "Films")
    others = await personal.create_collection("bob", "Films")
    for file in ("x", "y", "x"):
        assert await personal.set_member("eve", films, file, member=True)
    assert await personal.members("eve", films) == ("x", "y")
    assert await personal.collections("eve") == (Collection(b_sides, "B-sides", 0), Collection(films, "Films", 2))
    assert await personal.members("eve", others) is None
    assert not await personal.set_member("eve", others, "x", member=True)
    assert not await personal.delete_collection("eve", others)
    assert await personal.set_member("eve", films, "x", member=False)
    assert await personal.set_member("eve", films, "x", member=False)
    assert await personal.members("eve", films) == ("y",)
    monkeypatch.setattr(module, "MAX_MEMBERS", 2)
    assert await personal.set_member("eve", films, "z", member=True)
    assert await personal.set_member("eve", films, "z", member=True)
    with pytest.raises(ValueError, match="no more are kept"):
        await personal.set_member("eve", films, "w", member=True)
    monkeypatch.setattr(module, "MAX_COLLECTIONS", 2)
    with pytest.raises(ValueError, match="no more are kept"):
        await personal.create_collection("eve", "Third")
    assert await personal.delete_collection("eve", films)
    assert not await personal.delete_collection("eve", films)
    assert await personal.create_collection("eve", "Films") not in (films, b_sides, others)

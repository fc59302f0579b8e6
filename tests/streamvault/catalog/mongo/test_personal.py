"""What belongs to people, in MongoDB."""

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
    await personal.watch("eve", first)
    await personal.watch("eve", Watched("b", 1.0, None, finished=False, updated=2000))
    await personal.watch("bob", Watched("a", 7.0, 100.0, finished=True, updated=3000))
    assert await personal.watched("eve", ["a", "c"]) == {"a": first}
    assert [one.file_unique_id for one in await personal.watching("eve", 5)] == ["b", "a"]
    assert [one.file_unique_id for one in await personal.watching("eve", 1)] == ["b"]
    assert await personal.watching("bob", 5) == ()
    await personal.watch("eve", Watched("a", 3.0, 100.0, finished=False, updated=999))
    assert (await personal.watched("eve", ["a"]))["a"] == first, "an earlier state came late"
    await personal.watch("eve", Watched("a", 99.0, 100.0, finished=True, updated=3000))
    assert [one.file_unique_id for one in await personal.watching("eve", 5)] == ["b"]
    await personal.unwatch("eve", "b")
    await personal.unwatch("eve", "b")
    assert await personal.watching("eve", 5) == ()


async def test_users_are_not_confused(personal: Personal) -> None:
    await personal.watch("a:b", Watched("c", 1.0, None, finished=False, updated=1))
    await personal.favour("a:b", "c", like=True)
    assert await personal.watched("a", ["b:c"]) == {}
    assert await personal.favourites("a", 5) == ()


async def test_favourites(personal: Personal) -> None:
    for file in ("a", "b", "c", "a"):
        await personal.favour("eve", file, like=True)
    found = await personal.favourites("eve", 2)
    assert [file for _, file in found] == ["c", "b"]
    assert [file for _, file in await personal.favourites("eve", 2, before=found[-1][0])] == ["a"]
    await personal.favour("eve", "b", like=False)
    await personal.favour("eve", "b", like=False)
    assert [file for _, file in await personal.favourites("eve", 9)] == ["c", "a"]
    await personal.favour("eve", "b", like=True)
    assert [file for _, file in await personal.favourites("eve", 9)] == ["b", "c", "a"]


async def test_collections(personal: Personal, monkeypatch: pytest.MonkeyPatch) -> None:
    films, b_sides = await personal.collect("eve", "Films"), await personal.collect("eve", "B-sides")
    with pytest.raises(ValueError, match="called Films"):
        await personal.collect("eve", "Films")
    others = await personal.collect("bob", "Films")
    for file in ("x", "y", "x"):
        assert await personal.include("eve", films, file, member=True)
    assert await personal.members("eve", films) == ("x", "y")
    assert await personal.collections("eve") == (Collection(b_sides, "B-sides", 0), Collection(films, "Films", 2))
    assert await personal.members("eve", others) is None
    assert not await personal.include("eve", others, "x", member=True)
    assert not await personal.discard("eve", others)
    assert await personal.include("eve", films, "x", member=False)
    assert await personal.include("eve", films, "x", member=False)
    assert await personal.members("eve", films) == ("y",)
    monkeypatch.setattr(module, "MAX_MEMBERS", 2)
    assert await personal.include("eve", films, "z", member=True)
    assert await personal.include("eve", films, "z", member=True)
    with pytest.raises(ValueError, match="no more are kept"):
        await personal.include("eve", films, "w", member=True)
    monkeypatch.setattr(module, "MAX_COLLECTIONS", 2)
    with pytest.raises(ValueError, match="no more are kept"):
        await personal.collect("eve", "Third")
    assert await personal.discard("eve", films)
    assert not await personal.discard("eve", films)
    assert await personal.collect("eve", "Films") not in (films, b_sides, others)

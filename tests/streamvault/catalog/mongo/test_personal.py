"""The personal data in MongoDB."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pymongo
import pytest
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from streamvault.catalog.mongo import personal as module
from streamvault.catalog.mongo.catalog import MongoCatalog
from streamvault.catalog.mongo.personal import MongoPersonal
from streamvault.catalog.personal import (
    Collection,
    CollectionRecord,
    FavouriteRecord,
    Personal,
    PersonalRecord,
    Watched,
    WatchedRecord,
)
from streamvault.storage.mongo import MongoDatabase
from tests.contracts.personal import PersonalContract
from tests.contracts.personal_moves import PersonalMovesContract
from tests.support.mongo import leaves_sockets, mongo_server

pytestmark = leaves_sockets


@pytest.fixture
async def personal(database: MongoDatabase) -> AsyncIterator[Personal]:
    async with MongoCatalog(database):
        yield MongoPersonal(database)


class TestMongoPersonal(PersonalContract, PersonalMovesContract):
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


class _Commands(CommandListener):
    """Lists the names of the commands that a client sends."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.names.append(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass


@pytest.mark.parametrize("again", [False, True])
async def test_records_are_restored_in_batches(
    mongo_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    """A restore of hundreds of records asks the server tens of times, whether they are new or not."""
    commands = _Commands()
    monkeypatch.setattr(pymongo, "AsyncMongoClient", partial(pymongo.AsyncMongoClient, event_listeners=[commands]))
    users = [user for user in ("bob", "eve") for _ in range(100)]
    found: list[PersonalRecord] = [
        *(WatchedRecord("eve", Watched(f"{n}", 1.0, None, finished=False, updated=n)) for n in range(300)),
        *(FavouriteRecord("eve", f"{n}") for n in range(300)),
        *(CollectionRecord(user, number, f"{number}", ("x",)) for number, user in enumerate(users)),
    ]
    async with (
        mongo_server(tmp_path, shared=mongo_port) as server,
        MongoDatabase(server.url) as opened,
        MongoCatalog(opened),
    ):
        personal = MongoPersonal(opened)
        for _ in range(again):
            await personal.restore(found)
        commands.names.clear()
        await personal.restore(found)
        assert 0 < len(commands.names) < 100, commands.names
        assert len(await personal.watching("eve", 500)) == len(await personal.favourites("eve", 500)) == 300
        assert [one.files for one in await personal.collections("bob")] == [1] * 100


async def test_collections_with_ids_that_are_taken_get_others(personal: Personal) -> None:
    taken = await personal.create_collection("bob", "Mine")
    records = [CollectionRecord("eve", id, f"{n}") for n, id in enumerate((taken, taken, taken + 1, taken + 2, taken))]
    await personal.restore(records)
    await personal.restore(records)
    found = await personal.collections("eve")
    assert [one.name for one in found] == ["0", "1", "2", "3", "4"]
    ids = {one.id for one in found}
    assert len(ids - {taken}) == 5
    assert {taken + 1, taken + 2} <= ids
    assert await personal.create_collection("eve", "New") > max(ids)


async def test_records_of_one_collection_are_put_together(personal: Personal) -> None:
    await personal.restore(
        [CollectionRecord("eve", 5, "Films", ("x", "y")), CollectionRecord("eve", 6, "Films", ("y", "z"))]
    )
    assert await personal.collections("eve") == (Collection(5, "Films", 3),)
    assert await personal.members("eve", 5) == ("x", "y", "z")

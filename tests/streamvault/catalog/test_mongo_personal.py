"""What belongs to people, in MongoDB: the contract."""

from collections.abc import AsyncIterator

import pytest

from streamvault.catalog import mongo_personal
from streamvault.catalog.mongo import MongoCatalog
from streamvault.catalog.mongo_personal import MongoPersonal
from streamvault.catalog.personal import Personal, Watched
from streamvault.storage.mongo import MongoDatabase
from tests.contracts.personal import PersonalContract
from tests.support.mongo import leaves_sockets

pytestmark = leaves_sockets


@pytest.fixture
async def personal(database: MongoDatabase) -> AsyncIterator[Personal]:
    async with MongoCatalog(database):
        yield MongoPersonal(database)


class TestMongoPersonal(PersonalContract):
    """The conformance suite on MongoDB."""

    limits = mongo_personal


async def test_users_are_not_confused(personal: Personal) -> None:
    await personal.watch("a:b", Watched("c", 1.0, None, finished=False, updated=1))
    await personal.favour("a:b", "c", like=True)
    assert await personal.watched("a", ["b:c"]) == {}
    assert await personal.favourites("a", 5) == ()

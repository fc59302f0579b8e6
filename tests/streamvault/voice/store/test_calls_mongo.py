"""The calls in MongoDB."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from streamvault.errors import ConfigError
from streamvault.storage.mongo import MongoDatabase
from streamvault.voice.store.base import CallStore
from streamvault.voice.store.mongo import VERSION, MongoCalls
from tests.contracts.voice_calls import CallStoreContract
from tests.support.mongo import leaves_sockets, mongo_server

pytestmark = leaves_sockets


@pytest.fixture
async def url(mongo_port: int, tmp_path: Path) -> AsyncIterator[SecretStr]:
    async with mongo_server(tmp_path, shared=mongo_port) as server:
        yield server.url


@pytest.fixture
async def calls(url: SecretStr) -> AsyncIterator[CallStore]:
    async with MongoDatabase(url) as server, MongoCalls(server) as opened:
        yield opened


@pytest.fixture
async def elsewhere(url: SecretStr, calls: CallStore) -> AsyncIterator[CallStore]:
    async with MongoDatabase(url) as server, MongoCalls(server) as opened:
        yield opened


class TestMongoCalls(CallStoreContract):
    pass


async def test_calls_of_a_newer_version_are_refused(database: MongoDatabase) -> None:
    await database.database["versions"].insert_one({"_id": "voice", "version": VERSION + 1})
    with pytest.raises(ConfigError, match="newer version"):
        await MongoCalls(database).__aenter__()

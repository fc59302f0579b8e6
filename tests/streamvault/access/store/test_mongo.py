"""The access records in MongoDB."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from streamvault.access.store.base import AccessRecords
from streamvault.access.store.mongo import VERSION, MongoAccessRecords
from streamvault.errors import ConfigError
from streamvault.storage.mongo import MongoDatabase
from tests.contracts.access_records import AccessRecordsContract
from tests.support.mongo import leaves_sockets, mongo_server

pytestmark = leaves_sockets


@pytest.fixture
async def url(mongo_port: int, tmp_path: Path) -> AsyncIterator[SecretStr]:
    async with mongo_server(tmp_path, shared=mongo_port) as server:
        yield server.url


@pytest.fixture
async def records(url: SecretStr) -> AsyncIterator[AccessRecords]:
    async with MongoDatabase(url) as server, MongoAccessRecords(server) as opened:
        yield opened


@pytest.fixture
async def elsewhere(url: SecretStr, records: AccessRecords) -> AsyncIterator[AccessRecords]:
    async with MongoDatabase(url) as server, MongoAccessRecords(server) as opened:
        yield opened


class TestMongoAccessRecords(AccessRecordsContract):
    pass


async def test_records_of_a_newer_version_are_refused(database: MongoDatabase) -> None:
    await database.database["versions"].insert_one({"_id": "access", "version": VERSION + 1})
    with pytest.raises(ConfigError, match="newer version"):
        await MongoAccessRecords(database).__aenter__()

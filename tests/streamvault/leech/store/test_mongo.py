"""The leech jobs in MongoDB."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from streamvault.errors import ConfigError
from streamvault.leech.store.base import JobStore
from streamvault.leech.store.mongo import VERSION, MongoJobs
from streamvault.storage.mongo import MongoDatabase
from tests.contracts.leech_jobs import JobStoreContract
from tests.support.mongo import leaves_sockets, mongo_server

pytestmark = leaves_sockets


@pytest.fixture
async def url(mongo_port: int, tmp_path: Path) -> AsyncIterator[SecretStr]:
    async with mongo_server(tmp_path, shared=mongo_port) as server:
        yield server.url


@pytest.fixture
async def jobs(url: SecretStr) -> AsyncIterator[JobStore]:
    async with MongoDatabase(url) as server, MongoJobs(server) as opened:
        yield opened


@pytest.fixture
async def elsewhere(url: SecretStr, jobs: JobStore) -> AsyncIterator[JobStore]:
    async with MongoDatabase(url) as server, MongoJobs(server) as opened:
        yield opened


class TestMongoJobs(JobStoreContract):
    pass


async def test_jobs_of_a_newer_version_are_refused(database: MongoDatabase) -> None:
    await database.database["versions"].insert_one({"_id": "leech", "version": VERSION + 1})
    with pytest.raises(ConfigError, match="newer version"):
        await MongoJobs(database).__aenter__()

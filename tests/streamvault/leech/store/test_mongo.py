"""The leech jobs in MongoDB."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from streamvault.errors import ConfigError
from streamvault.leech.store import mongo
from streamvault.leech.store.base import JobStore
from streamvault.leech.store.mongo import VERSION, MongoJobs
from streamvault.storage.mongo import MongoDatabase
from tests.contracts.leech_job_values import ANNA, BERT, add_all, due_ids, job
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


async def test_nobody_waits_behind_more_jobs_than_are_read(jobs: JobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongo, "MAX_DUE", 8)
    await add_all(jobs, [job(f"a{n:02}", created=float(n), person=ANNA, priority=n % 2) for n in range(20)])
    await add_all(jobs, [job("b", created=50.0, person=BERT), job("c", created=60.0)])
    assert await due_ids(jobs, 5.0, each=2) == ["a01", "a03", "b", "c"]
    assert len(await due_ids(jobs, 5.0, each=20)) == 8


async def test_of_very_many_people_all_have_their_turn(jobs: JobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongo, "MAX_DUE", 8)
    monkeypatch.setattr(mongo, "MAX_PEOPLE", 3)
    await add_all(jobs, [job(f"{n:02}", created=float(n), person=n + 1) for n in range(10)])
    found = [await due_ids(jobs, float(second), each=1) for second in range(10)]
    assert {len(page) for page in found} == {3}
    assert {id for page in found for id in page} == {f"{n:02}" for n in range(10)}


async def test_jobs_of_a_newer_version_are_refused(database: MongoDatabase) -> None:
    await database.database["versions"].insert_one({"_id": "leech", "version": VERSION + 1})
    with pytest.raises(ConfigError, match="newer version"):
        await MongoJobs(database).__aenter__()

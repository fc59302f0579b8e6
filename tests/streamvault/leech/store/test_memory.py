"""The leech jobs in memory, which tests use."""

import pytest

from streamvault.errors import CatalogError
from streamvault.leech.store.base import JobStore
from tests.contracts.leech_job_values import job
from tests.contracts.leech_jobs import JobStoreContract
from tests.support.job_store import MemoryJobs


@pytest.fixture
def jobs() -> JobStore:
    return MemoryJobs()


@pytest.fixture
def elsewhere(jobs: JobStore) -> JobStore:
    return jobs


class TestMemoryJobs(JobStoreContract):
    pass


async def test_it_fails_where_it_is_told_to() -> None:
    jobs = MemoryJobs()
    jobs.failing = True
    with pytest.raises(CatalogError):
        await jobs.add(job("a"))
    jobs.failing = False
    assert await jobs.get("a") is None

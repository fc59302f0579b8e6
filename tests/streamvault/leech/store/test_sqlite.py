"""The leech jobs in SQLite."""

import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from streamvault.leech.model import State
from streamvault.leech.store.base import JobStore
from streamvault.leech.store.sqlite import SqliteJobs
from streamvault.storage import sqlite
from tests.contracts.leech_job_values import job
from tests.contracts.leech_jobs import JobStoreContract


@pytest.fixture
async def jobs(tmp_path: Path) -> AsyncIterator[JobStore]:
    async with SqliteJobs(tmp_path / "streamvault.db") as opened:
        yield opened


@pytest.fixture
async def elsewhere(tmp_path: Path, jobs: JobStore) -> AsyncIterator[JobStore]:
    async with SqliteJobs(tmp_path / "streamvault.db") as opened:
        yield opened


async def use_all(jobs: JobStore) -> None:
    """Call every method."""
    await jobs.add(job("a", person=5))
    await jobs.replace(job("a", version=1))
    await jobs.get("a")
    await jobs.due(5.0, each=5)
    await jobs.held(5.0)
    for person in (5, None):
        for after in ("a", None):
            await jobs.listed(person=person, limit=5, after=after)
    await jobs.changed(5.0, limit=5)
    await jobs.same("a")
    await jobs.open_by(5)
    await jobs.delete_ended(5.0, limit=5)


async def test_no_statement_reads_all_jobs_or_sorts_those_that_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, plans = sqlite._rows, dict[str, list[str]]()

    async def explained(connection: Any, sql: str, parameters: Sequence[object]) -> list[sqlite.Row]:
        if " jobs " in sql and sql.split()[0] in ("SELECT", "DELETE", "UPDATE"):
            plans[sql] = [str(row[3]) for row in await real(connection, f"EXPLAIN QUERY PLAN {sql}", parameters)]
        return await real(connection, sql, parameters)

    async with SqliteJobs(tmp_path / "streamvault.db") as jobs:
        monkeypatch.setattr(sqlite, "_rows", explained)
        await use_all(jobs)
    assert len(plans) >= 12
    slow = re.compile(r"SCAN jobs$")
    assert {sql: plan for sql, plan in plans.items() if any(map(slow.search, plan))} == {}


async def test_what_was_posted_is_known_after_a_power_cut(tmp_path: Path) -> None:
    """SQLite has the disk confirm each transaction."""
    async with SqliteJobs(tmp_path / "streamvault.db") as jobs, jobs._database.transaction() as run:
        assert await run("PRAGMA synchronous") == [(2,)]


async def test_a_job_that_an_earlier_version_wrote(tmp_path: Path) -> None:
    """What a text lacks has its default."""
    async with SqliteJobs(tmp_path / "streamvault.db") as jobs:
        await jobs.add(job("a"))
        text = '{"id":"a","source":"s","chat_id":-5,"created":1000.0,"options":{"name":"x"},"transfer":{"pieces":[]}}'
        await jobs._database.write("UPDATE jobs SET value = ?", (text,))
        found = await jobs.get("a")
        assert found is not None
        assert (found.options.name, found.options.zip, found.state) == ("x", False, State.QUEUED)


class TestSqliteJobs(JobStoreContract):
    pass

"""The feeds in SQLite."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from streamvault.leech.feeds.store.base import FeedStore
from streamvault.leech.feeds.store.sqlite import SqliteFeeds
from streamvault.leech.store.sqlite import SqliteJobs
from streamvault.storage import sqlite
from tests.contracts.leech_feeds import FeedStoreContract, feed
from tests.contracts.leech_job_values import job


@pytest.fixture
async def feeds(tmp_path: Path) -> AsyncIterator[FeedStore]:
    async with SqliteFeeds(tmp_path / "streamvault.db") as opened:
        yield opened


@pytest.fixture
async def elsewhere(tmp_path: Path, feeds: FeedStore) -> AsyncIterator[FeedStore]:
    async with SqliteFeeds(tmp_path / "streamvault.db") as opened:
        yield opened


class TestSqliteFeeds(FeedStoreContract):
    pass


async def test_no_statement_reads_all_feeds_and_power_cuts_lose_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, plans = sqlite._rows, dict[str, list[str]]()

    async def explained(connection: Any, sql: str, parameters: Sequence[object]) -> list[sqlite.Row]:
        if " feeds " in sql and sql.split()[0] in ("SELECT", "DELETE", "UPDATE"):
            plans[sql] = [str(row[3]) for row in await real(connection, f"EXPLAIN QUERY PLAN {sql}", parameters)]
        return await real(connection, sql, parameters)

    async with SqliteFeeds(tmp_path / "streamvault.db") as feeds:
        monkeypatch.setattr(sqlite, "_rows", explained)
        await feeds.add(feed("a", person=5))
        await feeds.replace(feed("a", version=1))
        await feeds.get("a")
        await feeds.due(5.0, limit=5)
        for person in (5, None):
            await feeds.listed(person=person)
            await feeds.count(person)
        await feeds.same("x")
        await feeds.delete("a")
        async with feeds._database.transaction() as run:
            assert await run("PRAGMA synchronous") == [(2,)]
    assert len(plans) == 9
    assert [
        sql for sql, plan in plans.items() if "SCAN feeds" in plan or any("TEMP B-TREE" in one for one in plan)
    ] == []


async def test_feeds_and_jobs_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "streamvault.db"
    async with SqliteJobs(path) as jobs:
        await jobs.add(job("a"))
    async with SqliteFeeds(path) as feeds, SqliteJobs(path) as jobs:
        await feeds.add(feed("a"))
        text = '{"id":"a","address":"https://h/","chat_id":-5,"created":1000.0,"rules":{"include":["x"]}}'
        await feeds._database.write("UPDATE feeds SET value = ?", (text,))
        found = await feeds.get("a")
        assert found is not None
        assert (found.rules.include, found.rules.titles, found.seen) == (("x",), False, ()), (
            "as an earlier version wrote"
        )
        assert await jobs.get("a") is not None

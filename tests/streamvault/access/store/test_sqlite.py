"""The access records in SQLite."""

import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from streamvault.access.store.base import AccessRecords, Record
from streamvault.access.store.sqlite import SqliteAccessRecords
from streamvault.storage import sqlite
from tests.contracts.access_records import AccessRecordsContract


@pytest.fixture
async def records(tmp_path: Path) -> AsyncIterator[AccessRecords]:
    async with SqliteAccessRecords(tmp_path / "streamvault.db") as opened:
        yield opened


@pytest.fixture
async def elsewhere(tmp_path: Path, records: AccessRecords) -> AsyncIterator[AccessRecords]:
    async with SqliteAccessRecords(tmp_path / "streamvault.db") as opened:
        yield opened


async def use_all(records: AccessRecords) -> None:
    """Call every method."""
    await records.add(Record("link", "a", 1.0, person=5), most=5)
    await records.put(Record("link", "a", 1.0, person=5))
    await records.change("link", "a", before={}, after={"n": 1})
    await records.get("link", "a")
    for person in (5, None):
        for after in ("a", None):
            await records.listed("link", person=person, limit=5, after=after)
    await records.add_member("link", "a", "x", most=5)
    await records.count_uses({("link", "a"): 1}, last_used=1.0)
    await records.trim("link", keep=5)
    await records.purge(5.0)
    await records.delete_of(6, ["link"])
    await records.take("link", "a")
    await records.delete("link", "a")


async def test_no_statement_reads_all_records_or_sorts_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, plans = sqlite._rows, dict[str, list[str]]()

    async def explained(connection: Any, sql: str, parameters: Sequence[object]) -> list[sqlite.Row]:
        if " access_records " in sql and sql.split()[0] in ("SELECT", "DELETE", "UPDATE"):
            plans[sql] = [str(row[3]) for row in await real(connection, f"EXPLAIN QUERY PLAN {sql}", parameters)]
        return await real(connection, sql, parameters)

    async with SqliteAccessRecords(tmp_path / "streamvault.db") as records:
        monkeypatch.setattr(sqlite, "_rows", explained)
        await use_all(records)
    assert len(plans) >= 13
    slow = re.compile(r"SCAN access|TEMP B-TREE")
    assert {sql: plan for sql, plan in plans.items() if any(map(slow.search, plan))} == {}


async def test_what_was_taken_away_stays_away_after_a_power_cut(tmp_path: Path) -> None:
    """SQLite has the disk confirm each transaction."""
    async with SqliteAccessRecords(tmp_path / "streamvault.db") as records, records._database.transaction() as run:
        assert await run("PRAGMA synchronous") == [(2,)]


class TestSqliteAccessRecords(AccessRecordsContract):
    pass

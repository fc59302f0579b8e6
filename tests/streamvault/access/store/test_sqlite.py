"""The access records in SQLite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.access.store.base import AccessRecords
from streamvault.access.store.sqlite import SqliteAccessRecords
from tests.contracts.access_records import AccessRecordsContract


@pytest.fixture
async def records(tmp_path: Path) -> AsyncIterator[AccessRecords]:
    async with SqliteAccessRecords(tmp_path / "streamvault.db") as opened:
        yield opened


@pytest.fixture
async def elsewhere(tmp_path: Path, records: AccessRecords) -> AsyncIterator[AccessRecords]:
    async with SqliteAccessRecords(tmp_path / "streamvault.db") as opened:
        yield opened


class TestSqliteAccessRecords(AccessRecordsContract):
    pass

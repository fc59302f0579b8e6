"""The personal data in SQLite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.catalog.sqlite.personal import SqlitePersonal
from tests.contracts.personal import ANNA, PersonalContract, at
from tests.contracts.personal_moves import PersonalMovesContract


@pytest.fixture
async def personal(tmp_path: Path) -> AsyncIterator[SqlitePersonal]:
    async with SqlitePersonal(tmp_path / "streamvault.db") as opened:
        yield opened


class TestSqlitePersonal(PersonalContract, PersonalMovesContract):
    pass


async def test_it_is_stored_in_the_catalogs_file(tmp_path: Path) -> None:
    path = tmp_path / "streamvault.db"
    async with SqliteCatalog(path), SqlitePersonal(path) as personal:
        await personal.set_watched(ANNA, at(5.0))
    async with SqlitePersonal(path) as personal, SqliteCatalog(path):
        assert await personal.watched(ANNA, ["film"]) == {"film": at(5.0)}

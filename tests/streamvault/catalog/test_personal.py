"""What belongs to people, in SQLite and in memory."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.catalog import sqlite_personal
from streamvault.catalog.sqlite import SqliteCatalog
from streamvault.catalog.sqlite_personal import SqlitePersonal
from streamvault.errors import CatalogError
from tests.contracts.personal import ANNA, PersonalContract, state
from tests.support import personal as memory
from tests.support.files import media_file


class TestSqlitePersonal(PersonalContract):
    """The conformance suite on SQLite."""

    limits = sqlite_personal

    @pytest.fixture
    async def personal(self, tmp_path: Path) -> AsyncIterator[SqlitePersonal]:
        async with SqlitePersonal(tmp_path / "catalog.db") as opened:
            yield opened


class TestMemoryPersonal(PersonalContract):
    """The conformance suite in memory."""

    limits = memory

    @pytest.fixture
    def personal(self) -> memory.MemoryPersonal:
        return memory.MemoryPersonal()


async def test_it_lives_in_the_catalogs_file_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    async with SqliteCatalog(path) as catalog, SqlitePersonal(path) as personal:
        await asyncio.gather(
            *(catalog.put(media_file(number)) for number in range(1, 30)),
            *(personal.watch(ANNA, state(f"{number}")) for number in range(30)),
        )
    async with SqlitePersonal(path) as personal, SqliteCatalog(path) as catalog:
        assert (await catalog.counts()).files == 29
        assert len(await personal.watching(ANNA, 99)) == 30
    with pytest.raises(CatalogError, match="closed"):
        await personal.watching(ANNA, 1)

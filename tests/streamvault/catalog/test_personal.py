"""What belongs to people, in SQLite and in memory."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.catalog.personal import MAX_MEMBERS, Personal
from streamvault.catalog.sqlite import SqliteCatalog
from streamvault.catalog.sqlite_personal import SqlitePersonal
from streamvault.errors import CatalogError
from tests.contracts.personal import ME, PersonalContract, seen
from tests.support.files import media_file
from tests.support.personal import MemoryPersonal


class TestInMemory(PersonalContract):
    @pytest.fixture
    def personal(self) -> Personal:
        return MemoryPersonal()


class TestInSqlite(PersonalContract):
    @pytest.fixture
    async def personal(self, tmp_path: Path) -> AsyncIterator[Personal]:
        async with SqlitePersonal(tmp_path / "streamvault.db") as personal:
            yield personal


async def test_it_lives_beside_the_catalog_and_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "streamvault.db"
    for _ in range(2):
        async with SqliteCatalog(path) as catalog, SqlitePersonal(path) as personal:
            await catalog.put(media_file(1))
            await personal.watch(ME, seen("a"))
            await catalog.put(media_file(2))
            assert await personal.watched(ME, ["a"]) == {"a": seen("a")}


async def test_a_full_collection_is_told(tmp_path: Path) -> None:
    async with SqlitePersonal(tmp_path / "streamvault.db") as personal:
        mine = await personal.collect(ME, "a")
        rows = [(mine, str(number)) for number in range(MAX_MEMBERS)]
        async with personal._database.transaction() as run:
            await run.many("INSERT INTO members (collection, file) VALUES (?, ?)", rows)
        with pytest.raises(ValueError, match=str(MAX_MEMBERS)):
            await personal.include(ME, mine, "one more", member=True)
        assert await personal.include(ME, mine, "7", member=True), "it is in it"


async def test_a_closed_database_is_a_catalog_error(tmp_path: Path) -> None:
    personal = SqlitePersonal(tmp_path / "streamvault.db")
    with pytest.raises(CatalogError):
        await personal.watching(ME, 1)

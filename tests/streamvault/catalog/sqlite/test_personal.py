"""The personal data in SQLite."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.catalog.sqlite.personal import SqlitePersonal
from streamvault.errors import CatalogError
from tests.contracts.personal import ANNA, PersonalContract, at
from tests.contracts.personal_moves import BROWSER, PERSON, PersonalMovesContract


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


async def test_each_collection_is_moved_in_a_transaction_of_its_own(tmp_path: Path) -> None:
    """One that cannot be moved costs those before it nothing, and the next move finishes."""
    path = tmp_path / "streamvault.db"
    async with SqlitePersonal(path) as personal:
        ids = {name: await personal.create_collection(BROWSER, name) for name in ("a", "b", "c")}
        await personal.set_watched(BROWSER, at(5.0))
        with closing(sqlite3.connect(path)) as other:
            other.execute(
                "CREATE TRIGGER fault BEFORE UPDATE ON collections WHEN old.name = 'b' "
                "BEGIN SELECT RAISE(ABORT, 'fault'); END"
            )
        with pytest.raises(CatalogError):
            await personal.move(BROWSER, PERSON)
        assert [(one.name, one.id) for one in await personal.collections(PERSON)] == [("a", ids["a"])]
        assert [one.name for one in await personal.collections(BROWSER)] == ["b", "c"]
        assert await personal.watched(PERSON, ["film"]) == {"film": at(5.0)}
        with closing(sqlite3.connect(path)) as other:
            other.execute("DROP TRIGGER fault")
        assert await personal.move(BROWSER, PERSON) == 0
        assert {one.name: one.id for one in await personal.collections(PERSON)} == ids


async def test_others_write_between_the_collections_that_are_moved(tmp_path: Path) -> None:
    """Whoever waits for the database when the first part is moved comes before the next part."""
    async with SqlitePersonal(tmp_path / "streamvault.db") as personal:
        for name in ("a", "b", "c"):
            last = await personal.create_collection(BROWSER, name)
        left, deleted = await asyncio.gather(personal.move(BROWSER, PERSON), personal.delete_collection(BROWSER, last))
        assert (left, deleted) == (0, True)
        assert [one.name for one in await personal.collections(PERSON)] == ["a", "b"]

"""The index is merged while it is written, and finds the same."""

from pathlib import Path

import pytest

from streamvault.catalog.base import CatalogQuery, Change
from streamvault.catalog.sqlite import index_merge
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.errors import CatalogError
from streamvault.media.name_facts import NameFacts
from streamvault.storage.sqlite import SqliteDatabase
from tests.support.catalogs import MemoryCatalog
from tests.support.files import media_file
from tests.support.walking import entries

FILES = [media_file(number, name=f"film {number} x{number % 7}.mkv", caption="words " * 20) for number in range(200)]


async def change_much(catalog: SqliteCatalog | MemoryCatalog) -> None:
    """Put every file, store its facts twice, edit and remove some."""
    await catalog.apply(Change(put=FILES))
    for version in (1, 2):
        for file in FILES:
            await catalog.store_facts(
                {file.key.file_unique_id: NameFacts(version, title=f"Title {version} {file.name}")}
            )
    edited = [media_file(number, name=f"edited {number}", edit_date=5) for number in range(0, 200, 3)]
    await catalog.apply(Change(put=edited, gone=[file.origin for file in FILES[1::3]]))


def size(path: Path) -> int:
    """The bytes of the index."""
    import sqlite3

    with sqlite3.connect(path) as database:
        database.execute("INSERT INTO search (search) VALUES ('integrity-check')")
        [(count,)] = database.execute("SELECT sum(length(block)) FROM search_data")
    database.close()
    return int(count)


@pytest.mark.parametrize("pages", [2, 1000])
async def test_merging_shrinks_the_index_and_finds_the_same(
    tmp_path: Path, pages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with SqliteCatalog(tmp_path / "untidy.db") as catalog:
        await change_much(catalog)
    monkeypatch.setattr(index_merge, "_AT_LEAST", 20)
    monkeypatch.setattr(index_merge, "_PAGES", pages)
    plain = MemoryCatalog()
    await change_much(plain)
    async with SqliteCatalog(tmp_path / "tidy.db") as catalog:
        await change_much(catalog)
        for text in ("", "film", "edited", "title 1", "2 -x3", "x6", '"title 2 film"'):
            assert await entries(catalog, CatalogQuery(text=text)) == await entries(plain, CatalogQuery(text=text))
    assert size(tmp_path / "tidy.db") < 0.8 * size(tmp_path / "untidy.db")


async def test_a_failing_merge_keeps_what_was_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(index_merge, "_AT_LEAST", 1)
    async with SqliteCatalog(tmp_path / "catalog.db") as catalog:
        with monkeypatch.context() as broken:

            async def full(self: SqliteDatabase, sql: str, parameters: object = ()) -> None:
                raise CatalogError("the disk is full")

            broken.setattr(SqliteDatabase, "read", full)
            await catalog.put(media_file(1))
        assert "the disk is full" in caplog.text
        assert await catalog.get(media_file(1).origin) == media_file(1)

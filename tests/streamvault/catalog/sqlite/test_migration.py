"""The migration of a catalog of schema 2."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from streamvault.catalog.base import CatalogQuery, Counts, Entry
from streamvault.catalog.sqlite import migration
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.catalog.sqlite.schema import MIGRATIONS
from streamvault.catalog.sqlite.writing import Prepared, prepare
from streamvault.errors import CatalogError
from streamvault.media.model import FileKey, MediaFile
from tests.support.files import CHANNEL, media_file
from tests.support.walking import names

FILES = [
    media_file(
        number, chat_id=CHANNEL - number % 2, edit_date=number or None, name=f"Été {number}.mp4", date=number // 4
    )
    for number in range(25)
]
FILES[7] = media_file(7, chat_id=CHANNEL - 1, key=FileKey(FILES[8].key.file_unique_id), caption="#tag")
_ROW = "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '')"


def before(path: Path, files: list[MediaFile]) -> None:
    """Create a database file of schema 2."""
    with sqlite3.connect(path) as old:
        for step in MIGRATIONS[:2]:
            for statement in step:
                old.execute(statement)
        old.execute("PRAGMA user_version = 2")
        old.execute("INSERT INTO chats VALUES (?, 'Films')", (CHANNEL,))
        for file in files:
            old.execute(_ROW, (
                file.origin.chat_id, file.origin.message_id, file.key.file_unique_id, file.dc_id, file.kind, file.name,
                file.size, file.mime_type, file.date, file.edit_date, file.caption, file.duration, file.width,
                file.height, file.title, file.performer, json.dumps(file.thumb_sizes),
            ))  # fmt: skip
    old.close()


async def holds_all(catalog: SqliteCatalog) -> None:
    found = await catalog.dump(None, 100)
    expected = sorted(FILES, key=lambda file: (file.origin.chat_id, file.origin.message_id))
    assert list(found) == [Entry(file, None, ("tag",) if file.caption else ()) for file in expected]
    assert (await catalog.counts()).files == 25
    assert await catalog.chats() == {CHANNEL: "Films"}
    assert await names(catalog, CatalogQuery(text="ete 12")) == ["Été 12.mp4"]


@pytest.mark.parametrize("at_once", [1, 7, 25, 1000])
async def test_every_row_is_migrated_and_found(tmp_path: Path, at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration, "_AT_ONCE", at_once)
    before(tmp_path / "catalog.db", FILES)
    for _ in range(2):
        async with SqliteCatalog(tmp_path / "catalog.db") as catalog:
            await holds_all(catalog)


async def test_an_empty_catalog_is_migrated(tmp_path: Path) -> None:
    before(tmp_path / "catalog.db", [])
    async with SqliteCatalog(tmp_path / "catalog.db") as catalog:
        assert await catalog.counts() == Counts()
        assert await catalog.chats() == {CHANNEL: "Films"}


async def test_two_processes_migrate_it_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration, "_AT_ONCE", 2)
    before(tmp_path / "catalog.db", FILES)
    one, two = SqliteCatalog(tmp_path / "catalog.db"), SqliteCatalog(tmp_path / "catalog.db")
    await asyncio.gather(one.__aenter__(), two.__aenter__())
    await holds_all(one)
    await holds_all(two)
    await asyncio.gather(one.__aexit__(None, None, None), two.__aexit__(None, None, None))


async def test_an_interrupted_migration_continues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before(tmp_path / "catalog.db", FILES)
    calls: list[Sequence[MediaFile]] = []

    async def fails(files: Sequence[MediaFile]) -> Prepared:
        calls.append(files)
        if len(calls) == 3:
            raise CatalogError("the disk is full")
        return await prepare(files)

    with monkeypatch.context() as patched:
        patched.setattr(migration, "_AT_ONCE", 4)
        patched.setattr(migration, "prepare", fails)
        with pytest.raises(CatalogError, match="disk is full"):
            await SqliteCatalog(tmp_path / "catalog.db").__aenter__()
    async with SqliteCatalog(tmp_path / "catalog.db") as catalog:
        await holds_all(catalog)

"""A catalog of schema 4 is opened at once, and its rows are computed again in the background."""

import sqlite3
from pathlib import Path

import pytest

from streamvault.catalog.base import CatalogQuery, Change
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.catalog.sqlite.schema import MIGRATIONS
from streamvault.catalog.words import fold
from streamvault.indexing import recompute
from streamvault.indexing.joining import JoiningCatalog
from streamvault.indexing.recompute import Recompute
from streamvault.media.model import MediaFile
from streamvault.media.name_facts import NameFacts
from tests.support.files import media_file
from tests.support.walking import everything, names

SCHEMA = 4


def as_schema_4(path: Path) -> None:
    """Take back what the migrations after schema 4 added, and what is computed otherwise since then."""
    with sqlite3.connect(path) as old:
        names = {name for (name,) in old.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")}
        for name in names & {"albums_joined", "albums_changed", "albums_left", "probes_left"}:
            old.execute(f"DROP TRIGGER {name}")
        old.execute("DROP INDEX files_by_file")
        old.execute("CREATE INDEX files_by_file ON files (file)")
        for name in ("albums", "probes", "revision"):
            old.execute(f"DROP TABLE {name}")
        for table, added in (
            ("files", "sent rules behind album_text"),
            ("listed", "behind"),
            ("contents", "last_episode"),
        ):
            for column in added.split():
                old.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        old.create_function("fold", 1, fold)
        old.execute("UPDATE files SET name_key = fold(name)")
        old.execute(f"PRAGMA user_version = {SCHEMA}")
    old.close()


async def test_a_catalog_of_schema_4_is_listed_at_once_and_computed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L, H, P: names in natural order, texts of albums, and whose post stands in front, in an existing catalog."""
    assert len(MIGRATIONS) > SCHEMA
    monkeypatch.setattr(recompute, "BATCH", 4)
    path = tmp_path / "catalog.db"
    lessons = [media_file(n, name=f"Lesson {n}") for n in range(1, 12)]
    album = [media_file(n, name="boat", album=7, caption="Regatta #sail" if n == 21 else "") for n in range(21, 25)]
    copy = media_file(30, key=lessons[0].key, name="copy", forwarded_from=-1001)
    async with SqliteCatalog(path) as catalog:
        await catalog.apply(Change(put=[*lessons, *album, copy]))
        await catalog.store_facts({lessons[3].key.file_unique_id: NameFacts(2, title="Lesson", year=1999)})
    as_schema_4(path)
    async with SqliteCatalog(path) as catalog:
        everyone = CatalogQuery(sort="name", order="asc", limit=3)
        assert sorted(await names(catalog, everyone)) == sorted(
            ["copy", *(one.name for one in lessons[1:]), *["boat"] * 4]
        )
        assert await names(catalog, CatalogQuery(text="lesson", year=1999)) == ["Lesson 4"]
        found: list[list[MediaFile]] = []
        walk = Recompute(JoiningCatalog(catalog))
        real = catalog.outdated

        async def between(before: int | None, limit: int) -> object:
            found.append(await everything(catalog, everyone))
            return await real(before, limit)

        monkeypatch.setattr(walk._catalog, "outdated", between)
        await walk.walk()
        assert len(found) > 2
        for files in found:
            keys = [file.key for file in files]
            assert sorted(key.file_unique_id for key in keys) == sorted({key.file_unique_id for key in keys})
            assert len(keys) == 15, "pages lose and repeat nothing while some rows are old"
        assert await names(catalog, everyone) == ["boat"] * 4 + [one.name for one in lessons]
        assert len(await names(catalog, CatalogQuery(text="regatta", tag="sail"))) == 4
        assert await names(catalog, CatalogQuery(text="lesson", year=1999)) == ["Lesson 4"]

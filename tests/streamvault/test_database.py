"""The database: its parts share one file or server, and one that an older version wrote is upgraded in place."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from streamvault.access.store.base import Record
from streamvault.catalog.mongo.catalog import MongoCatalog
from streamvault.catalog.personal import FavouriteRecord
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.catalog.sqlite.personal import SqlitePersonal
from streamvault.database import connected_access, connected_database
from streamvault.errors import ConfigError
from streamvault.leech.model import Job, State
from streamvault.settings import Settings
from streamvault.storage.mongo import MongoDatabase
from tests.support.files import media_file
from tests.support.mongo import leaves_sockets, mongo_server

pytestmark = leaves_sockets

LINK = Record("link", "a", 1000.0, {"scope": "file"}, person=5)


@pytest.fixture(params=["sqlite", "mongodb"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    if request.param == "sqlite":
        yield "sqlite:///streamvault.db"
        return
    async with mongo_server(tmp_path, shared=request.getfixturevalue("mongo_port")) as server:
        yield server.url.get_secret_value()


def settings(folder: Path, url: str) -> Settings:
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        api_id=1,
        api_hash=SecretStr("0" * 32),
        bot_token=SecretStr("7:secret"),
        data_dir=folder,
        database_url=SecretStr(url),
    )


async def test_access_records_are_in_the_same_database(tmp_path: Path, url: str) -> None:
    chosen = settings(tmp_path, url)
    async with connected_access(chosen) as records:
        assert await records.add(LINK)
    async with connected_database(chosen) as database, connected_access(chosen) as elsewhere:
        assert await database.records.get("link", "a") == LINK
        await database.catalog.put(media_file(1))
        await database.personal.restore([FavouriteRecord("eve", "a")])
        await database.records.advance()
        assert await database.jobs.add(Job("a", "https://host/film.mkv", -1001, 1000.0))
        assert await elsewhere.epoch() == 1
        assert (await database.catalog.counts()).files == 1
    async with connected_database(chosen) as again:
        assert await again.jobs.counts() == {State.QUEUED: 1}
    assert [path.name for path in tmp_path.glob("*.db")] == ["streamvault.db"] * url.startswith("sqlite")


@pytest.mark.parametrize("with_personal", [False, True])
async def test_a_file_without_access_records_gets_them(tmp_path: Path, with_personal: bool) -> None:
    path = tmp_path / "streamvault.db"
    async with SqliteCatalog(path) as catalog:
        await catalog.put(media_file(1))
    if with_personal:
        async with SqlitePersonal(path) as personal:
            await personal.set_favourite("eve", "a", like=True)
    for times in range(2):
        async with connected_database(settings(tmp_path, "sqlite:///streamvault.db")) as database:
            assert (await database.catalog.counts()).files == 1
            assert len(await database.personal.favourites("eve", 5)) == with_personal
            assert await database.records.epoch() == times
            assert await database.records.add(LINK) == (times == 0)
            await database.records.advance()


async def test_a_mongodb_without_access_records_gets_them(tmp_path: Path, mongo_port: int) -> None:
    async with mongo_server(tmp_path, shared=mongo_port) as server:
        async with MongoDatabase(server.url) as opened, MongoCatalog(opened) as catalog:
            await catalog.put(media_file(1))
            before = await opened.database.list_collection_names()
        async with connected_database(settings(tmp_path, server.url.get_secret_value())) as database:
            assert (await database.catalog.counts()).files == 1
            assert await database.records.add(LINK)
    assert "files" in before
    assert "access" not in before


async def test_access_records_of_a_malformed_address(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="DATABASE_URL"):
        async with connected_access(settings(tmp_path, "mongodb://[")):
            pass

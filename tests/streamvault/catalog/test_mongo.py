"""The MongoDB catalog: the contract, and what becomes of it when the server goes away and comes back."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from streamvault.catalog.base import CatalogQuery
from streamvault.catalog.mongo import MongoCatalog
from streamvault.catalog.mongo_schema import VERSION
from streamvault.errors import CatalogError, ConfigError
from streamvault.storage.mongo import MongoDatabase
from tests.contracts.catalog import CatalogContract
from tests.support.files import CHANNEL, media_file
from tests.support.mongo import Mongo, collect_sockets, leaves_sockets, mongo_server
from tests.support.waiting import until

pytestmark = leaves_sockets


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Mongo]:
    async with mongo_server(tmp_path) as made:
        yield made


@pytest.fixture
async def database(server: Mongo) -> AsyncIterator[MongoDatabase]:
    async with MongoDatabase(server.url) as opened:
        yield opened


@pytest.fixture
async def catalog(database: MongoDatabase) -> AsyncIterator[MongoCatalog]:
    async with MongoCatalog(database) as opened:
        yield opened


class TestMongoCatalog(CatalogContract):
    """The conformance suite on MongoDB."""


async def test_it_is_all_there_after_opening_it_again(database: MongoDatabase) -> None:
    async with MongoCatalog(database) as first:
        await first.put(media_file(1))
        await first.remember_chat(CHANNEL, "Films")
    async with MongoCatalog(database) as second:
        assert await second.get(media_file(1).origin) == media_file(1)
        assert await second.chats() == {CHANNEL: "Films"}


async def test_of_versions_put_at_once_the_latest_stays(catalog: MongoCatalog) -> None:
    file = media_file(1)
    versions = [replace(file, edit_date=1000 + number, name=f"{number}.mp4") for number in range(20)]
    await asyncio.gather(*(catalog.put(version) for version in versions))
    assert await catalog.get(file.origin) == versions[-1]
    assert len((await catalog.page(CatalogQuery())).items) == 1


async def test_a_newer_versions_catalog_is_refused(database: MongoDatabase) -> None:
    await database.database["versions"].insert_one({"_id": "catalog", "version": VERSION + 1})
    with pytest.raises(ConfigError, match="newer version"):
        await MongoCatalog(database).__aenter__()


async def test_a_server_that_goes_away_and_comes_back(server: Mongo, catalog: MongoCatalog) -> None:
    if not server.ours:
        pytest.skip("the server that DATABASE_URL names is not killed by a test")
    await catalog.put(media_file(1))
    await server.kill()
    with pytest.raises(CatalogError, match="MongoDB does not answer"):
        await catalog.get(media_file(1).origin)
    await server.start()

    async def back() -> bool:
        try:
            return await catalog.get(media_file(1).origin) == media_file(1)
        except CatalogError:
            return False

    await until(back, timeout=30)


@pytest.mark.parametrize(
    ("url", "error", "words"),
    [
        ("mongodb://user:hidden-word@127.0.0.1:9/x", CatalogError, "does not answer"),
        ("mongodb://user:hidden-word@", ConfigError, "no MongoDB address"),
        ("mongodb://user:hidden-word@host:port/x", ConfigError, "no MongoDB address"),
        ("mongodb://127.0.0.1:9/x?w=hidden-word&nonsense", ConfigError, "no MongoDB address"),
    ],
)
async def test_a_wrong_address_is_one_sentence_without_its_password(
    url: str, error: type[Exception], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamvault.storage.mongo.ANSWER_WITHIN", 0.5)
    with pytest.raises(error, match=words) as caught:
        await MongoDatabase(SecretStr(url)).__aenter__()
    assert "hidden-word" not in str(caught.value)
    collect_sockets()

"""The feeds in MongoDB."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from streamvault.errors import ConfigError
from streamvault.leech.feeds.store.base import FeedStore
from streamvault.leech.feeds.store.mongo import VERSION, MongoFeeds
from streamvault.storage.mongo import MongoDatabase
from tests.contracts.leech_feeds import FeedStoreContract
from tests.support.mongo import leaves_sockets, mongo_server

pytestmark = leaves_sockets


@pytest.fixture
async def url(mongo_port: int, tmp_path: Path) -> AsyncIterator[SecretStr]:
    async with mongo_server(tmp_path, shared=mongo_port) as server:
        yield server.url


@pytest.fixture
async def feeds(url: SecretStr) -> AsyncIterator[FeedStore]:
    async with MongoDatabase(url) as server, MongoFeeds(server) as opened:
        yield opened


@pytest.fixture
async def elsewhere(url: SecretStr, feeds: FeedStore) -> AsyncIterator[FeedStore]:
    async with MongoDatabase(url) as server, MongoFeeds(server) as opened:
        yield opened


class TestMongoFeeds(FeedStoreContract):
    pass


async def test_feeds_of_a_newer_version_are_refused(database: MongoDatabase) -> None:
    await database.database["versions"].insert_one({"_id": "feeds", "version": VERSION + 1})
    with pytest.raises(ConfigError, match="newer version"):
        await MongoFeeds(database).__aenter__()

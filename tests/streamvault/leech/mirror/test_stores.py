"""The mirrors in SQLite, in MongoDB, and in memory, which tests use."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.errors import ConfigError
from streamvault.leech.mirror.store.base import MirrorStore
from streamvault.leech.mirror.store.mongo import VERSION, MongoMirrors
from streamvault.leech.mirror.store.sqlite import SqliteMirrors
from streamvault.storage.mongo import MongoDatabase
from tests.contracts.mirrors import MirrorStoreContract
from tests.support.mirror_memory import MemoryMirrors
from tests.support.mongo import leaves_sockets, mongo_server


class TestMemoryMirrors(MirrorStoreContract):
    @pytest.fixture
    def store(self) -> MirrorStore:
        return MemoryMirrors()


class TestSqliteMirrors(MirrorStoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[MirrorStore]:
        async with SqliteMirrors(tmp_path / "streamvault.db") as opened:
            yield opened


@leaves_sockets
class TestMongoMirrors(MirrorStoreContract):
    @pytest.fixture
    async def store(self, mongo_port: int, tmp_path: Path) -> AsyncIterator[MirrorStore]:
        async with (
            mongo_server(tmp_path, shared=mongo_port) as running,
            MongoDatabase(running.url) as server,
            MongoMirrors(server) as opened,
        ):
            yield opened


@leaves_sockets
async def test_mirrors_of_a_newer_version_are_refused(database: MongoDatabase) -> None:
    await database.database["versions"].insert_one({"_id": "mirrors", "version": VERSION + 1})
    with pytest.raises(ConfigError, match="newer version"):
        await MongoMirrors(database).__aenter__()

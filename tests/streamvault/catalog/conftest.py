"""An empty MongoDB for the tests that want one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.storage.mongo import MongoDatabase
from tests.support.mongo import Mongo, mongo_server


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Mongo]:
    async with mongo_server(tmp_path) as made:
        yield made


@pytest.fixture
async def database(server: Mongo) -> AsyncIterator[MongoDatabase]:
    async with MongoDatabase(server.url) as opened:
        yield opened

"""A MongoDB server for a module, and an empty database in it for a test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from streamvault.storage.mongo import MongoDatabase
from tests.support.mongo import mongo_server, shared_server


@pytest.fixture(scope="module")
def mongo_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a server that a module shares: starting one takes longer than most tests."""
    with shared_server(tmp_path_factory.mktemp("mongo")) as port:
        yield port


@pytest.fixture
async def database(mongo_port: int, tmp_path: Path) -> AsyncIterator[MongoDatabase]:
    """An empty database on that server."""
    async with mongo_server(tmp_path, shared=mongo_port) as server, MongoDatabase(server.url) as opened:
        yield opened

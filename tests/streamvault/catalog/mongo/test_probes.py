"""What was read of media files, in MongoDB."""

from collections.abc import AsyncIterator

import pytest

from streamvault.catalog.mongo.catalog import MongoCatalog
from streamvault.catalog.mongo.probes import MongoProbes
from streamvault.catalog.probes import Probes
from streamvault.storage.mongo import MongoDatabase
from tests.contracts.probes import ProbesContract
from tests.support.mongo import leaves_sockets

pytestmark = leaves_sockets


@pytest.fixture
async def catalog(database: MongoDatabase) -> AsyncIterator[MongoCatalog]:
    async with MongoCatalog(database) as opened:
        yield opened


@pytest.fixture
def probes(catalog: MongoCatalog, database: MongoDatabase) -> Probes:
    return MongoProbes(database)


class TestMongoProbes(ProbesContract):
    pass

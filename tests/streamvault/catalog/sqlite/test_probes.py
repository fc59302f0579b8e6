"""What was read of media files, in SQLite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.catalog.probes import Probes
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from tests.contracts.probes import ProbesContract


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[SqliteCatalog]:
    async with SqliteCatalog(tmp_path / "streamvault.db") as opened:
        yield opened


@pytest.fixture
def probes(catalog: SqliteCatalog) -> Probes:
    return catalog.probes


class TestSqliteProbes(ProbesContract):
    pass

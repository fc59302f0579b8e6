"""The calls in SQLite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.voice.store.base import CallStore
from streamvault.voice.store.sqlite import SqliteCalls
from tests.contracts.voice_calls import CallStoreContract


@pytest.fixture
async def calls(tmp_path: Path) -> AsyncIterator[CallStore]:
    async with SqliteCalls(tmp_path / "streamvault.db") as opened:
        yield opened


@pytest.fixture
async def elsewhere(tmp_path: Path, calls: CallStore) -> AsyncIterator[CallStore]:
    async with SqliteCalls(tmp_path / "streamvault.db") as opened:
        yield opened


class TestSqliteCalls(CallStoreContract):
    pass

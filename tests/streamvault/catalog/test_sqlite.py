"""The SQLite catalog: the contract, and what is its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.catalog.base import CatalogQuery
from streamvault.catalog.sqlite import SqliteCatalog
from streamvault.errors import CatalogError
from tests.contracts.catalog import CatalogContract
from tests.support.files import CHANNEL, media_file


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[SqliteCatalog]:
    async with SqliteCatalog(tmp_path / "catalog.db") as opened:
        yield opened


class TestSqliteCatalog(CatalogContract):
    """The conformance suite on SQLite."""


async def test_it_is_all_there_after_opening_it_again(tmp_path: Path) -> None:
    async with SqliteCatalog(tmp_path / "catalog.db") as first:
        await first.put(media_file(1))
        await first.remember_chat(CHANNEL, "Films")
    async with SqliteCatalog(tmp_path / "catalog.db") as second:
        assert await second.get(media_file(1).origin) == media_file(1)
        assert await second.chats() == {CHANNEL: "Films"}


async def test_a_closed_catalog_says_so(tmp_path: Path) -> None:
    async with SqliteCatalog(tmp_path / "catalog.db") as catalog:
        pass
    with pytest.raises(CatalogError, match="closed"):
        await catalog.get(media_file(1).origin)


async def test_text_that_is_no_unicode_is_refused(catalog: SqliteCatalog) -> None:
    with pytest.raises(CatalogError):
        await catalog.put(media_file(1, name="\ud800"))
    assert (await catalog.page(CatalogQuery())).items == ()

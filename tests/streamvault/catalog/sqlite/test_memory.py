"""The catalog in memory, which other tests use, passes the tests of catalogs too."""

import pytest

from tests.contracts.catalog import CatalogContract
from tests.support.catalogs import MemoryCatalog


@pytest.fixture
def catalog() -> MemoryCatalog:
    return MemoryCatalog()


class TestMemoryCatalog(CatalogContract):
    """The conformance suite in memory."""

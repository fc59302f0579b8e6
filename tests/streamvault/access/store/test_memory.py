"""The access records in memory, which tests use."""

import pytest

from streamvault.access.store.base import AccessRecords, Record
from streamvault.errors import CatalogError
from tests.contracts.access_records import AccessRecordsContract
from tests.support.access_records import MemoryAccessRecords


@pytest.fixture
def records() -> AccessRecords:
    return MemoryAccessRecords()


@pytest.fixture
def elsewhere(records: AccessRecords) -> AccessRecords:
    return records


class TestMemoryAccessRecords(AccessRecordsContract):
    pass


async def test_it_fails_where_it_is_told_to() -> None:
    records = MemoryAccessRecords()
    record = Record("link", "a", 1.0)
    records.failing_methods = {"add"}
    with pytest.raises(CatalogError):
        await records.add(record)
    assert await records.get("link", "a") is None
    records.failing_methods.clear()
    assert await records.add(record)
    records.failing = True
    with pytest.raises(CatalogError):
        await records.get("link", "a")
    assert records.calls == {"add": 2, "get": 2}

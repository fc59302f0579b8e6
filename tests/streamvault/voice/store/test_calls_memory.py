"""The calls in memory, as tests of others use them."""

import pytest

from streamvault.voice.store.base import CallStore
from tests.contracts.voice_calls import CallStoreContract
from tests.support.calls import MemoryCalls


@pytest.fixture
def calls() -> CallStore:
    return MemoryCalls()


@pytest.fixture
def elsewhere(calls: CallStore) -> CallStore:
    return calls


class TestMemoryCalls(CallStoreContract):
    pass

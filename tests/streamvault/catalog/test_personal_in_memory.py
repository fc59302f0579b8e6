"""The personal data in memory, which tests use."""

import pytest

from streamvault.catalog.personal import Personal
from tests.contracts.personal import PersonalContract
from tests.contracts.personal_moves import PersonalMovesContract
from tests.support.personal import MemoryPersonal


@pytest.fixture
def personal() -> Personal:
    return MemoryPersonal()


class TestMemoryPersonal(PersonalContract, PersonalMovesContract):
    pass

"""A clock that a test sets."""

import pytest

from tests.support.offline import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()

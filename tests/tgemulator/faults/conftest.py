"""An emulator that does not listen, on a clock that a test sets."""

import pytest

from tests.support.offline import SetClock, offline_emulator
from tgemulator.emulator import Emulator


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def emulator(clock: SetClock) -> Emulator:
    return offline_emulator(clock)

"""An event loop whose clock a busy machine cannot push ahead, so that no test depends on how fast the machine is.

What the loop waits for counts as long as it had asked to wait; whatever else passes between two looks at the clock
(computing, or the kernel running other processes) counts as STEP at most. So a deadline runs out because what is
waited for does not come, not because the machine stood still, and seconds measured with `time.monotonic` are seconds
waited for.
"""

import asyncio
import selectors
import time
from typing import Any

STEP = 0.005
"""Seconds by which the clock moves at most between two looks at it without waiting."""

SLICE = 0.05
"""Longest single wait in seconds: while nothing comes, a machine that stands still costs no more than that."""

_machine_time = time.monotonic


class _Selector(selectors.DefaultSelector):
    """Waits in slices and moves the clock by what was waited."""

    def __init__(self) -> None:
        super().__init__()
        self.speed = 1.0
        self.now = self._seen = _machine_time()

    def select(self, timeout: float | None = None) -> Any:
        self.count(STEP)
        left = timeout
        while True:
            piece = SLICE if left is None else min(max(left, 0.0), SLICE)
            found = super().select(piece / self.speed)
            self.count(piece, speed=self.speed)
            if left is not None:
                left -= piece
            if found or (left is not None and left <= 0):
                return found

    def count(self, most: float, *, speed: float = 1.0) -> None:
        """Move the clock by `speed` times the time since the last count, at most `most` seconds."""
        machine = _machine_time()
        self.now += min((machine - self._seen) * speed, most)
        self._seen = machine


class SteadyLoop(asyncio.SelectorEventLoop):
    """See the module."""

    def __init__(self) -> None:
        self._steady = _Selector()
        super().__init__(self._steady)

    def time(self) -> float:
        self._steady.count(STEP)
        return self._steady.now


def wait_faster(speed: float) -> None:
    """From now on the running loop waits for a `speed`th of what it is asked to; for tests whose processes and threads
    are all its own.
    """
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SteadyLoop)
    loop._steady.speed = speed


def waited_and_computed() -> float:
    """Seconds that this thread's loop has waited and that the thread has computed; other processes cost none."""
    return asyncio.get_running_loop().time() + time.thread_time()


def install() -> None:
    """Have `time.monotonic` give the loop's time in code that a SteadyLoop runs; before the product is imported, which
    keeps the function as a default argument."""
    time.monotonic = _monotonic


def _monotonic() -> float:
    loop = asyncio._get_running_loop()
    return loop.time() if isinstance(loop, SteadyLoop) else _machine_time()

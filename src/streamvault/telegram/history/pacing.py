"""The interval between bulk requests: none until the first flood wait, then doubled by each one, and decreased again.

A flood wait that a walk causes applies to the whole family of methods, so that viewers' requests wait too. The interval
makes the next one unlikely.
"""

import time
from collections.abc import Callable

FIRST_INTERVAL, MAX_INTERVAL = 0.5, 8.0
"""Seconds between two requests after the first flood wait, and at most."""

DECREASE_AFTER = 100
"""Answers after which the interval is decreased by a quarter."""

_MIN_INTERVAL = 0.05


class RequestPacing:
    """The interval of one kind of requests; `clock` returns seconds."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._interval = 0.0
        self._next = self._closed_until = 0.0
        self._answers = 0

    def reserve(self) -> float:
        """Seconds to wait before the next request, which counts as sent at that time."""
        now = self._clock()
        at = max(now, self._next)
        self._next = at + self._interval
        return at - now

    def answered(self) -> None:
        """Count an answer."""
        self._answers += 1
        if self._answers >= DECREASE_AFTER:
            self._answers = 0
            self._interval = self._interval * 0.75 if self._interval > _MIN_INTERVAL else 0.0

    def flooded(self, seconds: float) -> None:
        """Count a flood wait of so many seconds. Further reports of the same wait do not increase the interval."""
        now = self._clock()
        if now >= self._closed_until:
            self._interval = min(MAX_INTERVAL, max(FIRST_INTERVAL, 2 * self._interval))
            self._answers = 0
        self._closed_until = max(self._closed_until, now + seconds)

"""How far apart bulk requests are sent: close together until Telegram minds, for its waits close the whole family.

A flood wait that a walk has earned keeps viewers from reading messages too, so the next one must not be earned soon.
"""

import time
from collections.abc import Callable

FIRST, MOST = 0.5, 8.0
"""Seconds between two requests after the first flood wait, and at most."""

EASE = 100
"""Answers after which the distance shrinks by a quarter."""

_LEAST = 0.05


class RequestPacing:
    """The distance of one kind of requests; `clock` gives seconds."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._interval = 0.0
        self._next = self._closed_until = 0.0
        self._answers = 0

    def take(self) -> float:
        """Seconds to wait before the next request, which is counted as sent then."""
        now = self._clock()
        at = max(now, self._next)
        self._next = at + self._interval
        return at - now

    def answered(self) -> None:
        """A request was answered."""
        self._answers += 1
        if self._answers >= EASE:
            self._answers = 0
            self._interval = self._interval * 0.75 if self._interval > _LEAST else 0.0

    def flooded(self, seconds: float) -> None:
        """Telegram asks to wait; who else is told so of the same wait changes nothing."""
        now = self._clock()
        if now >= self._closed_until:
            self._interval = min(MOST, max(FIRST, 2 * self._interval))
            self._answers = 0
        self._closed_until = max(self._closed_until, now + seconds)

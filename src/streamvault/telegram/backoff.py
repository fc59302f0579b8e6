"""Exponential delays between retries."""

import random

FIRST_DELAY, MAX_DELAY = 1.0, 60.0
DATABASE_DELAY = 5.0
"""Longest delay of what waits for the database: however long that was away, work continues seconds after its return."""


class Backoff:
    """Delays in seconds that double from `first` to `longest`, each varied by up to 25 % (jitter)."""

    def __init__(self, first: float = FIRST_DELAY, longest: float = MAX_DELAY) -> None:
        self._first = self._delay = first
        self._longest = longest

    def next(self) -> float:
        """The next delay."""
        delay, self._delay = self._delay, min(self._longest, self._delay * 2)
        return delay * random.uniform(0.75, 1.25)

    def reset(self) -> None:
        """Begin with the first delay again, after a success."""
        self._delay = self._first

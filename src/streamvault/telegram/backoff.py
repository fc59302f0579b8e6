"""Delays between tries of something that may take long to come back."""

import random

FIRST_DELAY, MAX_DELAY = 1.0, 60.0


class Backoff:
    """Delays in seconds that double from FIRST_DELAY to MAX_DELAY, with jitter so that many do not come at once."""

    def __init__(self, first: float = FIRST_DELAY, longest: float = MAX_DELAY) -> None:
        self._first = self._delay = first
        self._most = longest

    def next(self) -> float:
        """The next delay."""
        delay, self._delay = self._delay, min(self._most, self._delay * 2)
        return delay * random.uniform(0.75, 1.25)

    def reset(self) -> None:
        """It worked: begin anew."""
        self._delay = self._first

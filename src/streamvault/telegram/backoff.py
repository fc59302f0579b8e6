"""Delays between tries of something that may take long to come back."""

import random

RETRY_FIRST, RETRY_MOST = 1.0, 60.0


class Backoff:
    """Delays in seconds that double from RETRY_FIRST to RETRY_MOST, with jitter so that many do not come at once."""

    def __init__(self, first: float = RETRY_FIRST, most: float = RETRY_MOST) -> None:
        self._first = self._delay = first
        self._most = most

    def next(self) -> float:
        """The next delay."""
        delay, self._delay = self._delay, min(self._most, self._delay * 2)
        return delay * random.uniform(0.75, 1.25)

    def reset(self) -> None:
        """It worked: begin anew."""
        self._delay = self._first

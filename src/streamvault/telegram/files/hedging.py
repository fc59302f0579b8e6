"""When a chunk that is slow is asked for again elsewhere: seldom, and only where that can help."""

import time
from collections import deque
from collections.abc import Callable, Iterable

from streamvault.telegram.accounts.media.stats import Flight, RequestStats

AT_LEAST, HANGING = 0.25, 4.0
"""Seconds below which nothing counts as slow, and after which an account is no longer waited for alone."""
SHARE, WINDOW = 0.05, 10.0
"""At most this part of the requests of so many seconds, by their number and by their bytes."""
_NEARLY = 0.8  # of its patience: what was asked for a moment later is slow for the same reason


class Hedges:
    """The budget of one server."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._requests = _Recent(clock)
        self._hedges = _Recent(clock)

    def asked(self, size: int) -> None:
        """A chunk of so many bytes is asked for."""
        self._requests.add(size)

    def patience(self, tally: RequestStats, size: int) -> float | None:
        """Seconds after which a chunk of `size` bytes is slow; None while too little is known."""
        late = tally.pace.late(size)
        return None if late is None else max(late, AT_LEAST)

    def take(self, tallies: Iterable[RequestStats], size: int) -> bool:
        """Take `size` bytes out of the budget, for a request that is slow; `tallies` are all of its data centre.

        False when the budget is spent, or when most of what is under way there is slow: then the data centre is.
        """
        (requests, asked), (hedges, hedged) = self._requests.totals(), self._hedges.totals()
        spent = hedges + 1 > SHARE * requests or hedged + size > SHARE * asked
        if spent or self.slow(tallies, alone=1):
            return False
        self._hedges.add(size)
        return True

    def slow(self, tallies: Iterable[RequestStats], *, alone: int = 0) -> bool:
        """Whether most of what is under way is slow; so few requests as `alone` say nothing."""
        flights = [(tally, flight) for tally in tallies for flight in tally.flights]
        return len(flights) > alone and 2 * sum(self._is_slow(*one) for one in flights) > len(flights)

    def _is_slow(self, tally: RequestStats, flight: Flight) -> bool:
        patience = self.patience(tally, flight.size)
        return patience is not None and self._clock() - flight.began >= _NEARLY * patience


class _Recent:
    """What the last WINDOW seconds have brought."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._entries: deque[tuple[float, int]] = deque()
        self._bytes = 0

    def add(self, size: int) -> None:
        """One more, of so many bytes."""
        self._entries.append((self._clock(), size))
        self._bytes += size
        self.totals()

    def totals(self) -> tuple[int, int]:
        """How many there were, and their bytes."""
        horizon = self._clock() - WINDOW
        while self._entries and self._entries[0][0] <= horizon:
            self._bytes -= self._entries.popleft()[1]
        return len(self._entries), self._bytes

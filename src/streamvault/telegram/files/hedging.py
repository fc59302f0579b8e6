"""When a slow chunk is requested a second time (hedged) elsewhere.

Hedged requests are bounded in number and in bytes, and none is sent while most requests to the data centre are slow: a
second request would then make it slower still.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable

from streamvault.telegram.accounts.media.stats import Flight, RequestStats

MIN_DELAY, STALLED_AFTER = 0.25, 4.0
"""Seconds below which no request counts as slow, and after which another account is asked as well."""
SHARE, WINDOW = 0.05, 10.0
"""The largest share of hedged requests, by number and by bytes, among those of the last WINDOW seconds."""
_SLOW_FRACTION = 0.8
"""A request counts as slow from this part of its delay on: those sent a moment later are slow for the same reason."""


class HedgePolicy:
    """Decides when to hedge; holds the budget of one server."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._requests = _Recent(clock)
        self._hedges = _Recent(clock)

    def count_request(self, size: int) -> None:
        """A chunk of `size` bytes is requested."""
        self._requests.add(size)

    def delay(self, tally: RequestStats, size: int) -> float | None:
        """Seconds after which a chunk of `size` bytes is slow; None while there are too few measurements."""
        late = tally.latencies.slow_after(size)
        return None if late is None else max(late, MIN_DELAY)

    def take(self, tallies: Iterable[RequestStats], size: int) -> bool:
        """Take `size` bytes out of the budget for a slow request; `tallies` are all of its data centre.

        False when the budget is spent, or when most requests in flight there are slow: then the data centre is slow.
        """
        (requests, requested), (hedges, hedged) = self._requests.totals(), self._hedges.totals()
        spent = hedges + 1 > SHARE * requests or hedged + size > SHARE * requested
        if spent or self.mostly_slow(tallies, more_than=1):
            return False
        self._hedges.add(size)
        return True

    def mostly_slow(self, tallies: Iterable[RequestStats], *, more_than: int = 0) -> bool:
        """Whether most requests in flight are slow; False unless there are more than `more_than` of them."""
        flights = [(tally, flight) for tally in tallies for flight in tally.flights]
        return len(flights) > more_than and 2 * sum(self._is_slow(*one) for one in flights) > len(flights)

    def _is_slow(self, tally: RequestStats, flight: Flight) -> bool:
        delay = self.delay(tally, flight.size)
        return delay is not None and self._clock() - flight.began >= _SLOW_FRACTION * delay


class _Recent:
    """Requests of the last WINDOW seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._entries: deque[tuple[float, int]] = deque()
        self._bytes = 0

    def add(self, size: int) -> None:
        """Count a request of `size` bytes."""
        self._entries.append((self._clock(), size))
        self._bytes += size
        self.totals()

    def totals(self) -> tuple[int, int]:
        """Their number, and the sum of their bytes."""
        horizon = self._clock() - WINDOW
        while self._entries and self._entries[0][0] <= horizon:
            self._bytes -= self._entries.popleft()[1]
        return len(self._entries), self._bytes

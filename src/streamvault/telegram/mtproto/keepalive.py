"""Detects within seconds that a connection is dead, by the time without bytes and by a ping.

Silence is measured in bytes, not in answers: over a slow network bytes still come in, and a data centre that takes
long over an answer still answers a ping. A connection is `silent` (suspect) when bytes are due and none have come for
`AnswerDelays.silence_limit` seconds, and dead DEAD_AFTER seconds later.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

SILENT_AT_LEAST, SILENT_AT_MOST, SILENT_AT_FIRST = 1.0, 10.0, 1.5
"""Bounds of the seconds without a byte after which a connection is suspect; the last applies before any measurement."""
DEAD_AFTER = 3.0
"""Further seconds without a byte after which the connection is given up."""
_LOOP_DELAY = 0.1  # seconds; a timer that fires later shows a blocked event loop, and that time is no silence


class AnswerDelays:
    """Delays until the first byte of an answer, over all connections of one account to one data centre.

    `slowest`: bytes/s at which the requests themselves, which are large, may be sent; None where they are small.
    """

    def __init__(self, *, slowest: float | None = None) -> None:
        self._slowest = slowest
        self._round_trips: deque[float] = deque(maxlen=64)

    def record(self, seconds: float) -> None:
        """Record the seconds from a request over an idle connection to the next byte."""
        self._round_trips.append(seconds)

    def sending(self, size: int) -> float:
        """Seconds that the sending of `size` bytes of requests may take."""
        return size / self._slowest if self._slowest else 0.0

    @property
    def silence_limit(self) -> float:
        """Seconds without a byte after which a connection is suspect: 4 times the 95th percentile of the delays."""
        if not self._round_trips:
            return SILENT_AT_FIRST
        p95 = sorted(self._round_trips)[int(len(self._round_trips) * 0.95)]
        return min(SILENT_AT_MOST, max(SILENT_AT_LEAST, 4 * p95))


class KeepAlive:
    """Watches one connection. `oldest_request` returns when the oldest request in flight was sent, or None; `in_flight`
    the bytes of the requests in flight.

    `ping` sends a ping. `on_change` is called when `silent` changes, `on_dead` once when the connection has to be
    given up.
    """

    def __init__(
        self,
        answer_delays: AnswerDelays,
        *,
        oldest_request: Callable[[], float | None],
        ping: Callable[[], None],
        on_change: Callable[[], None],
        on_dead: Callable[[], None],
        in_flight: Callable[[], int] = lambda: 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.silent = False
        self._answer_delays = answer_delays
        self._oldest_request, self._ping, self._clock = oldest_request, ping, clock
        self._on_change, self._on_dead, self._in_flight = on_change, on_dead, in_flight
        self._due_since: float | None = None  # since when a byte has been due
        self._received_at = -1.0
        self._pinged = self._measuring = False
        self._timer: asyncio.TimerHandle | None = None

    def expect(self) -> None:
        """A message was sent that the server has to answer."""
        if self._due_since is None:
            self._due_since = self._clock()
            self._pinged, self._measuring = False, True
            self._arm(self._limit() / 2)

    def bytes_received(self) -> None:
        """Bytes have arrived, however few."""
        self._received_at = self._clock()
        if self._measuring and self._due_since is not None:
            self._measuring = False
            self._answer_delays.record(self._received_at - self._due_since)
        if self.silent:
            self.silent = self._pinged = False
            self._on_change()

    def stop(self) -> None:
        """The connection is closed."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._due_since = None
        self.silent = False

    def check(self) -> None:
        """Compare the time without bytes with the limits; called by a timer while an answer is due."""
        if self._due_since is None:
            return
        if self._received_at >= self._due_since:
            oldest = self._oldest_request()
            if oldest is None:
                return self.stop()
            self._due_since, self._pinged = max(self._received_at, oldest), False
        silent_for, limit = self._clock() - self._due_since, self._limit()
        if silent_for >= limit + DEAD_AFTER:
            self.stop()
            return self._on_dead()
        if silent_for >= limit / 2 and not self._pinged:
            self._pinged = True
            self._ping()
        if silent_for >= limit and not self.silent:
            self.silent = True
            self._on_change()
        thresholds = (limit / 2, limit, limit + DEAD_AFTER)
        self._arm(next(one for one in thresholds if one > silent_for) - silent_for)

    def _limit(self) -> float:
        """Seconds without a byte after which the connection is suspect, with the time that sending may take."""
        return self._answer_delays.silence_limit + self._answer_delays.sending(self._in_flight())

    def _arm(self, seconds: float) -> None:
        due = self._clock() + seconds
        self._timer = asyncio.get_running_loop().call_later(seconds, self._fire, due)

    def _fire(self, due: float) -> None:
        delay = self._clock() - due
        if delay > _LOOP_DELAY and self._due_since is not None:
            self._due_since += delay  # bytes that have arrived meanwhile have not been read yet
        self.check()

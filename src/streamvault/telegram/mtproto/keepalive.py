"""Whether a connection still says anything while it should: found out within seconds, by bytes and a ping.

What is slow is not silent: on a slow line bytes trickle in, and a data centre that takes long still answers a ping.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

SILENT_AT_LEAST, SILENT_AT_MOST, SILENT_AT_FIRST = 1.0, 10.0, 1.5
"""Bounds of the seconds without a byte after which a connection is suspect; the last before anything was measured."""
DEAD_AFTER = 3.0
"""Seconds more after which it is given up."""
_LATE = 0.1  # seconds by which our own loop may be late before that time counts as nobody's silence


class AnswerDelays:
    """How soon the first byte of an answer comes, over the connections of one account to one data centre."""

    def __init__(self) -> None:
        self._round_trips: deque[float] = deque(maxlen=64)

    def note(self, seconds: float) -> None:
        """A connection that was quiet was asked something, and has said something so much later."""
        self._round_trips.append(seconds)

    @property
    def patience(self) -> float:
        """Seconds without a byte that are too many: four times the 95th percentile of the round trips."""
        if not self._round_trips:
            return SILENT_AT_FIRST
        p95 = sorted(self._round_trips)[int(len(self._round_trips) * 0.95)]
        return min(SILENT_AT_MOST, max(SILENT_AT_LEAST, 4 * p95))


class KeepAlive:
    """One connection's. `oldest` gives when the oldest request in flight was sent, or None; `ping` sends a ping.

    `changed` is called when `silent` changes, `dead` once when the connection has to be given up.
    """

    def __init__(
        self,
        answer_delays: AnswerDelays,
        *,
        oldest: Callable[[], float | None],
        ping: Callable[[], None],
        changed: Callable[[], None],
        dead: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.silent = False
        self._answer_delays = answer_delays
        self._oldest, self._ping, self._changed, self._dead, self._clock = oldest, ping, changed, dead, clock
        self._since: float | None = None  # from when on a byte has been due
        self._heard_at = -1.0
        self._pinged = self._measuring = False
        self._timer: asyncio.TimerHandle | None = None

    def expect(self) -> None:
        """Something was sent that the server has to answer."""
        if self._since is None:
            self._since = self._clock()
            self._pinged, self._measuring = False, True
            self._arm(self._answer_delays.patience / 2)

    def heard(self) -> None:
        """Bytes have come, however few."""
        self._heard_at = self._clock()
        if self._measuring and self._since is not None:
            self._measuring = False
            self._answer_delays.note(self._heard_at - self._since)
        if self.silent:
            self.silent = self._pinged = False
            self._changed()

    def stop(self) -> None:
        """The connection is closed."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._since = None
        self.silent = False

    def check(self) -> None:
        """Decide, by the clock; called by a timer for as long as something is due."""
        if self._since is None:
            return
        if self._heard_at >= self._since:
            oldest = self._oldest()
            if oldest is None:
                return self.stop()
            self._since, self._pinged = max(self._heard_at, oldest), False
        quiet, patience = self._clock() - self._since, self._answer_delays.patience
        if quiet >= patience + DEAD_AFTER:
            self.stop()
            return self._dead()
        if quiet >= patience / 2 and not self._pinged:
            self._pinged = True
            self._ping()
        if quiet >= patience and not self.silent:
            self.silent = True
            self._changed()
        steps = (patience / 2, patience, patience + DEAD_AFTER)
        self._arm(next(step for step in steps if step > quiet) - quiet)

    def _arm(self, seconds: float) -> None:
        due = self._clock() + seconds
        self._timer = asyncio.get_running_loop().call_later(seconds, self._fire, due)

    def _fire(self, due: float) -> None:
        late = self._clock() - due
        if late > _LATE and self._since is not None:
            self._since += late  # what has come meanwhile has not been read yet
        self.check()

"""What the server still waits for before it can serve streams, and what cannot be done then and later."""

import time
from collections.abc import Callable
from typing import Literal

from streamvault.health.conditions import Cause, Conditions

WaitingFor = Literal["lease", "flood", "telegram", "database"]


class Readiness:
    """What the server still waits for; set by server/ and health.database, read by http/.

    `until` is in Unix seconds, None where it is not known. `clock` gives Unix seconds. `conditions` are what cannot be
    done, before the server is ready and after.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.conditions = Conditions(clock)
        self._clock = clock
        self._waiting_for: WaitingFor | None = "telegram"
        self._until: float | None = None

    def ready(self) -> None:
        """Streams can be served from now on."""
        self._wait_for(None)
        self._waiting_for, self._until = None, None

    def waiting(self, for_: WaitingFor, until: float | None = None, *, reason: str = "", detail: str = "") -> None:
        """Nothing can be served before `for_` is available, presumably at `until` (Unix seconds).

        With a `reason` and `detail` (see Cause) that is a condition; without one it is only the next step of the start.
        """
        self._wait_for(for_)
        self._waiting_for, self._until = for_, until
        if reason:
            self.conditions.begin(for_, Cause(reason, until=until, detail=detail))

    def _wait_for(self, for_: WaitingFor | None) -> None:
        """End the condition of what was waited for, unless it is waited for again."""
        if self._waiting_for is not None and self._waiting_for != for_:
            self.conditions.end(self._waiting_for)

    @property
    def degraded(self) -> tuple[str, ...]:
        """The kinds of what cannot be done."""
        return self.conditions.names

    @property
    def is_ready(self) -> bool:
        return self._waiting_for is None

    @property
    def waiting_for(self) -> WaitingFor | None:
        return self._waiting_for

    @property
    def until(self) -> float | None:
        return self._until

    @property
    def left(self) -> float | None:
        """Seconds until `until`."""
        return None if self._until is None else self._until - self._clock()

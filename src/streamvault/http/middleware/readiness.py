"""What the server still waits for, and the middleware that answers 503 until then."""

import math
import time
from collections.abc import Callable
from typing import Literal

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from streamvault.http.middleware.problem_page import for_reader
from streamvault.http.middleware.problems import problem

WaitingFor = Literal["lease", "flood", "telegram", "database"]
Degradable = Literal["database", "disk", "updates"]
"""What may fail while streams are served: lists and search; room for the database and the cache; posts of a channel."""

PROBE_PATHS = frozenset({"/healthz", "/readyz"})
"""The health checks: the only routes that need neither access nor readiness."""

RETRY_AFTER_UNKNOWN = 5
"""Seconds for Retry-After when it is not known how long the wait takes."""


class Readiness:
    """What the server still waits for; set by server.py and database_health.py, read by ReadinessGate and /readyz.

    `until` is in Unix seconds, None where it is not known. `clock` gives Unix seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._waiting_for: WaitingFor | None = "telegram"
        self._until: float | None = None
        self._degraded: set[Degradable] = set()

    def ready(self) -> None:
        """Streams can be served from now on."""
        self._waiting_for, self._until = None, None

    def waiting(self, for_: WaitingFor, until: float | None = None) -> None:
        """Nothing can be served before `for_` is available, presumably at `until` (Unix seconds)."""
        self._waiting_for, self._until = for_, until

    def set_degraded(self, what: Degradable, *, away: bool) -> None:
        """Streams can be served, but `what` is not available, or is again."""
        (self._degraded.add if away else self._degraded.discard)(what)

    @property
    def degraded(self) -> tuple[Degradable, ...]:
        """What is not available although streams can be served."""
        return tuple(sorted(self._degraded))

    @property
    def is_ready(self) -> bool:
        return self._waiting_for is None

    @property
    def waiting_for(self) -> WaitingFor | None:
        return self._waiting_for

    @property
    def until(self) -> float | None:
        return self._until

    def problem(self) -> Response:
        """503 that names what is missing, with Retry-After."""
        left = RETRY_AFTER_UNKNOWN if self._until is None else max(1, math.ceil(self._until - self._clock()))
        return problem(
            503,
            f"The server waits for: {self._waiting_for}.",
            headers={"Retry-After": str(left)},
            extra={"waiting_for": self._waiting_for, "until": None if self._until is None else math.ceil(self._until)},
        )


class ReadinessGate:
    """Answers everything but PROBE_PATHS with 503 until the server is ready."""

    def __init__(self, app: ASGIApp, readiness: Readiness) -> None:
        self._app = app
        self._readiness = readiness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        held = scope["type"] == "http" and scope["path"] not in PROBE_PATHS and not self._readiness.is_ready
        await (for_reader(self._readiness.problem(), scope) if held else self._app)(scope, receive, send)

"""What the server still waits for, what cannot be done, and the middleware that answers 503 until it is ready."""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Literal

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from streamvault.conditions import Cause, Condition, Conditions
from streamvault.http.middleware.problem_page import for_reader
from streamvault.http.middleware.problems import problem

WaitingFor = Literal["lease", "flood", "telegram", "database"]
PROBE_PATHS = frozenset({"/healthz", "/readyz"})
"""The health checks: the only routes that need neither access nor readiness."""

PUBLIC_SUBJECTS = frozenset({"data_centre"})
"""The kinds of conditions whose subject names neither an account nor a chat."""

RETRY_AFTER_UNKNOWN = 5
"""Seconds for Retry-After when it is not known how long the wait takes."""


class Readiness:
    """What the server still waits for; set by server.py and database_health.py, read by ReadinessGate and /readyz.

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

    def waiting(self, for_: WaitingFor, until: float | None = None, *, reason: str = "") -> None:
        """Nothing can be served before `for_` is available, presumably at `until` (Unix seconds).

        With a `reason` (see conditions.Cause) that is a condition; without one it is only the next step of the start.
        """
        self._wait_for(for_)
        self._waiting_for, self._until = for_, until
        if reason:
            self.conditions.begin(for_, Cause(reason, until=until))

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

    def problem(self) -> Response:
        """503 that names what is missing, with Retry-After."""
        left = RETRY_AFTER_UNKNOWN if self._until is None else max(1, math.ceil(self._until - self._clock()))
        return problem(
            503,
            f"The server waits for: {self._waiting_for}.",
            headers={"Retry-After": str(left)},
            extra={
                "waiting_for": self._waiting_for,
                "until": None if self._until is None else math.ceil(self._until),
                "conditions": self.public_conditions(),
            },
        )

    def public_conditions(self) -> list[dict[str, Any]]:
        """The present conditions as /readyz tells them to everybody: without accounts and chats."""
        return [_public(condition) for condition in without_names(self.conditions.present)]


class ReadinessGate:
    """Answers everything but PROBE_PATHS with 503 until the server is ready."""

    def __init__(self, app: ASGIApp, readiness: Readiness) -> None:
        self._app = app
        self._readiness = readiness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        held = scope["type"] == "http" and scope["path"] not in PROBE_PATHS and not self._readiness.is_ready
        await (for_reader(self._readiness.problem(), scope) if held else self._app)(scope, receive, send)


def without_names(conditions: Iterable[Condition]) -> list[Condition]:
    """`conditions` as everybody may read them: without account, chat and path.

    Those that are the same then are one, from the earliest beginning to the latest end.
    """
    found: dict[tuple[str, str, str], Condition] = {}
    for condition in conditions:
        subject = condition.subject if condition.what in PUBLIC_SUBJECTS else ""
        one = replace(condition, subject=subject, detail=condition.reason)
        key = (one.what, one.subject, one.reason)
        found[key] = _together(found[key], one) if key in found else one
    return list(found.values())


def _together(one: Condition, other: Condition) -> Condition:
    until = None if one.until is None or other.until is None else max(one.until, other.until)
    return replace(one, since=min(one.since, other.since), until=until)


def _public(condition: Condition) -> dict[str, Any]:
    return {
        "what": condition.what,
        **({"subject": condition.subject} if condition.subject else {}),
        "since": math.floor(condition.since),
        "until": None if condition.until is None else math.ceil(condition.until),
        "reason": condition.reason,
    }

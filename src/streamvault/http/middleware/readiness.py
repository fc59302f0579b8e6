"""The middleware that answers 503 until the server is ready, and what everybody may read of its conditions."""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from streamvault.health.conditions import Condition, Conditions
from streamvault.health.readiness import Readiness
from streamvault.http.middleware.problem_page import for_reader
from streamvault.http.middleware.problems import problem
from streamvault.http.rules import RuleTable

PROBE_PATHS = frozenset({"/healthz", "/readyz"})
"""The health checks."""

PUBLIC_SUBJECTS = frozenset({"data_centre"})
"""The kinds of conditions whose subject names neither an account nor a chat."""

RETRY_AFTER_UNKNOWN = 5
"""Seconds for Retry-After when it is not known how long the wait takes."""


class ReadinessGate:
    """Answers everything but PROBE_PATHS and the web UI, which shows what is waited for, with 503 until the server is
    ready. `state.ready` tells whether it is."""

    def __init__(self, app: ASGIApp, readiness: Readiness) -> None:
        self._app = app
        self._readiness = readiness
        self._table = RuleTable()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._readiness.is_ready or self._needs_nothing(scope):
            scope.setdefault("state", {})["ready"] = self._readiness.is_ready
            await self._app(scope, receive, send)
            return
        await for_reader(not_ready(self._readiness), scope)(scope, receive, send)

    def _needs_nothing(self, scope: Scope) -> bool:
        path: str = scope["path"]
        return path in PROBE_PATHS or self._table.find(scope["method"], path).rule.ui


def not_ready(readiness: Readiness) -> Response:
    """503 that names what is missing, with Retry-After."""
    left = RETRY_AFTER_UNKNOWN if readiness.left is None else max(1, math.ceil(readiness.left))
    return problem(
        503,
        f"The server waits for: {readiness.waiting_for}.",
        headers={"Retry-After": str(left)},
        extra={
            "waiting_for": readiness.waiting_for,
            "until": None if readiness.until is None else math.ceil(readiness.until),
            "conditions": public(readiness.conditions),
        },
    )


def public(conditions: Conditions) -> list[dict[str, Any]]:
    """The present conditions as /readyz tells them to everybody: without accounts and chats."""
    return [_public(condition) for condition in without_names(conditions.present)]


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

"""The flood waits of one account, and its hourly budgets.

FLOOD_WAIT is a schedule (core.telegram.org/api/errors#420-flood): a request before its end makes the wait longer, also
after a restart. Every wait is therefore stored, and a request that falls into it is refused here without being sent.
The requests that Telegram limits most strictly (new keys, exports, logins) also have a budget per hour, stored before
the request is sent, so that no defect can exceed it.
"""

import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from streamvault.errors import SourceBusy
from streamvault.telegram.sessions.stored_session import StoredSession
from streamvault.telegram.sessions.values import Flood

log = logging.getLogger(__name__)

HOUR = 3600.0
HOURLY_BUDGETS = {"key": 16, "export": 16, "login": 8, "relogin": 1}
"""Requests of each kind per hour. A first start needs five keys, four exports and a login, which may be redirected to
another DC once; CDN DCs need keys too.
"""


class AccountFloodSchedule:
    """The flood waits and budgets of one account; implements mtproto.guards.FloodSchedule."""

    def __init__(self, session: StoredSession, gauge: Any, *, clock: Callable[[], float] = time.time) -> None:
        """`gauge` is set to the length of each wait in seconds; `clock` returns Unix seconds."""
        self._session = session
        self._gauge = gauge
        self._clock = clock
        self._waits: dict[str, Flood] = {}

    def load(self) -> None:
        """Load the waits that are stored in the session."""
        self._waits = self._session.floods

    def until(self, family: str) -> float:
        """When the family is open again, in Unix seconds; in the past if it is open.

        A wait is never longer than Telegram said, even if the clock was wrong when it was stored.
        """
        flood = self._waits.get(family)
        if flood is None:
            return 0.0
        return min(flood.until, self._clock() + flood.length) if flood.length else flood.until

    def closed(self, *, least: float = 0.0) -> dict[str, float]:
        """The families that are closed now by a wait of at least `least` seconds, and until when (Unix seconds)."""
        now = self._clock()
        return {
            family: self.until(family)
            for family, flood in self._waits.items()
            if flood.length >= least and self.until(family) > now
        }

    def is_closed(self, family: str) -> bool:
        """Whether no request of the family may be sent now."""
        return self.until(family) > self._clock()

    def check(self, family: str) -> None:
        """SourceBusy with the remaining seconds while the family is closed."""
        remaining = self.until(family) - self._clock()
        if remaining > 0:
            raise SourceBusy(remaining)

    @asynccontextmanager
    async def around_request(self, family: str) -> AsyncIterator[None]:
        """Around one request: refuse it while the family is closed (SourceBusy), record a flood wait that it gets."""
        self.check(family)
        try:
            yield
        except SourceBusy as busy:
            await self.record(family, busy.retry_after)
            raise

    async def record(self, family: str, seconds: float) -> None:
        """Record that Telegram demands a wait of `seconds` for this family."""
        self._gauge.set(seconds)
        flood = Flood(self._clock() + seconds, seconds)
        if self.until(family) > flood.until:
            return  # an earlier answer demanded a longer wait
        self._waits[family] = flood
        await self._session.set_flood(family, flood)

    def check_budget(self, kind: str) -> None:
        """SourceBusy with the seconds until the next request is allowed, if the hourly budget of `kind` is used up."""
        self._recent(kind, self._clock())

    async def spend_budget(self, kind: str) -> None:
        """Take one request of `kind` from the hourly budget, or raise as `check_budget` does.

        It counts from the return on, whatever becomes of the request. Callers spend at the last moment before Telegram
        may see the request, so that failed connections do not use up the budget.
        """
        now = self._clock()
        await self._session.set_spent(kind, (*self._recent(kind, now), now))

    def _recent(self, kind: str, now: float) -> tuple[float, ...]:
        recent = tuple(sorted(t for t in self._session.spent(kind) if now - HOUR < t <= now))
        if len(recent) < HOURLY_BUDGETS[kind]:
            return recent
        remaining = recent[-HOURLY_BUDGETS[kind]] + HOUR - now
        where = self._session.backend.where
        log.warning(
            "%s: no more %ss for %.0f s: the budget is %d per hour", where, kind, remaining, HOURLY_BUDGETS[kind]
        )
        raise SourceBusy(remaining)

"""Until when Telegram wants to hear nothing of a kind from an account, and how much we allow ourselves.

FLOOD_WAIT is a schedule: asking earlier makes it longer, and it outlives a restart. So every wait is written
down, and what falls into it is refused here, without a request. What Telegram punishes hardest (new keys, exports,
logins) has a budget of its own beside that, written down before it is spent, so that no defect can ever ask for more.
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
"""How often an hour. A first start makes five keys, four exports and a login, which may be sent on once; CDNs have
keys too."""


class AccountFloodSchedule:
    """The waits and budgets of one account."""

    def __init__(self, session: StoredSession, gauge: Any, *, clock: Callable[[], float] = time.time) -> None:
        """`gauge` is told the length of each wait in seconds; `clock` returns Unix seconds."""
        self._session = session
        self._gauge = gauge
        self._clock = clock
        self._told: dict[str, Flood] = {}

    def load(self) -> None:
        """Take over what an earlier process was told."""
        self._told = self._session.floods

    def until(self, family: str) -> float:
        """Unix seconds; in the past when the family is open.

        A wait is never longer than Telegram said, even if the clock was wrong when it was written down.
        """
        flood = self._told.get(family)
        if flood is None:
            return 0.0
        return min(flood.until, self._clock() + flood.length) if flood.length else flood.until

    def is_closed(self, family: str) -> bool:
        """Whether nothing of the family may be asked now."""
        return self.until(family) > self._clock()

    def check(self, family: str) -> None:
        """SourceBusy with the remaining seconds while the family is closed."""
        remaining = self.until(family) - self._clock()
        if remaining > 0:
            raise SourceBusy(remaining)

    @asynccontextmanager
    async def around_request(self, family: str) -> AsyncIterator[None]:
        """Around one request: refuses it while the family is closed, remembers the wait that it is answered with."""
        self.check(family)
        try:
            yield
        except SourceBusy as busy:
            await self.record(family, busy.retry_after)
            raise

    async def record(self, family: str, seconds: float) -> None:
        """Telegram wants to hear nothing of this family for so long."""
        self._gauge.set(seconds)
        told = Flood(self._clock() + seconds, seconds)
        if self.until(family) > told.until:
            return  # an earlier answer said more
        self._told[family] = told
        await self._session.set_flood(family, told)

    def check_budget(self, kind: str) -> None:
        """SourceBusy with the seconds until there is one of a kind in HOURLY_BUDGETS again, if none is left."""
        self._recent(kind, self._clock())

    async def spend_budget(self, kind: str) -> None:
        """Take one of a kind in HOURLY_BUDGETS, or raise as `check_budget`.

        It counts when this returns, whatever becomes of it: so the last moment before Telegram is asked is the right
        one. A network that breaks everything before that must not use up the hour.
        """
        now = self._clock()
        await self._session.set_spent(kind, (*self._recent(kind, now), now))

    def _recent(self, kind: str, now: float) -> tuple[float, ...]:
        recent = tuple(sorted(t for t in self._session.spent(kind) if now - HOUR < t <= now))
        if len(recent) < HOURLY_BUDGETS[kind]:
            return recent
        remaining = recent[-HOURLY_BUDGETS[kind]] + HOUR - now
        where = self._session.backend.where
        log.warning("%s: no more %ss for %.0f s, since an hour has %d", where, kind, remaining, HOURLY_BUDGETS[kind])
        raise SourceBusy(remaining)

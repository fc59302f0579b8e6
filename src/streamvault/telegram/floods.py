"""Until when Telegram wants to hear nothing of a kind from an account.

FLOOD_WAIT is a schedule: asking earlier makes it longer, and it outlives a restart. So every wait is written
down, and what falls into it is refused here, without a request.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from streamvault.errors import SourceBusy
from streamvault.telegram.session_store import SessionStore


class Floods:
    """The waits of one account, by family of methods ("login", "export", "file" ...)."""

    def __init__(self, store: SessionStore, gauge: Any, *, clock: Callable[[], float] = time.time) -> None:
        """`gauge` is told the length of each wait in seconds; `clock` returns Unix seconds."""
        self._store = store
        self._gauge = gauge
        self._clock = clock
        self._until: dict[str, float] = {}

    async def load(self) -> None:
        """Take over what an earlier process was told."""
        self._until = await self._store.floods()

    def check(self, family: str) -> None:
        """SourceBusy with the remaining seconds while the family is closed."""
        remaining = self._until.get(family, 0.0) - self._clock()
        if remaining > 0:
            raise SourceBusy(remaining)

    @asynccontextmanager
    async def watching(self, family: str) -> AsyncIterator[None]:
        """Around one request: refuses it while the family is closed, remembers the wait that it is answered with."""
        self.check(family)
        try:
            yield
        except SourceBusy as busy:
            self._gauge.set(busy.retry_after)
            self._until[family] = max(self._until.get(family, 0.0), self._clock() + busy.retry_after)
            await self._store.set_flood(family, self._until[family])
            raise

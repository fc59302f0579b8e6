"""The answers that are being sent, so that those whose rights are taken away end within a second or two."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from streamvault.errors import CatalogError, SourceError

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
AT_ONCE = 32
"""Answers that are looked at together."""

Check = Callable[[], Awaitable[bool]]
"""Whether what is being sent is still allowed. Raises CatalogError, SourceError."""


class Live:
    """One answer under way; `revoked` once its sending must end."""

    __slots__ = ("check", "revoked")

    def __init__(self, check: Check) -> None:
        self.check = check
        self.revoked = False


class LiveRequests:
    """All answers under way that depend on something revocable; `recheck` looks at each again."""

    def __init__(self) -> None:
        self._live: set[Live] = set()
        self._task: asyncio.Task[None] | None = None
        self._again = False

    def __len__(self) -> int:
        return len(self._live)

    def add(self, check: Check) -> Live:
        """Track an answer until `remove`."""
        live = Live(check)
        self._live.add(live)
        return live

    def remove(self, live: Live) -> None:
        """It has been sent."""
        self._live.discard(live)

    def recheck(self) -> None:
        """Look at all of them again, in the background."""
        self._again = True
        if self._live and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        while self._again:
            self._again = False
            under_way = [live for live in self._live if not live.revoked]
            for begin in range(0, len(under_way), AT_ONCE):
                await asyncio.gather(*(self._look(live) for live in under_way[begin : begin + AT_ONCE]))
            if self._again:
                await asyncio.sleep(RETRY_SECONDS)

    async def _look(self, live: Live) -> None:
        try:
            live.revoked = not await live.check()
        except (CatalogError, SourceError) as error:
            log.debug("whether an answer may go on cannot be told now: %s", error)
            self._again = True

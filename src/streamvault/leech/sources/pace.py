"""Time limits of a server that sends: silence, and next to nothing. Only time that was spent waiting for it counts."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from streamvault.errors import SourceFailed
from streamvault.leech.sources.limits import Limits
from streamvault.leech.sources.wire import Cut

T = TypeVar("T")


class Pace:
    """Of one answer; `host` as it is told to people."""

    def __init__(self, host: str, limits: Limits) -> None:
        self._host, self._limits = host, limits
        self._waited, self._received = 0.0, 0

    async def wait(self, coming: Awaitable[T]) -> T:
        """What comes. Raises Cut after `silence`, and SourceFailed where too little was counted by `received`."""
        loop, limits = asyncio.get_running_loop(), self._limits
        begun = loop.time()
        try:
            async with asyncio.timeout(limits.silence):
                come = await coming
        except TimeoutError:
            raise Cut(f"sent nothing for {limits.silence:g} seconds") from None
        self._waited += loop.time() - begun
        return come

    def received(self, size: int) -> None:
        """Count bytes that came. Raises SourceFailed where they were too few for a long time."""
        self._received += size
        if self._waited >= self._limits.slow_window:
            if self._received < self._limits.slowest * self._waited:
                raise SourceFailed(f"{self._host} sends less than {self._limits.slowest} bytes a second")
            self._waited, self._received = 0.0, 0

"""How many parts of uploads are on their way at a time, so that a slow network is not filled for many seconds ahead."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

FIRST = 4
"""Parts at a time before any answer."""
FAST, SLOW = 2.0, 6.0
"""Seconds: an answer within the first lets one more part go, one after the second halves their number."""


class UploadWindow:
    """Slots for parts, between 1 and `most`, granted in the order of asking."""

    def __init__(self, most: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = min(FIRST, most)
        self._most, self._clock = most, clock
        self._held = 0
        self._halved_at = -SLOW
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a slot, and hold it for as long as the block lasts."""
        await self._enter()
        try:
            yield
        finally:
            self._held -= 1
            self._grant()

    def answered(self, seconds: float) -> None:
        """An answer came after so many seconds."""
        if seconds > SLOW:
            self.braked()
        elif seconds < FAST:
            self.limit = min(self._most, self.limit + 1)
            self._grant()

    def braked(self) -> None:
        """Telegram, or the network, wants less: halve the number, once for all parts that are on their way."""
        now = self._clock()
        if now >= self._halved_at + SLOW:
            self._halved_at = now
            self.limit = max(1, self.limit // 2)

    async def _enter(self) -> None:
        if self._held < self.limit and not self._waiting:
            self._held += 1
            return
        granted = asyncio.get_running_loop().create_future()
        self._waiting.append(granted)
        try:
            await granted
        except asyncio.CancelledError:
            if granted in self._waiting:
                self._waiting.remove(granted)
            elif not granted.cancelled():  # granted while the caller was being cancelled
                self._held -= 1
                self._grant()
            raise

    def _grant(self) -> None:
        while self._waiting and self._held < self.limit:
            granted = self._waiting.popleft()
            if not granted.done():
                self._held += 1
                granted.set_result(None)

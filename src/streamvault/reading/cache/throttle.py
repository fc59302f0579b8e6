"""Has those who read ahead wait while cells come faster than they are written, so that none of them is lost."""

import asyncio
import contextlib

from streamvault.reading.retry import Clock

ENOUGH = 16 * 1024 * 1024
"""Bytes that wait to be written above which nobody asks for more ahead."""

PATIENCE = 2.0
"""Seconds after which a disk that stays behind is too slow to wait for: cells are dropped instead."""


class Throttle:
    """Open while less than ENOUGH bytes wait.

    Once they have been too many for PATIENCE, it stays open until only half of that waits.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._room = asyncio.Event()
        self._room.set()
        self._behind_since: float | None = None

    def note(self, waiting: int) -> None:
        """So many bytes wait now."""
        if waiting <= ENOUGH // 2:
            self._behind_since = None
        if waiting < ENOUGH:
            self._room.set()
            return
        self._room.clear()
        if self._behind_since is None:
            self._behind_since = self._clock.time()

    async def wait(self) -> None:
        """Return as soon as it is open."""
        if self._room.is_set() or self._behind_since is None:
            return
        left = self._behind_since + PATIENCE - self._clock.time()
        if left > 0:
            with contextlib.suppress(TimeoutError):
                async with self._clock.timeout(left):
                    await self._room.wait()

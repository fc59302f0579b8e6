"""Limits how much is done at once, without letting what takes long hold up the rest."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Slots:
    """`count` works at once; one that takes longer than `seconds` goes on, but is not counted any more.

    Work that waits for an answer costs nothing: the limit is there to spread many short works, not to queue behind
    those whose answer never comes.
    """

    def __init__(self, count: int, *, seconds: float) -> None:
        self._free = asyncio.Semaphore(count)
        self._seconds = seconds

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a slot, and hold it until the block ends, at most `seconds`."""
        await self._free.acquire()
        held = True

        def release() -> None:
            nonlocal held
            if held:
                held = False
                self._free.release()

        timer = asyncio.get_running_loop().call_later(self._seconds, release)
        try:
            yield
        finally:
            timer.cancel()
            release()

"""Requests of uploads: repeated until Telegram answers, after its flood waits and brakes."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from streamvault.errors import FileMissing, SourceError, SourceUnavailable
from streamvault.telegram.backoff import Backoff
from streamvault.telegram.files.upload_refusals import refused, wait_of
from streamvault.telegram.flood_wait import Sleep

log = logging.getLogger(__name__)

TRIES = 6
"""How often a request is sent while connections break or Telegram fails ..."""
PAUSE_FIRST, PAUSE_MOST = 0.5, 8.0
"""... and the bounds of the seconds in between."""
SAID_EVERY = 60.0
"""Seconds in which the log says at most once that Telegram brakes."""

T = TypeVar("T")


class UploadRequests:
    """The requests of one account; `slowed` while Telegram demands that they wait."""

    def __init__(self, name: str, *, sleep: Sleep = asyncio.sleep, clock: Callable[[], float] = time.monotonic) -> None:
        """`name` is the account's; `clock` returns seconds."""
        self._name, self.sleep, self._clock = name, sleep, clock
        self._until = self._say_at = clock()

    @property
    def slowed(self) -> float:
        """Seconds for which Telegram demands a wait; 0 where it does not."""
        return max(0.0, self._until - self._clock())

    async def answer(
        self, send: Callable[[], Awaitable[T]], *, private: bool = False, on_brake: Callable[[], None] = lambda: None
    ) -> T:
        """What `send` returns, which is called again after flood waits, and up to TRIES times for lack of an answer.

        `private`: it concerns a chat with one person. `on_brake` is called before each wait that Telegram demands.
        Raises PartsLost, UploadFailed, and SourceError as `send` does; SourceUnavailable after the last try.
        """
        pauses = Backoff(PAUSE_FIRST, PAUSE_MOST)
        tries = 0
        while True:
            try:
                return await send()
            except SourceUnavailable:
                tries += 1
                if tries == TRIES:
                    raise
                await self.sleep(pauses.next())
            except (SourceError, FileMissing) as error:
                wait = wait_of(error)
                if wait is None:
                    raise refused(error, private=private) from error
                on_brake()
                await self._wait(wait)

    async def _wait(self, seconds: float) -> None:
        now = self._clock()
        self._until = max(self._until, now + seconds)
        if now >= self._say_at:
            self._say_at = now + SAID_EVERY
            log.warning("Telegram brakes the uploads of %s: the next one goes in %.0f s", self._name, seconds)
        await self.sleep(seconds)

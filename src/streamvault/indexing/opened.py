"""Reads the messages of files again that somebody opens, because Telegram does not reliably tell bots about deletions.

A message is read at once when its file is opened, but not again within INTERVAL: an opening in between has it read at
the end of that. So a deleted file is neither listed nor played any more INTERVAL after somebody has opened it, however
much of it is cached. Nobody waits for this: a response that has begun is finished. What cannot be read (Telegram is
away, or demands a flood wait) is unknown, not deleted.
"""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence

from streamvault.errors import FileMissing, SourceError
from streamvault.media.history import BATCH
from streamvault.media.model import Origin
from streamvault.reading.retry import Clock, LoopClock

log = logging.getLogger(__name__)

INTERVAL = 60.0
"""Seconds between two reads of the same message."""
PAUSE = 1.0
"""Seconds between two requests; each reads up to BATCH messages of one chat."""
AT_ONCE = 4
"""Requests that may be under way."""
MAX_MESSAGES = 4096
"""Messages that may be due, and of which it is remembered when they were read."""

Check = Callable[[int, Sequence[int]], Awaitable[object]]
"""Makes the catalog equal to these messages of a chat. Raises FileMissing or SourceError if they cannot be read."""


class OpenedFiles:
    """The messages that are due to be read again, and when they were read last."""

    def __init__(self, check: Check, *, clock: Clock | None = None) -> None:
        self._check = check
        self._clock = clock or LoopClock()
        self._due: OrderedDict[Origin, float] = OrderedDict()
        self._read: OrderedDict[Origin, float] = OrderedDict()
        self._added = asyncio.Event()

    def opened(self, origins: Iterable[Origin]) -> None:
        """Somebody opens the file that these messages hold; has each of them read again as soon as it may be."""
        now = self._clock.time()
        for origin in origins:
            if origin not in self._due and len(self._due) < MAX_MESSAGES:  # else a later opening has it read
                self._due[origin] = max(now, self._read.get(origin, now - INTERVAL) + INTERVAL)
                self._added.set()

    async def run(self) -> None:
        """Read what is due, until cancelled."""
        slots = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            while True:
                await self._wait()
                await slots.acquire()
                reading = group.create_task(self._read_again(*self._next()))
                reading.add_done_callback(lambda _: slots.release())
                await self._clock.sleep(PAUSE)

    async def _wait(self) -> None:
        """Return when a message is due."""
        while not self._due or min(self._due.values()) > self._clock.time():
            self._added.clear()
            seconds = min(self._due.values()) - self._clock.time() if self._due else INTERVAL
            with contextlib.suppress(TimeoutError):
                async with self._clock.timeout(seconds):
                    await self._added.wait()

    def _next(self) -> tuple[int, list[int]]:
        """Up to BATCH messages that are due, of the chat of the first one. They count as read."""
        now = self._clock.time()
        chat_id = min(self._due, key=lambda origin: self._due[origin]).chat_id
        origins = [origin for origin, at in self._due.items() if origin.chat_id == chat_id and at <= now][:BATCH]
        for origin in origins:
            del self._due[origin]
            self._read[origin] = now
            self._read.move_to_end(origin)
        while len(self._read) > MAX_MESSAGES:
            self._read.popitem(last=False)
        return chat_id, [origin.message_id for origin in origins]

    async def _read_again(self, chat_id: int, numbers: Sequence[int]) -> None:
        try:
            await self._check(chat_id, numbers)
        except (FileMissing, SourceError) as error:
            log.info("messages of chat %d that were opened cannot be read now, so they stay: %s", chat_id, error)

"""The connections of one account to one data centre: how many there are, and which one a request takes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection

from streamvault.errors import SourceError, SourceUnavailable
from streamvault.telegram.errors import KeyRejected
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.sessions.values import StoredKey

SHARE = 4
"""Requests in flight on a connection from which on it is better to wait for another that is being opened."""
OPENING_WAIT = 0.5
"""Seconds for which an opening is worth that."""
_PAUSE = 1.0  # seconds without another attempt beside connections that there are, after one that failed

Make = Callable[[StoredKey, "ConnectionPool"], Awaitable[Connection]]
"""Makes a connection that is not open yet and calls `lost` and `pulse`."""


class ConnectionPool:
    """Up to `limit` connections that say something, opened as they are needed; silent ones are replaced meanwhile.

    `on_silent` is called for each that falls silent.
    """

    def __init__(
        self,
        make: Make,
        *,
        limit: int,
        on_silent: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make, self._limit, self._on_silent, self._clock = make, limit, on_silent, clock
        self.key: StoredKey | None = None
        """That of all connections; None while there is none."""
        self._links: list[Connection] = []
        self._openings: dict[asyncio.Task[Connection], float] = {}
        self._cleanings: set[asyncio.Task[None]] = set()
        self._news = asyncio.get_running_loop().create_future()
        self._pause_until = 0.0
        self._closed = False
        self.waiting = 0
        """Requests that have no connection yet."""
        self.failures = 0
        self.failure: Exception | None = None
        """How often, and why at last, no connection could be opened."""

    def __len__(self) -> int:
        return len(self._links)

    @property
    def load(self) -> int:
        """Requests in flight or waiting."""
        return self.waiting + sum(link.load for link in self._links)

    @property
    def closed(self) -> bool:
        """Whether it has come to its end."""
        return self._closed

    @property
    def opening(self) -> bool:
        """Whether another connection may come soon."""
        return bool(self._openings)

    @property
    def news(self) -> asyncio.Future[None]:
        """Done when a connection has come, gone, fallen silent or spoken again since this was asked for."""
        return self._news

    def use(self, key: StoredKey) -> None:
        """The key of all connections from now on; those of another one are closed."""
        self.key = key

    def choose(self, *, without: Collection[Connection]) -> Connection | None:
        """The connection that owes least; None: wait for news. More are opened when all are busy.

        SourceUnavailable after the end.
        """
        usable = [link for link in self._links if not link.silent and link not in without]
        best = min(usable, key=lambda link: (link.bytes_in_flight, link.load), default=None)
        if best is None or best.load:
            self._grow()
        if best is not None and best.load >= SHARE and self._opens_soon():
            return None
        return best

    def adopt(self, link: Connection) -> None:
        """Take over a connection that was opened elsewhere with the same key."""
        if link.alive and not self._closed:
            self._links.append(link)
            self._tell()
        else:
            self._clean(link.close())

    def lost(self, link: Connection) -> None:
        """Replace a lost connection at once if it was in use."""
        if link not in self._links:
            return
        used = link.load > 0
        self._drop(link)
        if used and not self._closed and not isinstance(link.failure, KeyRejected):
            self._grow()

    def pulse(self, link: Connection) -> None:
        """A connection has fallen silent, or says something again."""
        if link.silent and link in self._links:
            self._on_silent()
        self._tell()

    def trim(self, *, extra: float, last: float) -> None:
        """Close connections that nobody used for `extra` seconds, and the last one after `last` seconds."""
        for link in sorted(self._links, key=lambda link: -link.idle):
            if link.idle > (last if len(self._links) == 1 else extra):
                self._drop(link)

    def drop_all(self, reason: Exception) -> None:
        """Close all connections; what is in flight is told `reason`."""
        self.key = None
        for link in self._links[:]:
            self._drop(link, reason)

    async def close(self) -> None:
        """Close everything, within bounds, for good."""
        self._closed = True
        for opening in list(self._openings):
            opening.cancel()
        await asyncio.gather(*self._openings, return_exceptions=True)
        await asyncio.gather(*(link.close() for link in self._links), *self._cleanings, return_exceptions=True)
        self._links.clear()
        self._tell()

    def _opens_soon(self) -> bool:
        return any(self._clock() - began < OPENING_WAIT for began in self._openings.values())

    def _grow(self) -> None:
        """Start opening a connection, if there may be one more and somebody needs it."""
        if self._closed:
            raise SourceUnavailable("the account is closed")
        speaking, opening = sum(not link.silent for link in self._links), len(self._openings)
        full = speaking + opening >= self._limit or len(self._links) + opening >= 2 * self._limit
        enough = not speaking and opening * SHARE > self.waiting
        if self.key is None or full or enough or (self._links and self._clock() < self._pause_until):
            return
        task = asyncio.create_task(self._open(self.key))
        self._openings[task] = self._clock()
        task.add_done_callback(self._opened)

    async def _open(self, key: StoredKey) -> Connection:
        link = await self._make(key, self)
        try:
            await link.open()
        except BaseException:
            await link.close()
            raise
        return link

    def _opened(self, task: asyncio.Task[Connection]) -> None:
        self._openings.pop(task, None)
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            self._pause_until = self._clock() + _PAUSE
            self.failures += 1
            self.failure = error if isinstance(error, SourceError) else SourceUnavailable(str(error))
            self._tell()
        elif self.key is None or task.result().auth_key != self.key.key:
            self._clean(task.result().close())
            self._tell()
        else:
            self.adopt(task.result())

    def _drop(self, link: Connection, reason: Exception | None = None) -> None:
        self._links.remove(link)
        self._clean(link.close(reason))
        self._tell()

    def _clean(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._cleanings.add(task)
        task.add_done_callback(self._cleanings.discard)

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.get_running_loop().create_future()
        if not news.done():
            news.set_result(None)

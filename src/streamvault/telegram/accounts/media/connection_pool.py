"""The connections of a media session: when one is opened or closed, and which one a request uses."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection

from streamvault.errors import SourceError, SourceUnavailable
from streamvault.telegram.errors import KeyRejected
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.sessions.values import StoredKey

BUSY_REQUESTS = 4
"""Requests in flight on a connection above which a request waits for one that is being opened."""
OPENING_WAIT = 0.5
"""Seconds for which a connection may have been opening for a request to wait for it."""
_PAUSE = 1.0  # seconds after a failed attempt before another, while there are connections

Make = Callable[[StoredKey, "ConnectionPool"], Awaitable[Connection]]
"""Makes a connection, not open yet, whose callbacks are `lost` and `silence_changed` of the pool."""


class ConnectionPool:
    """Up to `limit` responsive connections, opened on demand; silent ones are replaced but stay open.

    `on_silent` is called whenever a connection falls silent.
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
        """The auth key of all connections; None while there is none."""
        self._connections: list[Connection] = []
        self._openings: dict[asyncio.Task[Connection], float] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._changed = asyncio.get_running_loop().create_future()
        self._pause_until = 0.0
        self._closed = False
        self.waiting = 0
        """Requests that have no connection yet."""
        self.failures = 0
        self.failure: Exception | None = None
        """Number of failed attempts to open a connection, and the last error."""

    def __len__(self) -> int:
        return len(self._connections)

    @property
    def load(self) -> int:
        """Requests in flight or waiting."""
        return self.waiting + sum(connection.load for connection in self._connections)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    @property
    def opening(self) -> bool:
        """Whether a connection is being opened."""
        return bool(self._openings)

    @property
    def changed(self) -> asyncio.Future[None]:
        """A future that is done at the next change: a connection opened, closed, fell silent or responded again."""
        return self._changed

    def set_key(self, key: StoredKey) -> None:
        """Set the key of all connections; one that is still being opened with another key will be closed."""
        self.key = key

    def choose(self, *, without: Collection[Connection]) -> Connection | None:
        """The responsive connection with the fewest bytes in flight; None: wait for `changed`.

        Another connection is opened when all are busy. SourceUnavailable after `close`.
        """
        usable = [connection for connection in self._connections if not connection.silent and connection not in without]
        best = min(usable, key=lambda connection: (connection.bytes_in_flight, connection.load), default=None)
        if best is None or best.load:
            self._open_more()
        if best is not None and best.load >= BUSY_REQUESTS and self._opens_soon():
            return None
        return best

    def add(self, connection: Connection) -> None:
        """Add an open connection with the same key."""
        if connection.alive and not self._closed:
            self._connections.append(connection)
            self._notify()
        else:
            self._close_in_background(connection.close())

    def lost(self, connection: Connection) -> None:
        """Remove a lost connection; open another at once if it was in use."""
        if connection not in self._connections:
            return
        used = connection.load > 0
        self._drop(connection)
        if used and not self._closed and not isinstance(connection.failure, KeyRejected):
            self._open_more()

    def silence_changed(self, connection: Connection) -> None:
        """Called when a connection falls silent or responds again."""
        if connection.silent and connection in self._connections:
            self._on_silent()
        self._notify()

    def trim(self, *, extra: float, last: float) -> None:
        """Close connections that are idle for `extra` seconds, and the last one after `last` seconds."""
        for connection in sorted(self._connections, key=lambda connection: -connection.idle):
            if connection.idle > (last if len(self._connections) == 1 else extra):
                self._drop(connection)

    def drop_all(self, reason: Exception) -> None:
        """Close all connections; requests in flight fail with `reason`."""
        self.key = None
        for connection in self._connections[:]:
            self._drop(connection, reason)

    async def close(self) -> None:
        """Close all connections within a bound; the pool opens no more."""
        self._closed = True
        for opening in list(self._openings):
            opening.cancel()
        await asyncio.gather(*self._openings, return_exceptions=True)
        await asyncio.gather(
            *(connection.close() for connection in self._connections), *self._closing, return_exceptions=True
        )
        self._connections.clear()
        self._notify()

    def _opens_soon(self) -> bool:
        return any(self._clock() - began < OPENING_WAIT for began in self._openings.values())

    def _open_more(self) -> None:
        """Start opening a connection if the limit allows it and waiting requests need it."""
        if self._closed:
            raise SourceUnavailable("the account is closed")
        responsive, opening = sum(not connection.silent for connection in self._connections), len(self._openings)
        full = responsive + opening >= self._limit or len(self._connections) + opening >= 2 * self._limit
        enough = not responsive and opening * BUSY_REQUESTS > self.waiting
        if self.key is None or full or enough or (self._connections and self._clock() < self._pause_until):
            return
        task = asyncio.create_task(self._open(self.key))
        self._openings[task] = self._clock()
        task.add_done_callback(self._opened)

    async def _open(self, key: StoredKey) -> Connection:
        connection = await self._make(key, self)
        try:
            await connection.open()
        except BaseException:
            await connection.close()
            raise
        return connection

    def _opened(self, task: asyncio.Task[Connection]) -> None:
        self._openings.pop(task, None)
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            self._pause_until = self._clock() + _PAUSE
            self.failures += 1
            self.failure = error if isinstance(error, SourceError) else SourceUnavailable(str(error))
            self._notify()
        elif self.key is None or task.result().auth_key != self.key.key:
            self._close_in_background(task.result().close())
            self._notify()
        else:
            self.add(task.result())

    def _drop(self, connection: Connection, reason: Exception | None = None) -> None:
        self._connections.remove(connection)
        self._close_in_background(connection.close(reason))
        self._notify()

    def _close_in_background(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.get_running_loop().create_future()
        if not changed.done():
            changed.set_result(None)

"""One request of a media session: sent again over another connection when its connection is lost or silent."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from streamvault.errors import SourceUnavailable
from streamvault.telegram.accounts.media.connection_pool import ConnectionPool
from streamvault.telegram.accounts.media.stats import RequestStats
from streamvault.telegram.errors import KeyRejected
from streamvault.telegram.mtproto.connection import CALL_TIMEOUT, Connection
from streamvault.telegram.sessions.values import StoredKey

MAX_TRIES = 4
"""Connections over which one request may be sent, one after the other."""
_POLL, _SILENT_POLL = 0.1, 1.0  # seconds between checks while no change is signalled


class PooledRequest:
    """`asked` holds the connections that still owe an answer to the same request; it is updated in place."""

    def __init__(
        self,
        pool: ConnectionPool,
        key: StoredKey,
        query: Any,
        *,
        size: int,
        stats: RequestStats,
        asked: set[Connection],
    ) -> None:
        self._pool, self._key, self._query, self._size = pool, key, query, size
        self._stats = stats
        self._asked = asked
        self._pending: dict[asyncio.Task[Any], Connection] = {}
        self._tries = 0
        self._failures = pool.failures
        self._failure = SourceUnavailable("no connection")

    async def answer(self, ensure: Callable[[], Awaitable[None]]) -> tuple[Any, Connection]:
        """The first answer and its connection. `ensure` checks the lease before each request that is sent.

        When its connection falls silent, the request is sent over another; the silent one may still answer. Raises
        KeyRejected, SourceUnavailable when no connection can be opened or MAX_TRIES are lost, and Telegram's errors.
        """
        self._pool.waiting += 1
        try:
            while self._tries < MAX_TRIES or self._pending:
                await self._send(ensure)
                for task in await self._wait():
                    connection = self._pending.pop(task)
                    self._asked.discard(connection)
                    try:
                        return connection.outcome(task), connection
                    except SourceUnavailable as error:
                        if connection.failure is None:
                            raise
                        self._failure = error
        finally:
            self._pool.waiting -= not self._tries
        raise self._failure

    async def _send(self, ensure: Callable[[], Awaitable[None]]) -> None:
        """Send the request, unless a responsive connection has it already or no other is available."""
        if self._tries == MAX_TRIES or any(not connection.silent for connection in self._pending.values()):
            return
        await ensure()
        if self._pool.key is not self._key:
            raise KeyRejected("the key was replaced meanwhile")
        if not self._pending and not self._pool and self._pool.failures > self._failures:
            raise SourceUnavailable(str(self._pool.failure))
        connection = self._pool.choose(without=self._asked)
        if connection is None:
            return
        if self._tries:
            self._stats.failed_over("silent" if self._pending else "lost")
        else:
            self._pool.waiting -= 1
        self._tries += 1
        self._asked.add(connection)
        sending = self._stats.answer_delays.sending(connection.bytes_in_flight + self._size)
        request = connection.send_request(self._query, size=self._size, timeout=CALL_TIMEOUT + sending)
        self._pending[request] = connection

    async def _wait(self) -> set[asyncio.Task[Any]]:
        """Wait for a finished request or a change of the pool; returns the finished requests, maybe none."""
        poll = None
        if not self._pending:
            poll = _POLL
        elif all(connection.silent for connection in self._pending.values()):
            poll = _SILENT_POLL
        done, _ = await asyncio.wait(
            {*self._pending, self._pool.changed}, timeout=poll, return_when=asyncio.FIRST_COMPLETED
        )
        return {task for task in done if task in self._pending}

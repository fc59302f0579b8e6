"""One request on its way to an answer, over as many connections as that takes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from streamvault.errors import SourceUnavailable
from streamvault.telegram.accounts.media.connection_pool import ConnectionPool
from streamvault.telegram.accounts.media.stats import RequestStats
from streamvault.telegram.errors import KeyRejected
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.sessions.values import StoredKey

MOST_TRIES = 4
"""Connections that one request may be sent over, one after the other."""
_TICK, _SILENT_TICK = 0.1, 1.0  # seconds after which it is looked again without news


class PooledRequest:
    """`asked` are the connections that owe an answer to the same request, however it was sent; kept up to date."""

    def __init__(
        self,
        links: ConnectionPool,
        key: StoredKey,
        query: Any,
        *,
        size: int,
        tally: RequestStats,
        asked: set[Connection],
    ) -> None:
        self._links, self._key, self._query, self._size = links, key, query, size
        self._tally = tally
        self._asked = asked
        self._asks: dict[asyncio.Task[Any], Connection] = {}
        self._tries = 0
        self._failures = links.failures
        self._failure = SourceUnavailable("no connection")

    async def answer(self, ensure: Callable[[], Awaitable[None]]) -> tuple[Any, Connection]:
        """The first answer, and who gave it. `ensure` is called before each request that is sent.

        The request moves on when its connection is lost, or silent: then the silent one may still answer. Raises
        KeyRejected, SourceUnavailable when no connection can be opened or MOST_TRIES are lost, and what Telegram says.
        """
        self._links.waiting += 1
        try:
            while self._tries < MOST_TRIES or self._asks:
                await self._send(ensure)
                for task in await self._first():
                    link = self._asks.pop(task)
                    self._asked.discard(link)
                    try:
                        return link.outcome(task), link
                    except SourceUnavailable as error:
                        if link.failure is None:
                            raise
                        self._failure = error
        finally:
            self._links.waiting -= not self._tries
        raise self._failure

    async def _send(self, ensure: Callable[[], Awaitable[None]]) -> None:
        """Send the request, unless it is with a connection that says something, or there is no other."""
        if self._tries == MOST_TRIES or any(not link.silent for link in self._asks.values()):
            return
        await ensure()
        if self._links.key is not self._key:
            raise KeyRejected("the key was replaced meanwhile")
        if not self._asks and not self._links and self._links.failures > self._failures:
            raise SourceUnavailable(str(self._links.failure))
        link = self._links.choose(without=self._asked)
        if link is None:
            return
        if self._tries:
            self._tally.failed_over("silent" if self._asks else "lost")
        else:
            self._links.waiting -= 1
        self._tries += 1
        self._asked.add(link)
        self._asks[link.send_request(self._query, size=self._size)] = link

    async def _first(self) -> set[asyncio.Task[Any]]:
        """The requests that are done, if any; returns as well when something else has changed."""
        tick = None
        if not self._asks:
            tick = _TICK
        elif all(link.silent for link in self._asks.values()):
            tick = _SILENT_TICK
        done, _ = await asyncio.wait({*self._asks, self._links.news}, timeout=tick, return_when=asyncio.FIRST_COMPLETED)
        return {task for task in done if task in self._asks}

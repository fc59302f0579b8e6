"""The connections of one account to one data centre that carry nothing but files.

They share one durable key. Making it, and letting the account in with it (exportAuthorization at home,
importAuthorization here), happens once in its life however many viewers arrive at once. A dead key is replaced
once while all of them wait.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from streamvault.errors import SourceBusy, SourceError, SourceUnavailable
from streamvault.telegram.errors import KeyRejected
from streamvault.telegram.flight import SingleFlight
from streamvault.telegram.floods import Floods
from streamvault.telegram.keys import KeyRing
from streamvault.telegram.link import Link
from streamvault.telegram.stored.session import StoredSession
from streamvault.telegram.stored.values import StoredKey
from streamvault.telegram.visa import let_in

log = logging.getLogger(__name__)

REBUILD_PAUSE = 60.0
IDLE_EXTRA, IDLE_LAST = 90.0, 900.0
"""Seconds without a request after which a connection beside others, or the last one, is closed."""


class Host(Protocol):
    """What a pool needs of its account."""

    keys: KeyRing
    floods: Floods
    session: StoredSession

    async def new_media_link(self, key: StoredKey, *, on_lost: Callable[[Link], None]) -> Link:
        """A file connection that is not open yet."""
        ...

    async def export(self, dc_id: int) -> Any: ...
    def is_home(self, dc_id: int) -> bool: ...


class MediaPool:
    """Up to `limit` connections to one data centre, opened as they are needed."""

    def __init__(self, host: Host, dc_id: int, *, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._host = host
        self._dc_id = dc_id
        self._limit = limit
        self._clock = clock
        self._key: StoredKey | None = None
        self._links: list[Link] = []
        self._openings: set[asyncio.Task[Link]] = set()
        self._cleanings: set[asyncio.Task[None]] = set()
        self._flights: SingleFlight[str, StoredKey] = SingleFlight()
        self._rebuilt_at: float | None = None
        self._next_extra = 0.0
        self._closed = False

    @property
    def load(self) -> int:
        """Requests in flight."""
        return sum(link.load for link in self._links)

    async def call(self, query: Any) -> Any:
        """The answer of this data centre to an upload.* query.

        Raises SourceUnavailable when the connection is lost on the way (asking again opens another), SourceBusy,
        SourceError, and what Telegram answers.
        """
        for _ in range(2):
            key = self._key or await self._flights.run("key", self._ready_key)
            try:
                link = await self._pick(key)
                async with self._host.floods.watching("file"):
                    answer = await link.call(query)
            except KeyRejected as error:
                await self._reject(key, error)
                continue
            self._host.session.note_salt(self._dc_id, link.salt)
            return answer
        raise SourceUnavailable(f"data centre {self._dc_id} lost its key twice in a row")

    def trim(self, *, extra: float = IDLE_EXTRA, last: float = IDLE_LAST) -> None:
        """Close connections that nobody used for `extra` seconds, and the last one after `last` seconds."""
        for link in sorted(self._links, key=lambda link: -link.idle):
            if link.idle > (last if len(self._links) == 1 else extra):
                self._drop(link)

    async def close(self) -> None:
        """Close all connections, within bounds."""
        self._closed = True
        await self._flights.close()
        for opening in list(self._openings):
            opening.cancel()
        await asyncio.gather(*self._openings, return_exceptions=True)
        await asyncio.gather(*(link.close() for link in self._links), *self._cleanings, return_exceptions=True)
        self._links.clear()

    async def _ready_key(self) -> StoredKey:
        """The stored or new key, with the account let in; the first connection comes with it."""
        if self._closed:
            raise SourceUnavailable("the account is closed")
        for _ in range(2):
            key = await self._host.keys.get(self._dc_id)
            if key.imported or self._host.is_home(self._dc_id):
                break
            link = await self._host.new_media_link(key, on_lost=self._lost)
            try:
                key = await let_in(link, key, keys=self._host.keys, export=self._host.export)
            except KeyRejected as error:
                await link.close()
                await self._host.keys.drop(key)
                if key.confirmed:
                    raise SourceUnavailable(f"data centre {self._dc_id} refused its key: {error}") from error
                continue  # a crash kept the server from knowing it
            except BaseException:
                await link.close()
                raise
            self._keep(link)
            break
        else:
            raise SourceUnavailable(f"data centre {self._dc_id} does not keep its keys")
        self._key = key
        return key

    async def _reject(self, key: StoredKey, error: KeyRejected) -> None:
        """Forget a dead key and its connections, once; those who come later find a new one or wait for it."""
        if self._host.is_home(self._dc_id):
            raise SourceUnavailable(f"the home data centre refused a file connection: {error}") from error
        if self._key is not key:
            return
        now = self._clock()
        if self._rebuilt_at is not None and now < self._rebuilt_at + REBUILD_PAUSE:
            raise SourceBusy(self._rebuilt_at + REBUILD_PAUSE - now)
        log.warning("data centre %d no longer knows its key (%s): making a new one", self._dc_id, error)
        self._rebuilt_at, self._key = now, None
        for link in self._links[:]:
            self._drop(link, error)
        await self._host.keys.drop(key)

    async def _pick(self, key: StoredKey) -> Link:
        """The connection with the fewest requests; another one is opened beside it when all are busy."""
        while True:
            best = min(self._links, key=lambda link: link.load, default=None)
            if best is None or best.load:
                self._open_another(key, spare=best is not None)
            if best is not None:
                return best
            done, _ = await asyncio.wait(self._openings, return_when=asyncio.FIRST_COMPLETED)
            if not self._links:
                raise _failure(done)

    def _open_another(self, key: StoredKey, *, spare: bool) -> None:
        """Start opening a connection, if there may be one more; the first one goes ahead alone."""
        count = len(self._links) + len(self._openings)
        if self._closed:
            raise SourceUnavailable("the account is closed")
        if count >= self._limit or (self._openings and not spare) or (spare and self._clock() < self._next_extra):
            return
        task = asyncio.create_task(self._open(key))
        self._openings.add(task)
        task.add_done_callback(self._opened)

    def _opened(self, task: asyncio.Task[Link]) -> None:
        self._openings.discard(task)
        if task.cancelled():
            return
        if task.exception() is not None:
            self._next_extra = self._clock() + 1.0
        elif task.result().auth_key != (self._key.key if self._key else None) or self._closed:
            self._clean(task.result().close())
        else:
            self._keep(task.result())

    async def _open(self, key: StoredKey) -> Link:
        link = await self._host.new_media_link(key, on_lost=self._lost)
        try:
            await link.open()
        except BaseException:
            await link.close()
            raise
        return link

    def _keep(self, link: Link) -> None:
        if link.alive:
            self._links.append(link)
        else:
            self._clean(link.close())

    def _lost(self, link: Link) -> None:
        """Replace a lost connection at once if it was in use, so that a retry need not wait for a new one."""
        if link not in self._links:
            return
        used = link.load > 0
        self._drop(link)
        if used and self._key is not None and not self._closed and not isinstance(link.failure, KeyRejected):
            self._open_another(self._key, spare=bool(self._links))

    def _drop(self, link: Link, reason: Exception | None = None) -> None:
        self._links.remove(link)
        self._clean(link.close(reason))

    def _clean(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._cleanings.add(task)
        task.add_done_callback(self._cleanings.discard)


def _failure(done: set[asyncio.Task[Link]]) -> Exception:
    """Why the first opening failed; each waiter gets an exception of its own."""
    for task in done:
        error = None if task.cancelled() else task.exception()
        if isinstance(error, SourceError):
            return SourceUnavailable(str(error))
    return SourceUnavailable("the connection could not be opened")

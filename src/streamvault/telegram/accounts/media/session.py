"""The requests of one account to one data centre that carry nothing but files.

Its connections share one durable key. Making it, and letting the account in with it (exportAuthorization at home,
importAuthorization here), happens once in its life however many viewers arrive at once. A dead key is replaced
once while all of them wait. A request survives its connection: it moves on when that breaks or falls silent.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, Protocol

from streamvault.errors import SourceBusy, SourceUnavailable
from streamvault.telegram.accounts.auth_keys import AuthKeys
from streamvault.telegram.accounts.import_authorization import import_authorization
from streamvault.telegram.accounts.media.connection_pool import ConnectionPool
from streamvault.telegram.accounts.media.request import PooledRequest
from streamvault.telegram.accounts.media.stats import RequestStats
from streamvault.telegram.errors import KeyRejected
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.mtproto.keepalive import AnswerDelays
from streamvault.telegram.sessions.floods import AccountFloodSchedule
from streamvault.telegram.sessions.stored_session import StoredSession
from streamvault.telegram.sessions.values import StoredKey
from streamvault.telegram.single_flight import SingleFlight

log = logging.getLogger(__name__)

REBUILD_PAUSE = 60.0
IDLE_EXTRA, IDLE_LAST = 90.0, 900.0
"""Seconds without a request after which a connection beside others, or the last one, is closed."""


class MediaSessionHost(Protocol):
    """What a pool needs of its account."""

    keys: AuthKeys
    floods: AccountFloodSchedule
    session: StoredSession

    async def new_media_connection(
        self,
        key: StoredKey,
        *,
        on_lost: Callable[[Connection], None],
        on_silence_change: Callable[[Connection], None] = ...,
        answer_delays: AnswerDelays | None = None,
        cdn: bool = False,
    ) -> Connection:
        """A file connection that is not open yet."""
        ...

    async def export(self, dc_id: int) -> Any: ...
    def is_home(self, dc_id: int) -> bool: ...


class MediaSession:
    """Up to `limit` connections to one data centre, opened as they are needed; nobody is let in at a `cdn`."""

    def __init__(
        self, host: MediaSessionHost, dc_id: int, *, limit: int, tally: RequestStats, cdn: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._host = host
        self._dc_id = dc_id
        self._cdn = cdn
        self._tally = tally
        self._clock = clock
        self._key: StoredKey | None = None
        self._links = ConnectionPool(self._make, limit=limit, on_silent=tally.fell_silent, clock=clock)
        self._flights: SingleFlight[str, StoredKey] = SingleFlight()
        self._rebuilt_at: float | None = None
        self._salt = 0
        tally.connections = lambda: len(self._links)

    @property
    def ready(self) -> bool:
        """Whether the key is there, and the account let in."""
        return self._key is not None

    async def call(self, query: Any, *, asked: set[Connection] | None = None, size: int = 0) -> Any:
        """The answer of this data centre to an upload.* query, which may have `size` bytes.

        Connections in `asked` owe an answer to it already: they are not used, and those that are used are added.
        Cancelling the call abandons only the wait. Raises SourceUnavailable when no connection can be opened or
        several are lost on the way, SourceBusy, SourceError, and what Telegram answers.
        """
        for _ in range(2):
            key = self._key or await self._flights.run("key", self._ready_key)
            try:
                async with self._host.floods.around_request("cdn" if self._cdn else "file"):
                    return await self._answer(key, query, asked=set() if asked is None else asked, size=size)
            except KeyRejected as error:
                await self._reject(key, error)
        raise SourceUnavailable(f"data centre {self._dc_id} lost its key twice in a row")

    def trim(self, *, extra: float = IDLE_EXTRA, last: float = IDLE_LAST) -> None:
        """Close connections that nobody used for `extra` seconds, and the last one after `last` seconds."""
        self._links.trim(extra=extra, last=last)

    async def close(self) -> None:
        """Close all connections, within bounds."""
        await self._flights.close()
        await self._links.close()

    async def _answer(self, key: StoredKey, query: Any, *, asked: set[Connection], size: int) -> Any:
        asking = PooledRequest(self._links, key, query, size=size, tally=self._tally, asked=asked)
        answer, link = await asking.answer(self._host.session.backend.ensure)
        if link.salt != self._salt:
            self._salt = link.salt
            self._host.session.note_salt(self._dc_id, link.salt)
        return answer

    async def _ready_key(self) -> StoredKey:
        """The stored or new key, with the account let in; the first connection comes with it."""
        if self._links.closed:
            raise SourceUnavailable("the account is closed")
        for _ in range(2):
            key = await self._host.keys.get(self._dc_id, cdn=self._cdn)
            if self._cdn or key.imported or self._host.is_home(self._dc_id):
                self._take(key)
                return key
            link = await self._make(key, self._links)
            try:
                key = await import_authorization(link, key, keys=self._host.keys, export=self._host.export)
            except KeyRejected as error:
                await link.close()
                await self._host.keys.drop(key)
                if key.confirmed:
                    raise SourceUnavailable(f"data centre {self._dc_id} refused its key: {error}") from error
                continue  # a crash kept the server from knowing it
            except BaseException:
                await link.close()
                raise
            self._take(key)
            self._links.adopt(link)
            return key
        raise SourceUnavailable(f"data centre {self._dc_id} does not keep its keys")

    def _take(self, key: StoredKey) -> None:
        self._key = key
        self._links.use(key)

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
        self._tally.rebuilt()
        self._links.drop_all(error)
        await self._host.keys.drop(key)

    async def _make(self, key: StoredKey, links: ConnectionPool) -> Connection:
        return await self._host.new_media_connection(
            key,
            on_lost=links.lost,
            on_silence_change=links.pulse,
            answer_delays=self._tally.answer_delays,
            cdn=self._cdn,
        )

"""A media session: the upload.* requests of one account to one data centre (core.telegram.org/api/files).

Its connections share one stored auth key. The key is made and the account logged in with it (auth.exportAuthorization
at home, auth.importAuthorization here) once, however many requests wait for that. A rejected key is replaced once while
they wait. A request belongs to the session: a viewer who leaves only stops waiting, because cutting off a request would
disturb the connection for all others. It is sent again when its connection is lost or falls silent.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, Protocol

from streamvault.errors import SourceBusy, SourceUnavailable
from streamvault.telegram.accounts.auth_keys import AuthKeys
from streamvault.telegram.accounts.import_authorization import import_authorization
from streamvault.telegram.accounts.media.connection_pool import ConnectionPool
from streamvault.telegram.accounts.media.reachability import Reachability
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

KEY_REPLACEMENT_PAUSE = 60.0
"""Seconds between two replacements of a rejected key."""
PROBE_AFTER = 10.0
"""Seconds without a request after which a data centre that could not be reached is probed."""
IDLE_EXTRA, IDLE_LAST = 90.0, 900.0
"""Idle seconds after which an extra connection, and the last one, are closed."""


class MediaAccount(Protocol):
    """What a media session needs of its account."""

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
        """A media connection, not open yet."""
        ...

    async def export(self, dc_id: int) -> Any: ...
    async def probe(self, dc_id: int) -> None:
        """SourceUnavailable unless a file server of the data centre answers."""
        ...

    def reconnect_now(self) -> None:
        """Called when a data centre answers after it could not be reached: Telegram may be reachable again."""
        ...

    def is_home(self, dc_id: int) -> bool: ...


class MediaSession:
    """Up to `limit` connections to one data centre, opened on demand, for a family of methods that share flood waits.

    The family cdn is that of a CDN DC, which needs no authorization.
    """

    def __init__(
        self, account: MediaAccount, dc_id: int, *, limit: int, stats: RequestStats, family: str = "file",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._account = account
        self._dc_id = dc_id
        self._family, self._cdn = family, family == "cdn"
        self._stats = stats
        self._clock = clock
        self._key: StoredKey | None = None
        self._pool = ConnectionPool(self._new_connection, limit=limit, on_silent=stats.fell_silent, clock=clock)
        self._flights: SingleFlight[str, StoredKey] = SingleFlight()
        self._replaced_at: float | None = None
        self._salt = 0
        self.reachability = Reachability(clock, on_recovered=account.reconnect_now)
        stats.connections = lambda: len(self._pool)

    @property
    def authorized(self) -> bool:
        """Whether the account is logged in with a key."""
        return self._key is not None

    async def call(self, query: Any, *, asked: set[Connection] | None = None, size: int = 0) -> Any:
        """The answer of this data centre to an upload.* query; `size`: the most bytes that it may have, or of the part.

        Connections in `asked` have the same request in flight already: they are not used, and those that are used are
        added. Cancelling the call abandons only the wait. Raises SourceUnavailable when no connection can be opened or
        several are lost on the way, SourceBusy, SourceError, and what Telegram answers.
        """
        try:
            answer = await self._call(query, asked=set() if asked is None else asked, size=size)
        except SourceUnavailable:
            self.reachability.failed()
            raise
        self.reachability.worked()
        return answer

    async def _call(self, query: Any, *, asked: set[Connection], size: int) -> Any:
        for _ in range(2):
            key = self._key or await self._flights.run("key", self._authorized_key)
            try:
                async with self._account.floods.around_request(self._family):
                    return await self._answer(key, query, asked=asked, size=size)
            except KeyRejected as error:
                await self._reject(key, error)
        raise SourceUnavailable(f"data centre {self._dc_id} lost its key twice in a row")

    async def probe(self) -> None:
        """Find out whether the data centre can be reached, if it could not be and no request tells."""
        if self._cdn or not self.reachability.needs_probe(quiet=PROBE_AFTER):
            return
        try:
            await self._account.probe(self._dc_id)
        except SourceUnavailable:
            self.reachability.failed()
        else:
            self.reachability.worked()

    def trim(self, *, extra: float = IDLE_EXTRA, last: float = IDLE_LAST) -> None:
        """Close connections that are idle for `extra` seconds, and the last one after `last` seconds."""
        self._pool.trim(extra=extra, last=last)

    async def close(self) -> None:
        """Close all connections within a bound."""
        await self._flights.close()
        await self._pool.close()

    async def _answer(self, key: StoredKey, query: Any, *, asked: set[Connection], size: int) -> Any:
        request = PooledRequest(self._pool, key, query, size=size, stats=self._stats, asked=asked)
        answer, connection = await request.answer(self._account.session.backend.ensure)
        if connection.salt != self._salt:
            self._salt = connection.salt
            self._account.session.note_salt(self._dc_id, connection.salt)
        return answer

    async def _authorized_key(self) -> StoredKey:
        """The stored or a new key, with the account logged in; adds the connection that was used for that."""
        if self._pool.closed:
            raise SourceUnavailable("the account is closed")
        for _ in range(2):
            key = await self._account.keys.get(self._dc_id, cdn=self._cdn)
            if self._cdn or key.imported or self._account.is_home(self._dc_id):
                self._use_key(key)
                return key
            connection = await self._new_connection(key, self._pool)
            try:
                key = await import_authorization(connection, key, keys=self._account.keys, export=self._account.export)
            except KeyRejected as error:
                await connection.close()
                await self._account.keys.drop(key)
                if key.confirmed:
                    raise SourceUnavailable(f"data centre {self._dc_id} refused its key: {error}") from error
                continue  # a crash came before the server knew the key
            except BaseException:
                await connection.close()
                raise
            self._use_key(key)
            self._pool.add(connection)
            return key
        raise SourceUnavailable(f"data centre {self._dc_id} does not keep its keys")

    def _use_key(self, key: StoredKey) -> None:
        self._key = key
        self._pool.set_key(key)

    async def _reject(self, key: StoredKey, error: KeyRejected) -> None:
        """Delete a rejected key and close its connections, once; later calls use a new key or wait for it."""
        if self._account.is_home(self._dc_id):
            raise SourceUnavailable(f"the home data centre refused a media connection: {error}") from error
        if self._key is not key:
            return
        now = self._clock()
        if self._replaced_at is not None and now < self._replaced_at + KEY_REPLACEMENT_PAUSE:
            raise SourceBusy(self._replaced_at + KEY_REPLACEMENT_PAUSE - now)
        log.warning("data centre %d rejects its auth key (%s): making a new one", self._dc_id, error)
        self._replaced_at, self._key = now, None
        self._stats.rebuilt()
        self._pool.drop_all(error)
        await self._account.keys.drop(key)

    async def _new_connection(self, key: StoredKey, pool: ConnectionPool) -> Connection:
        return await self._account.new_media_connection(
            key,
            on_lost=self._lost,
            on_silence_change=pool.silence_changed,
            answer_delays=self._stats.answer_delays,
            cdn=self._cdn,
        )

    def _lost(self, connection: Connection) -> None:
        if not connection.load and not isinstance(connection.failure, KeyRejected):
            self.reachability.suspect()
        self._pool.lost(connection)

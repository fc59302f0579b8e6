"""One account: its stored session, main connection, client for updates, and media sessions.

One holder per stored session: the lease is acquired before anything connects, and when it is lost every connection is
closed before another request is sent.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from streamvault.errors import ConfigError, SourceError, SourceUnavailable
from streamvault.telegram.accounts import export_authorization
from streamvault.telegram.accounts.addresses import refresh_addresses
from streamvault.telegram.accounts.auth_keys import AuthKeys
from streamvault.telegram.accounts.cdn_keys import cdn_keys
from streamvault.telegram.accounts.client import close_client, make_client, start_client
from streamvault.telegram.accounts.login_policy import LoginPolicy, policy_for
from streamvault.telegram.accounts.main_connection import MainConnection
from streamvault.telegram.accounts.media.sessions import MediaSessions
from streamvault.telegram.accounts.messages import MessageReader
from streamvault.telegram.accounts.spec import AccountSpec, server_name
from streamvault.telegram.config import TelegramMetrics, TelegramSettings
from streamvault.telegram.errors import AccountLost, KeyRejected, MessageIdsRefused
from streamvault.telegram.mtproto.clock import ServerClock
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.mtproto.method_families import family_of
from streamvault.telegram.mtproto.probe import probe_any
from streamvault.telegram.network.data_centres import DataCentres, DcAddress, entry_address
from streamvault.telegram.network.routes import Network
from streamvault.telegram.sessions.backend import Backend, SessionHeld
from streamvault.telegram.sessions.floods import AccountFloodSchedule
from streamvault.telegram.sessions.kurigram_storage import ClientStorage
from streamvault.telegram.sessions.stored_session import StoredSession
from streamvault.telegram.sessions.values import Identity, StoredKey

log = logging.getLogger(__name__)

CALL_WAIT = 10.0
"""Seconds for which a request waits for a lost main connection to be opened again."""
TRIM_INTERVAL = 5.0
"""Seconds between two checks for idle media connections, and for data centres that can be reached again."""
PROBE_TIMEOUT = 5.0


class Account:
    """A bot or a user. `client` is Kurigram's, for handlers and sending; files are read through the methods here.

    Call `acquire_session`, then `open`, and `close` at the end even if they raised. `ended` fails with AccountLost when
    the account is lost.
    """

    def __init__(
        self, spec: AccountSpec, settings: TelegramSettings, metrics: TelegramMetrics, *, backend: Backend,
        network: Network, server_clock: ServerClock, login_policy: LoginPolicy | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        """`login_policy` replaces the policy that follows from `spec`; `clock` returns Unix seconds."""
        self.name = spec.name
        self.messages = MessageReader(self)
        self.session = StoredSession(backend)
        self.data_centres = DataCentres(
            entry_address(settings.telegram_server, ipv6=settings.ip_version == "6"),
            ip_version=settings.ip_version,
            trusted=settings.telegram_server is not None,
        )
        self.floods = AccountFloodSchedule(
            self.session, metrics.flood_wait_seconds.labels(account=spec.name), clock=clock
        )
        self._spec = spec
        self._settings = settings
        self._metrics = metrics
        self._network = network
        self._server_clock = server_clock
        self._login_policy = login_policy or policy_for(spec, settings, login_counter=metrics.logins_total)
        self._main: MainConnection | None = None
        self.media_sessions = MediaSessions(self, spec.name, metrics, limit=settings.connections_per_dc)
        self._tasks: list[asyncio.Task[None]] = []
        self.client: Any = None
        self.keys: AuthKeys
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def home_dc(self) -> int:
        """The account's home data centre. SourceUnavailable before it is logged in."""
        home = self.session.home
        if home is None:
            raise SourceUnavailable("the account is not logged in yet")
        return home.dc_id

    @property
    def online(self) -> bool:
        """Whether `open` has succeeded, and the account has not been lost since."""
        return self._main is not None and bool(self._tasks) and not self.ended.done()

    @property
    def lost_for(self) -> float | None:
        """Seconds since its main connection was lost; None while it is open."""
        return None if self._main is None else self._main.lost_for

    @property
    def load(self) -> int:
        """Chunks that are being fetched with this account."""
        return self.media_sessions.load

    async def acquire_session(self) -> None:
        """Acquire the lease of the stored session and load it, before anything is connected.

        Raises SessionHeld (another process holds it), ConfigError (it is damaged or belongs to another account),
        SourceUnavailable.
        """
        if self.ended.done():
            self.ended = asyncio.get_running_loop().create_future()
        server = server_name(self._settings)
        await self.session.open(Identity(self._settings.api_id, self._spec.account_id, server))
        self.floods.load()
        self.data_centres.learn(self.session.addresses)

    async def open(self, prepare: Callable[[Any], None]) -> None:
        """Log in if needed, connect, and receive updates. Raises as AccountPool.__aenter__ does."""
        storage = ClientStorage(self.session, api_id=self._settings.api_id, is_bot=self._spec.token is not None)
        self.client = make_client(self._settings, storage, name=self.name, server_clock=self._server_clock)
        self.keys = AuthKeys(
            self.client, self.session, network=self._network, data_centres=self.data_centres, floods=self.floods,
            created=self._metrics.auth_keys_created_total, cdn_keys=partial(cdn_keys, self),
        )  # fmt: skip
        if self.session.home is None:
            await self._login_policy.log_in(self)
        try:
            await self._connect(prepare)
        except KeyRejected as error:
            await self._close_connections()
            await self._login_policy.log_in_again(self, error)
            await self._connect(prepare)
        self._tasks = [
            asyncio.create_task(work)
            for work in (self._watch_lease(), self._trim_connections(), self._keep_connected())
        ]

    async def close(self) -> None:
        """Close everything in order, each step within a bound; may be called whatever was opened."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        if self.client is not None:
            await close_client(self.client)
            await self.messages.close()
            await self._close_connections()
            await self.keys.close()
            self.client = None
        await self.session.close()
        if not self.ended.done():
            self.ended.cancel()

    async def call(self, query: Any) -> Any:
        """The home data centre's answer to `query`; waits up to CALL_WAIT for a lost connection to come back.

        Cancelling the call abandons only the wait. Raises SourceBusy while the family of methods is flooded,
        SourceUnavailable, SourceError, FileMissing for hidden chats.
        """
        connection = self._main_connection
        async with self.floods.around_request(family_of(query)):
            await connection.wait_open(within=CALL_WAIT)
            try:
                answer = await connection.call(query)
            except KeyRejected as error:
                raise SourceUnavailable(str(error)) from error
        self.session.note_salt(connection.dc_id, connection.salt)
        return answer

    async def transfer(self, dc_id: int, query: Any, *, asked: set[Connection] | None = None, size: int = 0) -> Any:
        """The answer of a data centre or CDN to an upload.* query over a media session; see MediaSession.call."""
        family = family_of(query)
        self.floods.check(family)
        if not self.online:
            raise SourceUnavailable("the account is not connected")
        return await self.media_sessions.for_dc(dc_id, family=family).call(query, asked=asked, size=size)

    async def export(self, dc_id: int) -> Any:
        """auth.exportAuthorization for another data centre. SourceBusy during a flood wait or over the budget."""
        exported = await export_authorization.export(self, self._main_connection, dc_id)
        self._metrics.exports_total.inc()
        return exported

    async def probe(self, dc_id: int) -> None:
        """SourceUnavailable unless a file server of the data centre answers; no key is used."""
        await probe_any(self._network, self.data_centres.find(dc_id, media=True), timeout=PROBE_TIMEOUT)

    def reconnect_now(self) -> None:
        """Try at once to reopen the main connection, if it is lost."""
        if self._main is not None:
            self._main.reconnect_now()

    def is_home(self, dc_id: int) -> bool:
        """Whether it is the home data centre, where the main auth key also serves files."""
        return dc_id == self.home_dc

    def new_connection(self, key: StoredKey, *, on_lost: Callable[[Connection], None] = lambda _: None) -> Connection:
        """A main connection to the key's data centre, not open yet."""
        return self._new_connection(key, media=False, on_lost=on_lost)

    async def new_media_connection(self, key: StoredKey, *, cdn: bool = False, **callbacks: Any) -> Connection:
        """A media connection, not open yet. Calls help.getConfig if no address of its data centre is known."""
        if not self.data_centres.find(key.dc_id, media=True, cdn=cdn):
            await refresh_addresses(self._main_connection, self.session, data_centres=self.data_centres)
        return self._new_connection(key, media=not cdn, cdn=cdn, **callbacks)

    def _new_connection(self, key: StoredKey, *, media: bool, cdn: bool = False, **callbacks: Any) -> Connection:
        def addresses() -> tuple[DcAddress, ...]:
            return self.data_centres.find(key.dc_id, media=media, cdn=cdn)

        connection = Connection(
            self.client,
            key.dc_id,
            network=self._network,
            addresses=addresses,
            key=key.key,
            media=media,
            cdn=cdn,
            updates=self._spec.updates,
            floods=self.floods,
            lease=self.session.backend,
            **callbacks,
        )
        connection.salt = self.session.salt(key.dc_id)
        return connection

    @property
    def _main_connection(self) -> Connection:
        if self._main is None:
            raise SourceUnavailable("the account is not connected yet")
        return self._main.connection

    async def _connect(self, prepare: Callable[[Any], None]) -> None:
        key = self.session.key(self.home_dc)
        if key is None:
            raise ConfigError(
                f"{self.session.backend.where} lacks the auth key of its home data centre: restore it, or begin anew "
                f"with `streamvault session set-aside {self.name}`"
            )
        self._main = MainConnection(self, key)
        export_authorization.resume_session(self._main_connection, self.session)
        try:
            await self._main.open()
            await export_authorization.resume_exports(self, self._main_connection)
            if self._spec.updates:
                await start_client(self.client, self._main_connection, prepare=prepare, call=self.call)
            else:
                await self._main_connection.call(export_authorization.GET_SELF)
        except SourceUnavailable:
            if isinstance(self._main_connection.failure, MessageIdsRefused):
                await export_authorization.forget_exports(self.session)
            raise

    async def catch_up(self) -> None:
        """Fetch missed updates after the main connection was opened again."""
        if self._spec.updates:
            await self.client.recover_gaps()

    async def _keep_connected(self) -> None:
        try:
            if self._main is not None:
                await self._main.supervise()
        except SessionHeld:
            return  # see _watch_lease
        except KeyRejected as error:
            log.debug("Telegram ended the session of %s: %s", self.name, error)
            self._end(AccountLost(f"Telegram ended the session of {self.name}: {error}"))

    async def _watch_lease(self) -> None:
        """When the lease is lost, close all connections before any further request."""
        await self.session.backend.lost.wait()
        self._end(AccountLost(f"{self.session.backend.where} was taken over by another process"))
        await self._close_connections()

    async def _trim_connections(self) -> None:
        while True:
            await asyncio.sleep(TRIM_INTERVAL)
            self.media_sessions.trim()
            await self.media_sessions.probe()

    async def _close_connections(self) -> None:
        main, self._main = self._main, None
        if main is not None:
            await main.close()
        await self.media_sessions.close()

    def _end(self, error: SourceError) -> None:
        if not self.ended.done():
            self.ended.set_exception(error)
            self.ended.exception()  # marks it as retrieved, so that asyncio logs nothing if nobody awaits it

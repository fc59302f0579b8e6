"""One account: its stored session, its main connection, its client for updates, and its file connections."""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from streamvault.errors import ConfigError, SourceError, SourceUnavailable
from streamvault.telegram.accounts import export_authorization
from streamvault.telegram.accounts.auth_keys import AuthKeys
from streamvault.telegram.accounts.bot_login import learn_addresses
from streamvault.telegram.accounts.cdn_keys import cdn_keys
from streamvault.telegram.accounts.client import close_client, make_client, start_client
from streamvault.telegram.accounts.login_policy import BotLoginPolicy, LoginPolicy, UserLoginPolicy
from streamvault.telegram.accounts.main_connection import MainConnection
from streamvault.telegram.accounts.media.sessions import MediaSessions
from streamvault.telegram.accounts.messages import MessageReader
from streamvault.telegram.accounts.spec import AccountSpec, server_name
from streamvault.telegram.config import TelegramMetrics, TelegramSettings
from streamvault.telegram.errors import AccountLost, KeyRejected, MessageIdsRefused
from streamvault.telegram.mtproto.clock import ServerClock
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.mtproto.method_families import family_of
from streamvault.telegram.network.data_centres import DataCentres, DcAddress, entry_address
from streamvault.telegram.network.routes import Network
from streamvault.telegram.sessions.backend import Backend, SessionHeld
from streamvault.telegram.sessions.floods import AccountFloodSchedule
from streamvault.telegram.sessions.kurigram_storage import ClientStorage
from streamvault.telegram.sessions.stored_session import StoredSession
from streamvault.telegram.sessions.values import Identity, StoredKey

log = logging.getLogger(__name__)

CALL_WAIT = 10.0
HOUSEKEEPING = 15.0


class Account:
    """A bot, or a user. `client` is Kurigram's, for handlers and sending; files and reads go through the methods here.

    `take` and `open` come first, `close` last, whatever they raised.
    """

    def __init__(
        self, spec: AccountSpec, settings: TelegramSettings, metrics: TelegramMetrics, *, backend: Backend,
        network: Network, server_clock: ServerClock, entrance: LoginPolicy | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        """`entrance`: another way in than a bot's token, or what a user did before; `clock` returns Unix seconds."""
        self.name = spec.name
        self.reads = MessageReader(self)
        self.session = StoredSession(backend)
        self.directory = DataCentres(
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
        self._entrance = entrance or _entrance(spec, settings, metrics)
        self._home_link: MainConnection | None = None
        self.pools = MediaSessions(self, spec.name, metrics, limit=settings.connections_per_dc)
        self._watchers: list[asyncio.Task[None]] = []
        self.client: Any = None
        self.keys: AuthKeys
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def home_dc(self) -> int:
        """Where the account lives. SourceUnavailable before it is logged in."""
        home = self.session.home
        if home is None:
            raise SourceUnavailable("the account is not logged in yet")
        return home.dc_id

    @property
    def online(self) -> bool:
        """Whether `open` has succeeded, and the account has not been lost since."""
        return self._home_link is not None and bool(self._watchers) and not self.ended.done()

    @property
    def load(self) -> int:
        """Chunks that it was chosen for and that have not come yet."""
        return self.pools.load

    async def take(self) -> None:
        """Take the stored session, before anything is connected.

        Raises SessionHeld (somebody else has it), ConfigError (it is damaged or somebody else's), SourceUnavailable.
        """
        if self.ended.done():
            self.ended = asyncio.get_running_loop().create_future()
        server = server_name(self._settings)
        await self.session.open(Identity(self._settings.api_id, self._spec.account_id, server))
        self.floods.load()
        self.directory.learn(self.session.addresses)

    async def open(self, prepare: Callable[[Any], None]) -> None:
        """Log in if need be, connect, and let updates flow; see Accounts.__aenter__ for what it raises."""
        storage = ClientStorage(self.session, api_id=self._settings.api_id, is_bot=self._spec.token is not None)
        self.client = make_client(self._settings, storage, name=self.name, server_clock=self._server_clock)
        self.keys = AuthKeys(
            self.client, self.session, network=self._network, directory=self.directory, floods=self.floods,
            created=self._metrics.auth_keys_created_total, cdn_keys=partial(cdn_keys, self),
        )  # fmt: skip
        if self.session.home is None:
            await self._entrance.first(self)
        try:
            await self._go_online(prepare)
        except KeyRejected as error:
            await self._hang_up()
            await self._entrance.again(self, error)
            await self._go_online(prepare)
        self._watchers = [
            asyncio.create_task(work) for work in (self._guard_lease(), self._keep_house(), self._supervise())
        ]

    async def close(self) -> None:
        """Close everything in order, each step within bounds; harmless when little or nothing was opened."""
        for task in self._watchers:
            task.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        self._watchers.clear()
        if self.client is not None:
            await close_client(self.client)
            await self.reads.close()
            await self._hang_up()
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
        link = self._main_link
        async with self.floods.around_request(family_of(query)):
            await link.wait_open(within=CALL_WAIT)
            try:
                answer = await link.call(query)
            except KeyRejected as error:
                raise SourceUnavailable(str(error)) from error
        self.session.note_salt(link.dc_id, link.salt)
        return answer

    async def download(
        self, dc_id: int, query: Any, *, asked: set[Connection] | None = None, size: int = 0, cdn: bool = False
    ) -> Any:
        """The answer of a data centre, or CDN, to an upload.* query over a file connection; see MediaSession.call."""
        self.floods.check("cdn" if cdn else "file")
        if not self.online:
            raise SourceUnavailable("the account is not connected")
        return await self.pools.of(dc_id, cdn=cdn).call(query, asked=asked, size=size)

    async def export(self, dc_id: int) -> Any:
        """auth.exportAuthorization for another data centre. SourceBusy while exports are flooded, or too many."""
        exported = await export_authorization.export(self, self._main_link, dc_id)
        self._metrics.exports_total.inc()
        return exported

    def is_home(self, dc_id: int) -> bool:
        """Whether the account lives there, so that its home key serves."""
        return dc_id == self.home_dc

    def new_connection(self, key: StoredKey, *, on_lost: Callable[[Connection], None] = lambda _: None) -> Connection:
        """A main connection to the key's data centre, not open yet."""
        return self._link(key, media=False, on_lost=on_lost)

    async def new_media_connection(self, key: StoredKey, *, cdn: bool = False, **callbacks: Any) -> Connection:
        """A file connection, not open yet; help.getConfig is asked where nothing is known of its data centre."""
        if not self.directory.find(key.dc_id, media=True, cdn=cdn):
            await learn_addresses(self._main_link, self.session, directory=self.directory)
        return self._link(key, media=not cdn, cdn=cdn, **callbacks)

    def _link(self, key: StoredKey, *, media: bool, cdn: bool = False, **callbacks: Any) -> Connection:
        def addresses() -> tuple[DcAddress, ...]:
            return self.directory.find(key.dc_id, media=media, cdn=cdn)

        link = Connection(
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
        link.salt = self.session.salt(key.dc_id)
        return link

    @property
    def _main_link(self) -> Connection:
        if self._home_link is None:
            raise SourceUnavailable("the account is not connected yet")
        return self._home_link.link

    async def _go_online(self, prepare: Callable[[Any], None]) -> None:
        key = self.session.key(self.home_dc)
        if key is None:
            raise ConfigError(
                f"{self.session.backend.where} lacks its home key: restore it, or begin anew with "
                f"`streamvault session set-aside {self.name}`"
            )
        self._home_link = MainConnection(self, key)
        export_authorization.resume_session(self._main_link, self.session)
        try:
            await self._home_link.open()
            await export_authorization.resume(self, self._main_link)
            if self._spec.updates:
                await start_client(self.client, self._main_link, prepare=prepare, call=self.call)
            else:
                await self._main_link.call(export_authorization.WHO_AM_I)
        except SourceUnavailable:
            if isinstance(self._main_link.failure, MessageIdsRefused):
                await export_authorization.forget(self.session)
            raise

    async def come_back(self) -> None:
        """After the main connection was lost and opened again: catch up on missed updates."""
        if self._spec.updates:
            await self.client.recover_gaps()

    async def _supervise(self) -> None:
        try:
            if self._home_link is not None:
                await self._home_link.supervise()
        except SessionHeld:
            return  # see _guard_lease
        except KeyRejected as error:
            log.error("Telegram ended the session of %s: %s", self.name, error)
            self._end(AccountLost(f"Telegram ended the session of {self.name}: {error}"))

    async def _guard_lease(self) -> None:
        """Once the session is somebody else's, close everything before any further request."""
        await self.session.backend.lost.wait()
        self._end(AccountLost(f"{self.session.backend.where} was taken over by another process"))
        await self._hang_up()

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(HOUSEKEEPING)
            self.pools.trim()

    async def _hang_up(self) -> None:
        home, self._home_link = self._home_link, None
        if home is not None:
            await home.close()
        await self.pools.close()

    def _end(self, error: SourceError) -> None:
        if not self.ended.done():
            self.ended.set_exception(error)
            self.ended.exception()  # it counts as seen, whether somebody watches or not


def _entrance(spec: AccountSpec, settings: TelegramSettings, metrics: TelegramMetrics) -> LoginPolicy:
    if spec.token is None:
        return UserLoginPolicy()
    return BotLoginPolicy(
        api_id=settings.api_id, api_hash=settings.api_hash, token=spec.token, account_id=spec.account_id,
        counted=metrics.logins_total,
    )  # fmt: skip

"""One account: its stored session, its main connection, its client for updates, and its file connections."""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any

from pyrogram import raw

from streamvault.errors import ConfigError, FileGone, FileMissing, SourceError, SourceUnavailable
from streamvault.media.model import FileKey, MediaFile, Origin
from streamvault.telegram.client import close_client, make_client, recover, start_client
from streamvault.telegram.config import TelegramMetrics, TelegramSettings
from streamvault.telegram.dc import DcAddress, Directory, entry_address
from streamvault.telegram.errors import AccountLost, KeyRejected
from streamvault.telegram.flight import SingleFlight
from streamvault.telegram.floods import Floods
from streamvault.telegram.keys import KeyRing
from streamvault.telegram.link import Link
from streamvault.telegram.locations import Location, LocationCache, located, read_message
from streamvault.telegram.login import Login, connect, learn_addresses
from streamvault.telegram.server_key import install_server_key
from streamvault.telegram.session_store import FileSessionStore, Home, Identity
from streamvault.telegram.sessions import MediaPool
from streamvault.telegram.storage import StoredSession

log = logging.getLogger(__name__)

CALL_WAIT = 10.0
_RETRY_MOST = 30.0


class Account:
    """A bot. `client` is Kurigram's, for handlers and sending; files and reads go through the methods here."""

    def __init__(self, settings: TelegramSettings, metrics: TelegramMetrics) -> None:
        self.name = settings.session_name
        self.locations = LocationCache()
        self._settings = settings
        self._metrics = metrics
        self._store = FileSessionStore(settings.data_dir / "sessions" / f"{settings.session_name}.session")
        self._directory = Directory(
            entry_address(settings.telegram_server, ipv6=settings.ip_version == "6"),
            ipv6=settings.ip_version == "6",
            trusted=settings.telegram_server is not None,
        )
        gauge = metrics.flood_wait_seconds.labels(account=settings.session_name)
        self.floods = Floods(self._store, gauge)
        self._link: Link | None = None
        self._home: Home | None = None
        self._pools: dict[int, MediaPool] = {}
        self._reads: SingleFlight[Origin, Any] = SingleFlight()
        self._searches: SingleFlight[tuple[Origin, FileKey], Location] = SingleFlight()
        self._lost = asyncio.Event()
        self._supervisor: asyncio.Task[None] | None = None
        self.client: Any = None
        self.keys: KeyRing
        self.ended: asyncio.Future[None]

    @property
    def user_id(self) -> int:
        """The account's Telegram id. SourceUnavailable before it is logged in."""
        return self._at_home.user_id

    @property
    def home_dc(self) -> int:
        """Where the account lives. SourceUnavailable before it is logged in."""
        return self._at_home.dc_id

    async def open(self, prepare: Callable[[Any], None]) -> None:
        """Log in if need be, connect, and let updates flow; see Accounts.__aenter__ for what it raises.

        After a failure `close` has to be called all the same.
        """
        self.ended = asyncio.get_running_loop().create_future()
        fingerprint = install_server_key(self._settings.telegram_server_key)
        await self._store.open(Identity(self._settings.api_id, self._settings.bot_id, self._server_name(fingerprint)))
        await self.floods.load()
        self._directory.learn(await self._store.addresses())
        session = StoredSession(self._store, api_id=self._settings.api_id)
        self.client = make_client(self._settings, session)
        created = self._metrics.auth_keys_created_total
        self.keys = KeyRing(self.client, self._store, directory=self._directory, created=created)
        self._home = await self._store.home() or await self._log_in()
        await session.load()
        try:
            await self._connect()
            await start_client(self.client, self._main_link, prepare=prepare)
        except KeyRejected as error:
            raise ConfigError(
                f"Telegram ended the session {self.name} ({error}): move its file out of DATA_DIR/sessions"
                " and start again to log in anew"
            ) from error
        self._supervisor = asyncio.create_task(self._supervise(), name=f"{self.name} supervisor")

    async def close(self) -> None:
        """Close everything in order, each step within bounds; harmless when little or nothing was opened."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.gather(self._supervisor, return_exceptions=True)
        if self.client is not None:
            await close_client(self.client)
            await self._searches.close()
            await self._reads.close()
            await asyncio.gather(*(pool.close() for pool in self._pools.values()))
            await self.keys.close()
        if self._link is not None:
            await self._link.close()
        await self._store.close()
        if not self.ended.done():
            self.ended.cancel()

    async def call(self, query: Any, *, family: str) -> Any:
        """The home data centre's answer to `query`; waits up to CALL_WAIT for a lost connection to come back.

        Cancelling the call abandons only the wait. Raises SourceBusy while the family of methods is flooded,
        SourceUnavailable, SourceError, FileMissing for hidden chats.
        """
        link = self._main_link
        async with self.floods.watching(family):
            try:
                async with asyncio.timeout(CALL_WAIT):
                    await link.is_started.wait()
            except TimeoutError as error:
                raise SourceUnavailable("the account is not connected") from error
            try:
                return await link.call(query)
            except KeyRejected as error:
                raise SourceUnavailable(str(error)) from error

    async def download(self, dc_id: int, query: Any) -> Any:
        """A data centre's answer to an upload.* query, over one of its file connections; see MediaPool.call."""
        self.floods.check("file")
        pool = self._pools.get(dc_id)
        if pool is None:
            pool = self._pools[dc_id] = MediaPool(self, dc_id, limit=self._settings.connections_per_dc)
        return await pool.call(query)

    async def read(self, origin: Origin) -> Any:
        """The raw message of `origin`, read once for all who ask at the same time; see locations.read_message."""
        return await self._reads.run(origin, lambda: read_message(self, origin))

    async def locate(self, file: MediaFile, key: FileKey) -> Location:
        """Where `file`, or its thumbnail `key`, is: as remembered, or as its message says now.

        Raises FileGone when the message no longer holds it, and what `read` raises.
        """
        known = self.locations.get(file.origin, key)
        return known or await self._searches.run((file.origin, key), lambda: self._search(file, key))

    async def media_addresses(self, dc_id: int) -> tuple[DcAddress, ...]:
        """Where the file connections of a data centre go; help.getConfig is asked when nothing is known of it."""
        found = self._directory.find(dc_id, media=True)
        if not found:
            await learn_addresses(self._main_link, self._store, directory=self._directory)
            found = self._directory.find(dc_id, media=True)
        return found

    async def export(self, dc_id: int) -> Any:
        """auth.exportAuthorization for another data centre. SourceBusy while exports are flooded."""
        exported = await self.call(raw.functions.auth.ExportAuthorization(dc_id=dc_id), family="export")
        self._metrics.exports_total.inc()
        return exported

    def is_home(self, dc_id: int) -> bool:
        """Whether the account lives there, so that its home key serves."""
        return dc_id == self.home_dc

    async def _search(self, file: MediaFile, key: FileKey) -> Location:
        try:
            message = await self.read(file.origin)
        except FileMissing as error:
            raise FileGone("the message was deleted") from error
        where = located(message, key, file=file)
        self.locations.put(file.origin, key, where)
        return where

    @property
    def _at_home(self) -> Home:
        if self._home is None:
            raise SourceUnavailable("the account is not logged in yet")
        return self._home

    @property
    def _main_link(self) -> Link:
        if self._link is None:
            raise SourceUnavailable("the account is not connected yet")
        return self._link

    def _server_name(self, fingerprint: int | None) -> str:
        """What the stored session is bound to: a server is known by its RSA key, else by its address."""
        if fingerprint is not None:
            return f"key {fingerprint & (1 << 64) - 1:016x}"
        return "telegram" if self._settings.telegram_server is None else self._settings.telegram_server.strip()

    async def _log_in(self) -> Home:
        home = await Login(
            self.client,
            self._store,
            keys=self.keys,
            directory=self._directory,
            floods=self.floods,
            api_hash=self._settings.api_hash,
            token=self._settings.bot_token,
        ).run()
        self._metrics.logins_total.inc()
        return home

    async def _connect(self) -> None:
        key = await self._store.key(self.home_dc)
        if key is None:
            raise ConfigError(f"the session {self.name} lacks its home key: move the file away and start again")
        addresses = self._directory.find(self.home_dc)
        self._link = await connect(self.client, addresses, key=key, on_lost=lambda _: self._lost.set())
        await learn_addresses(self._link, self._store, directory=self._directory)

    async def _supervise(self) -> None:
        """Bring a lost main connection back for as long as its key is good, and catch up on missed updates."""
        catching_up: asyncio.Task[None] | None = None
        try:
            while True:
                await self._lost.wait()
                if catching_up is not None:
                    catching_up.cancel()
                await self._reconnect()
                catching_up = asyncio.create_task(recover(self.client))
        except KeyRejected as error:
            log.error("the account %s is lost: %s", self.name, error)
            self.ended.set_exception(AccountLost(f"Telegram ended the session of {self.name}: {error}"))
            self.ended.exception()  # it counts as seen, whether somebody watches or not
        finally:
            if catching_up is not None:
                catching_up.cancel()
                await asyncio.gather(catching_up, return_exceptions=True)

    async def _reconnect(self) -> None:
        """Try until it works, at once and then ever more slowly. KeyRejected when it never will."""
        link, delay = self._main_link, 0.0
        while self._lost.is_set():
            if isinstance(link.failure, KeyRejected):
                raise link.failure
            log.warning("the connection of %s was lost (%s): reconnecting", self.name, link.failure)
            await link.clean_up()
            await asyncio.sleep(delay * random.uniform(0.5, 1.0))
            delay = min(_RETRY_MOST, delay * 2 or 0.5)
            self._lost.clear()
            try:
                await link.open()
                await learn_addresses(link, self._store, directory=self._directory)
            except KeyRejected:
                raise
            except SourceError:
                self._lost.set()

"""The main connection of an account: opened again whenever it is lost, until its auth key is rejected."""

import asyncio
import contextlib
import logging
import math
import random
from typing import Any, Protocol

from streamvault.errors import SourceError, SourceUnavailable
from streamvault.telegram.accounts.addresses import refresh_addresses
from streamvault.telegram.errors import KeyRejected
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.network.data_centres import DataCentres
from streamvault.telegram.sessions.backend import SessionHeld
from streamvault.telegram.sessions.stored_session import StoredSession
from streamvault.telegram.sessions.values import StoredKey

log = logging.getLogger(__name__)

RETRY_FIRST, RETRY_MOST = 0.5, 30.0
RETRY_SPACING = 5.0
"""Seconds of a pause that `reconnect_now` does not cut short."""
STABLE_AFTER = 10.0
"""Seconds after which a connection counts as stable: when it is lost, the next attempt is made at once."""
_TRIES_BEFORE_ASKING = 3  # failed attempts after which other data centres are asked for a new address


class MainConnectionOwner(Protocol):
    """What the main connection needs of its account."""

    name: str
    session: StoredSession
    data_centres: DataCentres

    def new_connection(self, key: StoredKey, *, on_lost: Any = ...) -> Connection: ...
    async def catch_up(self) -> None: ...


class MainConnection:
    """Opens the main connection and, in `supervise`, reopens it whenever it is lost."""

    def __init__(self, account: MainConnectionOwner, key: StoredKey) -> None:
        self._account = account
        self._lost, self._now = asyncio.Event(), asyncio.Event()
        self._delay, self._opened_at = 0.0, -math.inf
        self._lost_at: float | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self.connection = account.new_connection(key, on_lost=self._note_loss)

    @property
    def lost_for(self) -> float | None:
        """Seconds since the connection was lost; None while it is open and Telegram has answered on it."""
        return None if self._lost_at is None else asyncio.get_running_loop().time() - self._lost_at

    async def open(self) -> None:
        """Connect; stored addresses are refreshed in the background. Raises KeyRejected, SourceUnavailable."""
        try:
            await self.connection.open()
        except SourceUnavailable:
            if not await self._ask_other_dcs():
                raise
            await self.connection.open()
        if not self._account.session.addresses:
            await self._refresh_addresses()
        else:
            self._refreshing = asyncio.create_task(self._refresh_in_background())

    def reconnect_now(self) -> None:
        """Cut the pause short that comes before the next attempt; nothing happens while the connection is open."""
        if self._lost_at is not None:
            self._now.set()

    async def close(self) -> None:
        """Close it and stop refreshing addresses."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)
        await self.connection.close()

    async def supervise(self) -> None:
        """Reopen a lost connection and fetch missed updates, until cancelled. Raises KeyRejected, SessionHeld."""
        catching_up: asyncio.Task[None] | None = None
        try:
            while True:
                await self._lost.wait()
                if catching_up is not None:
                    catching_up.cancel()
                await self._reconnect()
                catching_up = asyncio.create_task(self._account.catch_up())
        finally:
            if catching_up is not None:
                catching_up.cancel()
                await asyncio.gather(catching_up, return_exceptions=True)

    async def _reconnect(self) -> None:
        """Reopen with backoff and jitter; the delay is reset only if the last connection was stable."""
        connection, tries, clock = self.connection, 0, asyncio.get_running_loop().time
        if clock() > self._opened_at + STABLE_AFTER:
            self._delay = 0.0
        while self._lost.is_set():
            if isinstance(connection.failure, KeyRejected):
                raise connection.failure
            log.debug("the connection of %s was lost (%s): reconnecting", self._account.name, connection.failure)
            await connection.clean_up()
            await self._pause(self._delay * random.uniform(0.5, 1.0))
            self._delay, tries = min(RETRY_MOST, self._delay * 2 or RETRY_FIRST), tries + 1
            self._lost.clear()
            self._opened_at = clock()
            try:
                if tries % _TRIES_BEFORE_ASKING == 0:
                    await self._ask_other_dcs()
                await connection.open()
                await self._refresh_addresses()
            except SessionHeld:
                await connection.close()  # Account may have closed it before it was open again
                raise
            except KeyRejected:
                raise
            except SourceError:
                self._lost.set()
        self._lost_at = None
        self._now.clear()

    async def _pause(self, seconds: float) -> None:
        """Wait so long; after RETRY_SPACING only until `reconnect_now`."""
        spacing = min(seconds, RETRY_SPACING)
        await asyncio.sleep(spacing)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds - spacing):  # wait_for of Python 3.11 may lose a cancellation
                await self._now.wait()
        self._now.clear()

    def _note_loss(self, _: Connection) -> None:
        if self._lost_at is None:
            self._lost_at = asyncio.get_running_loop().time()
        self._lost.set()

    async def _refresh_addresses(self) -> None:
        await refresh_addresses(self.connection, self._account.session, data_centres=self._account.data_centres)

    async def _refresh_in_background(self) -> None:
        try:
            await self._refresh_addresses()
        except SourceError as error:
            log.debug("the addresses of the data centres could not be refreshed: %s", error)

    async def _ask_other_dcs(self) -> bool:
        """Refresh the addresses from another data centre with a stored key; True if one answered."""
        for key in self._account.session.all_keys():
            if key.dc_id == self.connection.dc_id or not self._account.data_centres.find(key.dc_id):
                continue
            connection = self._account.new_connection(key)
            try:
                await connection.open()
                await refresh_addresses(connection, self._account.session, data_centres=self._account.data_centres)
            except SourceError as error:
                log.debug("data centre %d could not be asked for addresses: %s", key.dc_id, error)
            else:
                return True
            finally:
                await connection.close()
        return False

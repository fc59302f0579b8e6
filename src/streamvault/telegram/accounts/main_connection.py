"""The one main connection of an account, brought back for as long as its key is good."""

import asyncio
import logging
import math
import random
from typing import Any, Protocol

from streamvault.errors import SourceError, SourceUnavailable
from streamvault.telegram.accounts.bot_login import learn_addresses
from streamvault.telegram.errors import KeyRejected
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.network.data_centres import DataCentres
from streamvault.telegram.sessions.backend import SessionHeld
from streamvault.telegram.sessions.stored_session import StoredSession
from streamvault.telegram.sessions.values import StoredKey

log = logging.getLogger(__name__)

RETRY_FIRST, RETRY_MOST = 0.5, 30.0
STEADY = 10.0
"""Seconds after which a connection counts as a good one, so that the next one is tried at once when it is lost."""
_LOOK_ELSEWHERE = 3  # tries after which the other data centres are asked for a new address


class MainConnectionOwner(Protocol):
    """What the main connection needs of its account."""

    name: str
    session: StoredSession
    directory: DataCentres

    def new_connection(self, key: StoredKey, *, on_lost: Any = ...) -> Connection: ...
    async def come_back(self) -> None: ...


class MainConnection:
    """Opens the main connection, and opens it again whenever it is lost."""

    def __init__(self, host: MainConnectionOwner, key: StoredKey) -> None:
        self._host = host
        self._lost = asyncio.Event()
        self._delay, self._opened_at = 0.0, -math.inf
        self._learning: asyncio.Task[None] | None = None
        self.link = host.new_connection(key, on_lost=lambda _: self._lost.set())

    async def open(self) -> None:
        """Connect. KeyRejected, SourceUnavailable; what help.getConfig says is learned meanwhile, not waited for."""
        try:
            await self.link.open()
        except SourceUnavailable:
            if not await self._look_elsewhere():
                raise
            await self.link.open()
        if not self._host.session.addresses:
            await self._learn()
        else:
            self._learning = asyncio.create_task(self._learn_later())

    async def close(self) -> None:
        """Close it for good."""
        if self._learning is not None:
            self._learning.cancel()
            await asyncio.gather(self._learning, return_exceptions=True)
        await self.link.close()

    async def supervise(self) -> None:
        """Bring a lost connection back until cancelled, and catch up on missed updates. KeyRejected: it is over."""
        catching_up: asyncio.Task[None] | None = None
        try:
            while True:
                await self._lost.wait()
                if catching_up is not None:
                    catching_up.cancel()
                await self._reconnect()
                catching_up = asyncio.create_task(self._host.come_back())
        finally:
            if catching_up is not None:
                catching_up.cancel()
                await asyncio.gather(catching_up, return_exceptions=True)

    async def _reconnect(self) -> None:
        """Try until it works, at once and then ever more slowly, with jitter; one that did not last was no success."""
        link, tries, clock = self.link, 0, asyncio.get_running_loop().time
        if clock() > self._opened_at + STEADY:
            self._delay = 0.0
        while self._lost.is_set():
            if isinstance(link.failure, KeyRejected):
                raise link.failure
            log.warning("the connection of %s was lost (%s): reconnecting", self._host.name, link.failure)
            await link.clean_up()
            await asyncio.sleep(self._delay * random.uniform(0.5, 1.0))
            self._delay, tries = min(RETRY_MOST, self._delay * 2 or RETRY_FIRST), tries + 1
            self._lost.clear()
            self._opened_at = clock()
            try:
                if tries % _LOOK_ELSEWHERE == 0:
                    await self._look_elsewhere()
                await link.open()
                await self._learn()
            except SessionHeld:
                await link.close()  # whoever saw the lease go may have closed it before it was open again
                raise
            except KeyRejected:
                raise
            except SourceError:
                self._lost.set()

    async def _learn(self) -> None:
        await learn_addresses(self.link, self._host.session, directory=self._host.directory)

    async def _learn_later(self) -> None:
        try:
            await self._learn()
        except SourceError as error:
            log.info("the addresses of the data centres could not be refreshed: %s", error)

    async def _look_elsewhere(self) -> bool:
        """Ask the data centres that we have keys for where everybody lives now; True if one answered."""
        for key in self._host.session.all_keys():
            if key.dc_id == self.link.dc_id or not self._host.directory.find(key.dc_id):
                continue
            link = self._host.new_connection(key)
            try:
                await link.open()
                await learn_addresses(link, self._host.session, directory=self._host.directory)
            except SourceError as error:
                log.info("data centre %d could not be asked for addresses: %s", key.dc_id, error)
            else:
                return True
            finally:
                await link.close()
        return False

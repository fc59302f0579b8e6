"""Keeps one of the accounts beside the bot connected; what ails it ails nobody else."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any

from streamvault.errors import ConfigError, SourceBusy, SourceError
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.backoff import Backoff
from streamvault.telegram.sessions.backend import SessionHeld

log = logging.getLogger(__name__)

LEASE_POLL = 1.0

Told = Callable[[str | None], None]


async def no_preparation(_: Account) -> None:
    """The default of what is done between taking a session and opening it."""


class AccountSupervisor:
    """One account. `told(None)` is called when it is connected, `told(why)` whenever it is not."""

    def __init__(
        self, account: Account, *, kind: str, told: Told, prepare: Callable[[Account], Awaitable[None]] = no_preparation
    ) -> None:
        """`kind` says in the log what the account is: a worker, or the user account."""
        self._account = account
        self._kind = kind
        self._told = told
        self._prepare = prepare

    @property
    def name(self) -> str:
        """The account's."""
        return self._account.name

    async def check(self) -> None:
        """A damaged session is told at the start (ConfigError); one in use is waited for later."""
        try:
            await self._account.take()
        except SessionHeld:
            log.info("%s is in use elsewhere, for now", self._account.name)
        else:
            await self._prepare(self._account)

    async def run(self) -> None:
        """Until cancelled, or until nothing but a person can help: one line in the log tells that."""
        account, backoff = self._account, Backoff()
        while True:
            why = "its connection was lost"
            try:
                await self._take()
                await account.open(_nothing)
                self._told(None)
                backoff.reset()
                await asyncio.shield(account.ended)
            except ConfigError as error:
                why = str(error)
                log.warning("%s %s is left out: %s", self._kind, account.name, error)
                return
            except SourceBusy as busy:
                why, pause = str(busy), busy.retry_after
                log.warning("%s %s: %s", self._kind, account.name, busy)
            except SourceError as error:
                why, pause = str(error), backoff.next()
                log.warning("%s %s: %s; next try in %.0f s", self._kind, account.name, error, pause)
            finally:
                self._told(why)
                await account.close()
            await asyncio.sleep(pause)

    async def _take(self) -> None:
        while True:
            try:
                await self._account.take()
                return await self._prepare(self._account)
            except SessionHeld as held:
                self._told(str(held))
                await asyncio.sleep(LEASE_POLL * random.uniform(0.5, 1.0))


def _nothing(_: Any) -> None:
    """No handlers: only the bot takes updates."""

"""Keeps one of the accounts beside the bot connected; its failures do not affect other accounts."""

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
"""Seconds between two attempts to acquire a stored session that another process holds."""

StatusCallback = Callable[[str | None], None]


async def no_preparation(_: Account) -> None:
    """Default of `prepare`."""


class AccountSupervisor:
    """Supervises one account.

    `on_status(None)` is called when it is connected, `on_status(reason)` when it is not. `prepare` runs after the
    stored session is acquired and before the account is opened.
    """

    def __init__(
        self,
        account: Account,
        *,
        kind: str,
        on_status: StatusCallback,
        prepare: Callable[[Account], Awaitable[None]] = no_preparation,
    ) -> None:
        """`kind` is what log lines call the account: "the worker" or "the user account"."""
        self._account = account
        self._kind = kind
        self._on_status = on_status
        self._prepare = prepare

    @property
    def name(self) -> str:
        """The account's name."""
        return self._account.name

    async def check(self) -> None:
        """Acquire the stored session at the start. ConfigError if it is damaged; one in use is waited for in `run`."""
        try:
            await self._account.acquire_session()
        except SessionHeld:
            log.info("the session of %s is in use by another process", self._account.name)
        else:
            await self._prepare(self._account)

    async def run(self) -> None:
        """Keep the account connected until cancelled, or until a ConfigError, which is logged once."""
        account, backoff = self._account, Backoff()
        while True:
            reason = "its connection was lost"
            try:
                await self._acquire_session()
                await account.open(_nothing)
                self._on_status(None)
                backoff.reset()
                await asyncio.shield(account.ended)
            except ConfigError as error:
                reason = str(error)
                log.warning("%s %s is not used: %s", self._kind, account.name, error)
                return
            except SourceBusy as busy:
                reason, pause = str(busy), busy.retry_after
                log.warning("%s %s: %s", self._kind, account.name, busy)
            except SourceError as error:
                reason, pause = str(error), backoff.next()
                log.warning("%s %s: %s; next try in %.0f s", self._kind, account.name, error, pause)
            finally:
                self._on_status(reason)
                await account.close()
            await asyncio.sleep(pause)

    async def _acquire_session(self) -> None:
        while True:
            try:
                await self._account.acquire_session()
                return await self._prepare(self._account)
            except SessionHeld as held:
                self._on_status(str(held))
                await asyncio.sleep(LEASE_POLL * random.uniform(0.5, 1.0))


def _nothing(_: Any) -> None:
    """No handlers: only the bot receives updates."""

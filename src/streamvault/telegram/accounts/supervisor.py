"""Keeps one of the accounts beside the bot connected; its failures do not affect other accounts."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from streamvault.errors import ConfigError, SourceBusy, SourceError
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.backoff import Backoff
from streamvault.telegram.sessions.backend import SessionHeld

log = logging.getLogger(__name__)

LEASE_POLL = 1.0
"""Seconds between two attempts to acquire a stored session that another process holds."""

AccountState = Literal["starting", "connected", "held", "refused", "flooded", "away"]
"""`held`: another process has the session. `refused`: logged out, banned or wrong settings. `away`: not reachable."""

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
        self.state: AccountState = "starting"
        self.away_since: float | None = None
        """Seconds of the loop's clock; None while it is not `away`."""
        self.until: float | None = None
        """The end of `flooded`, in Unix seconds."""
        self.problem = ""
        """Why it is `refused`: a sentence that says how to mend it, "" otherwise."""

    @property
    def name(self) -> str:
        """The account's name."""
        return self._account.name

    async def check(self) -> None:
        """Acquire the stored session at the start. ConfigError if it is damaged; one in use is waited for in `run`."""
        try:
            await self._account.acquire_session()
        except SessionHeld:
            self.state = "held"
        else:
            await self._prepare(self._account)

    async def run(self) -> None:
        """Keep the account connected until cancelled, or until a ConfigError, which is then its `problem`."""
        account, backoff = self._account, Backoff()
        while True:
            reason = "its connection was lost"
            try:
                await self._acquire_session()
                await account.open(_nothing)
                self.state, self.problem, self.away_since = "connected", "", None
                self._on_status(None)
                backoff.reset()
                await asyncio.shield(account.ended)
            except ConfigError as error:
                reason = str(error)
                self.state, self.problem = "refused", f"{self._kind} {account.name} is not used: {error}"
                return
            except SourceBusy as busy:
                reason, pause = str(busy), busy.retry_after
                self.state, self.until = "flooded", time.time() + pause
            except SourceError as error:
                reason, pause, self.state = str(error), backoff.next(), "away"
                self.away_since = self.away_since or asyncio.get_running_loop().time()
                log.debug("%s %s: %s; next try in %.0f s", self._kind, account.name, error, pause)
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
                self.state = "held"
                self._on_status(str(held))
                await asyncio.sleep(LEASE_POLL * random.uniform(0.5, 1.0))


def _nothing(_: Any) -> None:
    """No handlers: only the bot receives updates."""

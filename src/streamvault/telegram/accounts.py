"""The accounts of one server: today the bot, later the worker bots beside it."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from streamvault.errors import SourceUnavailable
from streamvault.telegram.account import Account
from streamvault.telegram.config import TelegramMetrics, TelegramSettings


def _nothing(_client: Any) -> None:
    """The default of `Accounts.prepare`."""


class Accounts:
    """Opens the accounts and watches over them. May be entered again after it failed to open.

    `prepare(client)` is called with the main account's Client before any update is handled; handlers are added there.
    """

    def __init__(self, settings: TelegramSettings, metrics: TelegramMetrics) -> None:
        self.prepare: Callable[[Any], None] = _nothing
        self._settings = settings
        self._metrics = metrics
        self._main: Account | None = None

    @property
    def main(self) -> Account:
        """The bot. SourceUnavailable while it is not connected."""
        if self._main is None:
            raise SourceUnavailable("the bot is not connected yet")
        return self._main

    async def __aenter__(self) -> Self:
        """Connect, logging in at the very first time.

        Raises ConfigError (a wrong setting, a session that is not ours or no longer valid), SourceBusy (a flood
        wait: enter again after it), SourceUnavailable (no connection: enter again a little later).
        """
        self._main = Account(self._settings, self._metrics)
        try:
            await self._main.open(lambda client: self.prepare(client))
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def watch(self) -> None:
        """Wait until an account is lost for good, and raise AccountLost then; cancel it to stop watching."""
        await asyncio.shield(self.main.ended)

    async def _close(self) -> None:
        main, self._main = self._main, None
        if main is not None:
            await main.close()

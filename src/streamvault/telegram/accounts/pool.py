"""The accounts of one server: the bot, worker bots that share its downloads, and a user account for histories."""

import asyncio
import itertools
import logging
import random
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from streamvault.errors import SourceUnavailable
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.spec import AccountSpec, specs, user_spec
from streamvault.telegram.accounts.supervisor import LEASE_POLL, AccountSupervisor
from streamvault.telegram.accounts.user_account import UserAccountSlot, UserAccountSupervisor, parse_user_session
from streamvault.telegram.config import TelegramMetrics, TelegramSettings
from streamvault.telegram.mtproto.clock import ServerClock
from streamvault.telegram.network.routes import Network
from streamvault.telegram.sessions.backend import SessionHeld
from streamvault.telegram.sessions.stores import Stores

log = logging.getLogger(__name__)

EXCLUDED_SECONDS = 600.0
"""Seconds for which a worker is not used for a chat that it cannot read."""


def _nothing(*_: Any) -> None:
    """Default of the callbacks."""


class AccountPool:
    """Opens and supervises the accounts. It may be entered again after it failed to open or was closed.

    `user` is the slot of the user account, which connects in the background.
    `prepare(client)` is called with the bot's Client before any update is handled; handlers are added there.
    `on_session_held(until)` is called while another process holds the stored session; `until` is the end of its lease
    in Unix seconds, or None if that is unknown.
    """

    def __init__(
        self, settings: TelegramSettings, metrics: TelegramMetrics, *, clock: Callable[[], float] = time.time
    ) -> None:
        """`clock` returns Unix seconds."""
        self.prepare: Callable[[Any], None] = _nothing
        self.on_session_held: Callable[[float | None], None] = _nothing
        self.user = UserAccountSlot()
        self._settings = settings
        self._metrics = metrics
        self._clock = clock
        self._server_clock = ServerClock()
        self._network = Network(settings.proxy_url, ip_version=settings.ip_version)
        self._stack = AsyncExitStack()
        self._main: Account | None = None
        self._workers: dict[str, Account] = {}
        self._supervisors: tuple[AccountSupervisor | UserAccountSupervisor, ...] = ()
        self._excluded_until: dict[tuple[str, int], float] = {}
        self._rotation = itertools.count()

    @property
    def main(self) -> Account:
        """The bot. SourceUnavailable while it is not connected."""
        if self._main is None:
            raise SourceUnavailable("the bot is not connected yet")
        return self._main

    def bot_username(self) -> str | None:
        """The bot's username; None while it is not connected."""
        me = None if self._main is None else self._main.client.me
        return None if me is None else me.username

    @property
    def all(self) -> list[Account]:
        """All connected accounts, the bot first."""
        return [account for account in (self._main, *self._workers.values()) if account is not None]

    @property
    def supervisors(self) -> list[AccountSupervisor]:
        """What connects the accounts beside the bot; without the user account while nobody has logged in."""
        found = (one if isinstance(one, AccountSupervisor) else one.supervisor for one in self._supervisors)
        return [one for one in found if one is not None]

    def readers(self, chat_id: int, *, penalty: Callable[[Account], int] = lambda _: 0) -> list[Account]:
        """The accounts that may read files of a chat, by load; those in a flood wait come last. Never empty.

        Accounts of equal load take turns. `penalty` is added to an account's load, in requests.
        SourceUnavailable while the bot is not connected.
        """
        now = time.monotonic()
        workers = [
            worker
            for worker in self._workers.values()
            if worker.online and self._excluded_until.get((worker.name, chat_id), 0.0) <= now
        ]
        candidates = [self.main, *workers]
        start = next(self._rotation) % len(candidates)
        return sorted(
            candidates[start:] + candidates[:start],
            key=lambda account: (account.floods.is_closed("file"), account.load + penalty(account)),
        )

    def exclude_from_chat(self, account: Account, chat_id: int) -> None:
        """Do not use `account` for this chat for EXCLUDED_SECONDS: it cannot see a message there."""
        log.info("%s does not see the chat %d", account.name, chat_id)
        self._excluded_until[(account.name, chat_id)] = time.monotonic() + EXCLUDED_SECONDS

    async def __aenter__(self) -> Self:
        """Connect the bot, logging in if nobody is logged in yet; the other accounts connect in the background.

        Waits while another process holds the stored session. Raises ConfigError (a wrong setting, or the session of
        another account), SourceBusy (a flood wait: enter again after it), SourceUnavailable (no connection: enter
        again later).
        """
        try:
            stores = await self._stack.enter_async_context(Stores(self._settings))
            first, *others = specs(self._settings)
            main = self._make(first, stores)
            workers = [self._worker(self._make(spec, stores)) for spec in others]
            self._supervisors = (*workers, self._user(stores))
            await self._acquire_session(main)
            self._network.prefer(main.session.route)
            self._network.on_route_worked = main.session.note_route
            for supervisor in self._supervisors:
                await supervisor.check()
            await main.open(lambda client: self.prepare(client))
            self._main = main
            for supervisor in self._supervisors:
                self._start(supervisor)
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def watch(self) -> None:
        """Wait until the bot is lost, then raise AccountLost. Cancel it to stop waiting."""
        await asyncio.shield(self.main.ended)

    def _make(self, spec: AccountSpec, stores: Stores) -> Account:
        backend = stores.backend(spec.name)
        account = Account(
            spec, self._settings, self._metrics, backend=backend, network=self._network,
            server_clock=self._server_clock, clock=self._clock,
        )  # fmt: skip
        self._stack.push_async_callback(account.close)
        return account

    async def _acquire_session(self, account: Account) -> None:
        """Acquire the stored session, polling while another process holds it."""
        while True:
            try:
                await account.acquire_session()
            except SessionHeld as held:
                log.debug("waiting: %s", held)
                self.on_session_held(None if held.remaining is None else time.time() + held.remaining)
                await asyncio.sleep(LEASE_POLL * random.uniform(0.5, 1.0))
            else:
                return

    def _user(self, stores: Stores) -> UserAccountSupervisor:
        given = self._settings.user_session
        found = None if given is None else parse_user_session(given, api_id=self._settings.api_id)
        account = self._make(user_spec(self._settings), stores)
        return UserAccountSupervisor(self.user, account, found, addresses=self._settings.telegram_server is None)

    def _worker(self, account: Account) -> AccountSupervisor:
        def on_status(reason: str | None) -> None:
            if reason is None:
                self._workers[account.name] = account
            else:
                self._workers.pop(account.name, None)

        return AccountSupervisor(account, kind="the worker", on_status=on_status)

    def _start(self, supervisor: AccountSupervisor | UserAccountSupervisor) -> None:
        task = asyncio.create_task(supervisor.run(), name=supervisor.name)

        async def stop() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self._stack.push_async_callback(stop)

    async def _close(self) -> None:
        self._main = None
        stack, self._stack = self._stack, AsyncExitStack()
        closing = asyncio.create_task(stack.aclose())
        try:
            await _shielded_close(closing)
        finally:
            self._workers.clear()
            self._supervisors = ()


async def _shielded_close(closing: asyncio.Task[None]) -> None:
    """Wait for `closing` even when cancelled; the cancellation is raised afterwards.

    Each step of closing is bounded. A lost account may be closing while the server stops.
    """
    cancelled: asyncio.CancelledError | None = None
    while not closing.done():
        try:
            await asyncio.wait({closing})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        _ = closing.cancelled() or closing.exception()
        raise cancelled
    closing.result()

"""The accounts of one server: the bot, the worker bots that share its load, and a user's that reads histories."""

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
from streamvault.telegram.accounts.user_account import UserAccountSlot, UserAccountSupervisor, user_string
from streamvault.telegram.config import TelegramMetrics, TelegramSettings
from streamvault.telegram.mtproto.clock import ServerClock
from streamvault.telegram.network.routes import Network
from streamvault.telegram.sessions.backend import SessionHeld
from streamvault.telegram.sessions.stores import Stores

log = logging.getLogger(__name__)

OUTSIDER_PAUSE = 600.0
"""Seconds for which an account is not asked again for a chat that it cannot see."""


def _nothing(*_: Any) -> None:
    """The default of the callbacks."""


class AccountPool:
    """Opens the accounts and watches over them. May be entered again after it failed to open, or was closed.

    `user` is the seat of the user account, which connects by itself and which nothing waits for.
    `prepare(client)` is called with the main account's Client before any update is handled; handlers are added there.
    `held(until)` is called while another process has the session, with Unix seconds or None.
    """

    def __init__(
        self, settings: TelegramSettings, metrics: TelegramMetrics, *, clock: Callable[[], float] = time.time
    ) -> None:
        """`clock` returns Unix seconds."""
        self.prepare: Callable[[Any], None] = _nothing
        self.held: Callable[[float | None], None] = _nothing
        self.user = UserAccountSlot()
        self._settings = settings
        self._metrics = metrics
        self._clock = clock
        self._server_clock = ServerClock()
        self._network = Network(settings.proxy_url, ip_version=settings.ip_version)
        self._stack = AsyncExitStack()
        self._main: Account | None = None
        self._workers: dict[str, Account] = {}
        self._outsiders: dict[tuple[str, int], float] = {}
        self._turn = itertools.count()

    @property
    def main(self) -> Account:
        """The bot. SourceUnavailable while it is not connected."""
        if self._main is None:
            raise SourceUnavailable("the bot is not connected yet")
        return self._main

    @property
    def all(self) -> list[Account]:
        """The accounts that are connected, the bot first."""
        return [account for account in (self._main, *self._workers.values()) if account is not None]

    def readers(self, chat_id: int, *, reluctance: Callable[[Account], int] = lambda _: 0) -> list[Account]:
        """Who may read files of a chat, the least loaded first, equal ones in turn, flooded ones last. Never empty.

        `reluctance` is how many requests an account may have more than another before it is the worse choice.
        SourceUnavailable while the bot is not connected.
        """
        now = time.monotonic()
        workers = [
            worker
            for worker in self._workers.values()
            if worker.online and self._outsiders.get((worker.name, chat_id), 0.0) <= now
        ]
        candidates = [self.main, *workers]
        turn = next(self._turn) % len(candidates)
        return sorted(
            candidates[turn:] + candidates[:turn],
            key=lambda account: (account.floods.is_closed("file"), account.load + reluctance(account)),
        )

    def cannot_read(self, account: Account, chat_id: int) -> None:
        """A worker does not see a message of this chat: leave it out for a while."""
        log.info("%s does not see the chat %d", account.name, chat_id)
        self._outsiders[(account.name, chat_id)] = time.monotonic() + OUTSIDER_PAUSE

    async def __aenter__(self) -> Self:
        """Connect the bot, logging in at the very first time; the workers follow by themselves.

        Waits for as long as another process has the session. Raises ConfigError (a wrong setting, a session that is
        not ours), SourceBusy (a flood wait: enter again after it), SourceUnavailable (no connection: enter again a
        little later).
        """
        try:
            stores = await self._stack.enter_async_context(Stores(self._settings))
            first, *others = specs(self._settings)
            main = self._make(first, stores)
            workers = [self._worker(self._make(spec, stores)) for spec in others]
            keepers: tuple[AccountSupervisor | UserAccountSupervisor, ...] = (*workers, self._user(stores))
            await self._take(main)
            self._network.prefer(main.session.route)
            self._network.on_route_worked = main.session.note_route
            for keeper in keepers:
                await keeper.check()
            await main.open(lambda client: self.prepare(client))
            self._main = main
            for keeper in keepers:
                self._start(keeper)
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def watch(self) -> None:
        """Wait until the bot is lost, and raise AccountLost then; cancel it to stop watching."""
        await asyncio.shield(self.main.ended)

    def _make(self, spec: AccountSpec, stores: Stores) -> Account:
        backend = stores.backend(spec.name)
        account = Account(
            spec, self._settings, self._metrics, backend=backend, network=self._network,
            server_clock=self._server_clock, clock=self._clock,
        )  # fmt: skip
        self._stack.push_async_callback(account.close)
        return account

    async def _take(self, account: Account) -> None:
        """The account's session, as soon as nobody else has it."""
        told = False
        while True:
            try:
                await account.take()
            except SessionHeld as held:
                if not told:
                    log.warning("waiting: %s", held)
                    told = True
                self.held(None if held.remaining is None else time.time() + held.remaining)
                await asyncio.sleep(LEASE_POLL * random.uniform(0.5, 1.0))
            else:
                return

    def _user(self, stores: Stores) -> UserAccountSupervisor:
        given = self._settings.user_session
        found = None if given is None else user_string(given, api_id=self._settings.api_id)
        account = self._make(user_spec(self._settings), stores)
        return UserAccountSupervisor(self.user, account, found, addresses=self._settings.telegram_server is None)

    def _worker(self, account: Account) -> AccountSupervisor:
        def told(why: str | None) -> None:
            if why is None:
                self._workers[account.name] = account
            else:
                self._workers.pop(account.name, None)

        return AccountSupervisor(account, kind="the worker", told=told)

    def _start(self, keeper: AccountSupervisor | UserAccountSupervisor) -> None:
        task = asyncio.create_task(keeper.run(), name=keeper.name)

        async def stop() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self._stack.push_async_callback(stop)

    async def _close(self) -> None:
        self._main = None
        stack, self._stack = self._stack, AsyncExitStack()
        closing = asyncio.create_task(stack.aclose())
        try:
            await _to_its_end(closing)
        finally:
            self._workers.clear()


async def _to_its_end(closing: asyncio.Task[None]) -> None:
    """Wait for what has its own bounds and must not be cut short: a lost account may be closing just when the server
    ends. A cancellation is raised afterwards.
    """
    cut: asyncio.CancelledError | None = None
    while not closing.done():
        try:
            await asyncio.wait({closing})
        except asyncio.CancelledError as error:
            cut = error
    if cut is not None:
        _ = closing.cancelled() or closing.exception()
        raise cut
    closing.result()

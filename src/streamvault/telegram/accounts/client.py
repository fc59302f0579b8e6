"""Kurigram's Client without its own start and stop.

`Client.start()` may prompt on the terminal, log in again on an incomplete session, and return while its connection
restarts itself; `stop()` waits for handlers without a bound. Here the client is given an open connection, handlers are
added before updates arrive, and closing takes a bounded time.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol

from pyrogram import Client, errors, raw
from pyrogram.types import User

from streamvault import __version__
from streamvault.telegram.accounts.random_ids import next_random_id
from streamvault.telegram.config import TelegramSettings
from streamvault.telegram.mtproto.clock import ServerClock
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.sessions.kurigram_storage import ClientStorage

log = logging.getLogger(__name__)

STOP_TIMEOUT, START_TIMEOUT, RECOVER_TIMEOUT = 3.0, 10.0, 60.0
"""Seconds for ending handlers, and for fetching missed updates at the start and after a reconnection."""


class UpdateReceiver(Protocol):
    """Takes the updates of one account; implemented by updates/."""

    def start(self) -> None:
        """Start processing updates."""
        ...

    def receive(self, updates: Any) -> None:
        """Queue updates that Telegram has pushed; never waits."""
        ...

    async def catch_up(self, *, timeout: float, channels: bool = True) -> None:
        """Fetch missed updates for at most `timeout` seconds; without `channels`, only the account's own."""
        ...

    async def follow(self, chat_id: int, current_pts: Callable[[], Awaitable[int]]) -> None:
        """Have a channel's updates fetched, from its stored pts or, without one, from the current pts on."""
        ...

    async def close(self) -> None:
        """Stop processing."""
        ...


class ReceiverFactory(Protocol):
    """Makes the UpdateReceiver of a client; `call` sends a request to Telegram."""

    def __call__(self, client: Any, *, call: Callable[[Any], Awaitable[Any]]) -> UpdateReceiver: ...


class _Client(Client):  # type: ignore[misc]
    """Passes updates to the receiver that `make_receiver` makes; they are dropped if it is not set."""

    def __init__(self, *args: Any, server_clock: ServerClock, **options: Any) -> None:
        super().__init__(*args, **options)
        self.updates: UpdateReceiver | None = None
        self.make_receiver: ReceiverFactory | None = None
        self.connection_factory = _no_connection
        self.server_clock = server_clock
        self.rnd_id = next_random_id

    @property
    def server_time(self) -> float:
        """Kurigram's name for Telegram's time in Unix seconds."""
        return self.server_clock.now()

    def _set_server_time(self, msg_id: int) -> None:
        self.server_clock.learn(msg_id)

    async def handle_updates(self, updates: Any) -> None:
        """Called by the connection with pushed updates."""
        self.last_update_time = datetime.now()
        if self.updates is not None:
            await self.fetch_peers([*getattr(updates, "users", ()), *getattr(updates, "chats", ())])
            self.updates.receive(updates)

    async def recover_gaps(self, ids: Any = None) -> tuple[int, int]:
        """Kurigram's name for fetching missed updates. Returns (0, 0): nothing is counted."""
        if self.updates is not None:
            await self.updates.catch_up(timeout=RECOVER_TIMEOUT)
        return 0, 0


def _no_connection(*_: Any, **__: Any) -> Any:
    """Kurigram would connect without the proxy, stored keys and limits of the settings."""
    raise RuntimeError("connections to Telegram are made by Connection and Network only")


def make_client(settings: TelegramSettings, storage: ClientStorage, *, name: str, server_clock: ServerClock) -> Any:
    """A Client bound to the running loop; nothing is opened. It raises flood waits instead of sleeping."""
    return _Client(
        name,
        api_id=settings.api_id,
        api_hash=settings.api_hash.get_secret_value(),
        app_version=f"StreamVault {__version__}",
        device_model="StreamVault",
        workdir=settings.data_dir,
        storage_engine=storage,
        sleep_threshold=0,
        skip_updates=True,  # the UpdateReceiver fetches missed updates
        fetch_replies=False,
        fetch_topics=False,
        fetch_stories=False,
        fetch_stickers=False,
        loop=asyncio.get_running_loop(),
        server_clock=server_clock,
    )


async def start_client(
    client: Any, connection: Connection, *, prepare: Callable[[Any], None], call: Callable[[Any], Awaitable[Any]]
) -> None:
    """Receive updates over an open connection: add handlers, then take new updates, then fetch missed ones.

    Returns when the account's own missed updates are fetched. `call` sends a request to Telegram. Raises StreamVault's
    errors.
    """
    await connection.call(raw.functions.updates.GetState())  # from here on the server pushes
    [user] = await connection.call(raw.functions.users.GetUsers(id=[raw.types.InputUserSelf()]))
    client.session = connection
    client.is_connected = True
    client.me = await User._parse(client, user)
    prepare(client)
    await client.initialize()
    if client.make_receiver is not None:
        client.updates = client.make_receiver(client, call=call)
        client.updates.start()
        await client.updates.catch_up(timeout=START_TIMEOUT, channels=False)


async def close_client(client: Any) -> None:
    """Stop handlers and timers; a handler that takes longer than STOP_TIMEOUT is cancelled."""
    if client.updates is not None:
        await client.updates.close()
        client.updates = None
    tasks = [*client.dispatcher.handler_worker_tasks]
    if client.updates_watchdog_task is not None:
        tasks.append(client.updates_watchdog_task)
    if client.is_initialized:
        try:
            async with asyncio.timeout(STOP_TIMEOUT):
                await client.terminate()
        except (TimeoutError, OSError, errors.RPCError) as error:
            log.warning("stopping the client failed: %r", error)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    client.is_initialized = client.is_connected = False
    client.executor.shutdown(wait=False, cancel_futures=True)

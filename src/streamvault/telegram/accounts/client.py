"""Kurigram's Client without its own start and stop.

`Client.start()` may prompt on the terminal, log in anew on an incomplete session, and return while its
connection respawns itself; `stop()` waits for whatever a handler waits for. Here the client gets a connection that
is open already, handlers before updates, and an end within bounds.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol

from pyrogram import Client, errors, raw
from pyrogram.types import User

from streamvault import __version__
from streamvault.telegram.config import TelegramSettings
from streamvault.telegram.mtproto.clock import ServerClock
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.sessions.kurigram_storage import ClientStorage

log = logging.getLogger(__name__)

STOP_TIMEOUT = 3.0
START_TIMEOUT = 10.0
RECOVER_TIMEOUT = 60.0


class UpdateReceiver(Protocol):
    """Takes the updates of one account; implemented by updates/."""

    def start(self) -> None:
        """Begin to take updates."""
        ...

    def receive(self, updates: Any) -> None:
        """Take what Telegram has pushed; never waits."""
        ...

    async def catch_up(self, *, timeout: float, channels: bool = True) -> None:
        """Fetch what was missed, for `timeout` seconds at most; without `channels` the account's own updates only."""
        ...

    async def close(self) -> None:
        """End what is under way."""
        ...


class Follow(Protocol):
    """Makes the UpdateReceiver of a client; `call` asks Telegram."""

    def __call__(self, client: Any, *, call: Callable[[Any], Awaitable[Any]]) -> UpdateReceiver: ...


class _Client(Client):  # type: ignore[misc]
    """Hands updates to what `follow` makes, if it is set before they flow; else nobody takes them."""

    def __init__(self, *args: Any, server_clock: ServerClock, **options: Any) -> None:
        super().__init__(*args, **options)
        self.updates: UpdateReceiver | None = None
        self.follow: Follow | None = None
        self.connection_factory = _no_connection
        self.server_clock = server_clock

    @property
    def server_time(self) -> float:
        """Kurigram's name for Telegram's time in Unix seconds."""
        return self.server_clock.now()

    def _set_server_time(self, msg_id: int) -> None:
        self.server_clock.learn(msg_id)

    async def handle_updates(self, updates: Any) -> None:
        """What Telegram pushes."""
        self.last_update_time = datetime.now()
        if self.updates is not None:
            await self.fetch_peers([*getattr(updates, "users", ()), *getattr(updates, "chats", ())])
            self.updates.receive(updates)

    async def recover_gaps(self, ids: Any = None) -> tuple[int, int]:
        """Kurigram's name for catching up; it counts nothing here."""
        if self.updates is not None:
            await self.updates.catch_up(timeout=RECOVER_TIMEOUT)
        return 0, 0


def _no_connection(*_: Any, **__: Any) -> Any:
    """Kurigram would connect without our proxies, keys and limits."""
    raise RuntimeError("connections to Telegram are made by Connection and Network only")


def make_client(settings: TelegramSettings, storage: ClientStorage, *, name: str, server_clock: ServerClock) -> Any:
    """A Client bound to the running loop; nothing is opened. Flood waits are never slept through inside it."""
    return _Client(
        name,
        api_id=settings.api_id,
        api_hash=settings.api_hash.get_secret_value(),
        app_version=f"StreamVault {__version__}",
        device_model="StreamVault",
        workdir=settings.data_dir,
        storage_engine=storage,
        sleep_threshold=0,
        skip_updates=True,  # AccountUpdates fetches what was missed
        fetch_replies=False,
        fetch_topics=False,
        fetch_stories=False,
        fetch_stickers=False,
        loop=asyncio.get_running_loop(),
        server_clock=server_clock,
    )


async def start_client(
    client: Any, link: Connection, *, prepare: Callable[[Any], None], call: Callable[[Any], Awaitable[Any]]
) -> None:
    """Let updates flow over an open link: handlers first, then new updates, then those that were missed.

    Returns when the chats that we are in are known. `call` asks Telegram. Raises StreamVault's errors.
    """
    await link.call(raw.functions.updates.GetState())  # from here on the server pushes
    [user] = await link.call(raw.functions.users.GetUsers(id=[raw.types.InputUserSelf()]))
    client.session = link
    client.is_connected = True
    client.me = await User._parse(client, user)
    prepare(client)
    await client.initialize()
    if client.follow is not None:
        client.updates = client.follow(client, call=call)
        client.updates.start()
        await client.updates.catch_up(timeout=START_TIMEOUT, channels=False)


async def close_client(client: Any) -> None:
    """End handlers and timers within STOP_TIMEOUT; a handler that takes longer is cancelled."""
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
            log.warning("the bot did not stop by itself: %r", error)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    client.is_initialized = client.is_connected = False
    client.executor.shutdown(wait=False, cancel_futures=True)

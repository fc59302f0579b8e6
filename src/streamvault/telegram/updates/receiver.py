"""Receives the updates of one account and has each applied once and in order (core.telegram.org/api/updates).

It takes the place of Kurigram's own handling, which stores the state before an update was processed, only logs gaps,
and skips what is "too long". Updates are sorted by their sequence: those of channels go to the index, which stores
their pts together with the rows; the others go to Kurigram's handlers. `AccountUpdates.receive` never waits: when too
many updates are pending they are dropped, and fetched as a difference.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from pyrogram import raw

from streamvault.errors import CatalogError, SourceBusy, SourceError
from streamvault.telegram.backoff import Backoff
from streamvault.telegram.updates.events import channel_of
from streamvault.telegram.updates.index_queue import IndexQueue, IndexWrite
from streamvault.telegram.updates.sequences import AccountSequence, ChannelSequences, ReceivedUpdate
from streamvault.telegram.updates.state import Index, NoIndex

log = logging.getLogger(__name__)

CLOSE_TIMEOUT = 1.0
"""Seconds for which `close` waits until pending writes are stored."""
MAX_PENDING = 10_000
"""Updates that may wait in each queue."""
_SHORT = (raw.types.UpdateShortMessage, raw.types.UpdateShortChatMessage, raw.types.UpdatesTooLong)


class AccountUpdates:
    """Receives one account's updates between `start` and `close`. With `index` None only the handlers see them."""

    def __init__(self, client: Any, index: Index | None, *, call: Callable[[Any], Awaitable[Any]]) -> None:
        """`call` sends a request to Telegram and raises StreamVault's errors."""
        self._index = index or NoIndex(client.storage)
        self._writes = IndexQueue(self._index)
        common = client, self._index, self._writes
        self._channels = ChannelSequences(
            *common, for_handlers=lambda update: index is None or _is_group_message(update), call=call
        )
        self._account = AccountSequence(*common, channel_updates=self._receive_channels, call=call)
        self._channel_queue, self._account_queue = (
            _UpdateQueue(self._catch_up_channels),
            _UpdateQueue(self._account.catch_up),
        )
        self._handling: list[asyncio.Task[None]] = []
        self._storing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to handle what `receive` takes."""
        queues = self._account_queue.run(self._account.handle), self._channel_queue.run(self._channels.handle)
        self._handling = [asyncio.create_task(work) for work in queues]
        self._storing = asyncio.create_task(self._writes.run())

    async def close(self) -> None:
        """Stop once everything handled is stored, or after CLOSE_TIMEOUT; the rest is fetched at the next start."""
        await _cancel(*self._handling)
        if self._storing is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._writes.join(), CLOSE_TIMEOUT)
            await _cancel(self._storing)

    def receive(self, updates: Any) -> None:
        """Take an Updates object of any type, as Telegram pushes it. Never waits."""
        if isinstance(updates, _SHORT):
            self._account_queue.catch_up()
        elif isinstance(updates, raw.types.UpdateShort):
            self._sort([ReceivedUpdate(updates.update)])
        elif isinstance(updates, raw.types.Updates | raw.types.UpdatesCombined):
            users, chats = {user.id: user for user in updates.users}, {chat.id: chat for chat in updates.chats}
            self._sort(ReceivedUpdate(update, users, chats) for update in updates.updates)

    @property
    def index_pending(self) -> bool:
        """Whether events that were handled are not stored yet."""
        return self._writes.busy

    async def catch_up(self, *, timeout: float, channels: bool = True) -> None:
        """Fetch the differences of all sequences; returns when they are stored, or after `timeout` seconds.

        Without `channels` only the account's own sequence is waited for: private messages and memberships.
        """
        account, channel = self._account_queue.catch_up(), self._channel_queue.catch_up()
        await asyncio.wait([account, channel] if channels else [account], timeout=timeout)

    def _sort(self, updates: Iterable[ReceivedUpdate]) -> None:
        for received in updates:
            (self._account_queue if channel_of(received.update) is None else self._channel_queue).put(received)

    def _receive_channels(self, updates: Iterable[ReceivedUpdate]) -> None:
        for received in updates:
            self._channel_queue.put(received)

    async def _catch_up_channels(self, done: "asyncio.Future[None] | None" = None) -> None:
        """Each channel by itself: the failure of one delays no other. Raises the last failure."""
        failure: SourceError | None = None
        for chat_id in sorted(await self._index.followed()):
            try:
                await self._channels.catch_up(chat_id)
            except SourceError as error:
                log.info("the updates of chat %d could not be fetched: %s", chat_id, error)
                failure = error
        if failure is not None:
            raise failure
        await self._channel_queue.drain(self._channels.handle)  # ignored by now, or the first of their channels
        await self._writes.add(IndexWrite(done=done))


class _UpdateQueue:
    """At most MAX_PENDING updates, and whether the difference has to be fetched, which is done before them."""

    def __init__(self, catch_up: Callable[["asyncio.Future[None]"], Awaitable[None]]) -> None:
        """`catch_up` resolves the future that it is given once everything is stored."""
        self._catch_up = catch_up
        self._pending: deque[ReceivedUpdate] = deque()
        self._caught_up: asyncio.Future[None] | None = None
        self._ready = asyncio.Event()

    def put(self, received: ReceivedUpdate) -> None:
        """Append an update; when there are too many, drop them all: the difference has them."""
        if len(self._pending) >= MAX_PENDING:
            log.warning("%d updates are pending: dropping them, to fetch them as a difference", MAX_PENDING)
            self._pending.clear()
            self.catch_up()
        else:
            self._pending.append(received)
            self._ready.set()

    def catch_up(self) -> "asyncio.Future[None]":
        """Fetch the difference before anything else. All callers get the same future, resolved once it is stored."""
        if self._caught_up is None:
            self._caught_up = asyncio.get_running_loop().create_future()
        self._ready.set()
        return self._caught_up

    async def drain(self, handle: Callable[[ReceivedUpdate], Awaitable[None]]) -> None:
        """Call `handle` with every update that is pending now. Raises what it raises."""
        for _ in range(len(self._pending)):
            await handle(self._pending.popleft())

    async def run(self, handle: Callable[[ReceivedUpdate], Awaitable[None]]) -> None:
        """Call `handle` with one update after the other until cancelled; after a failure the difference is fetched."""
        backoff = Backoff(first=0.5, longest=30.0)
        while True:
            await self._ready.wait()
            try:
                await self._next(handle)
                backoff.reset()
            except (SourceError, CatalogError) as error:
                busy = isinstance(error, SourceBusy)
                delay = error.retry_after if isinstance(error, SourceBusy) else backoff.next()
                level = logging.WARNING if busy else logging.INFO
                log.log(level, "updates are fetched again in %.0f s: %s", delay, error)
                self.catch_up()
                await asyncio.sleep(delay)

    async def _next(self, handle: Callable[[ReceivedUpdate], Awaitable[None]]) -> None:
        caught_up, self._caught_up = self._caught_up, None
        if caught_up is not None:
            try:
                await self._catch_up(caught_up)
            except BaseException:
                self._restore(caught_up)
                raise
        elif self._pending:
            await handle(self._pending.popleft())
        else:
            self._ready.clear()

    def _restore(self, failed: "asyncio.Future[None]") -> None:
        """The difference of `failed` could not be fetched: it is fetched again, also for callers since then."""
        newer, self._caught_up = self._caught_up, failed
        if newer is not None:
            failed.add_done_callback(lambda _: _resolve(newer))


def _resolve(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


async def _cancel(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _is_group_message(update: Any) -> bool:
    """Whether the handlers see this channel update: a group's message may be for the bot, a channel's post is not."""
    return isinstance(update, raw.types.UpdateNewChannelMessage) and not getattr(update.message, "post", False)

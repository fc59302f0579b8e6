"""Every update of one account, in order and exactly once (core.telegram.org/api/updates).

Kurigram stores how far it is before anything was done with an update, logs gaps, and skips ahead where Telegram tells
too much at once. Here updates are sorted by what they count in: those of channels go to the index, which keeps the
place together with the rows; the others go to Kurigram's handlers. Gaps are filled by asking for the difference, what a
place has passed already is dropped. Telegram is never kept waiting: what does not fit in is forgotten, and asked for
again.
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
from streamvault.telegram.updates.index_queue import IndexQueue, IndexStep
from streamvault.telegram.updates.sequences import AccountSequence, ChannelSequences, Packet
from streamvault.telegram.updates.state import Index, NoIndex

log = logging.getLogger(__name__)

CLOSE_TIMEOUT = 1.0
WAITING = 10_000
"""Updates that may wait to be sorted."""
_SHORT = (raw.types.UpdateShortMessage, raw.types.UpdateShortChatMessage, raw.types.UpdatesTooLong)


class AccountUpdates:
    """Follows one account's updates between `start` and `close`. `index` None: only the handlers see them."""

    def __init__(self, client: Any, index: Index | None, *, call: Callable[[Any], Awaitable[Any]]) -> None:
        """`call` asks Telegram, and raises StreamVault's errors."""
        self._index = index or NoIndex(client.storage)
        self._steps = IndexQueue(self._index)
        shared: dict[str, Any] = {"call": call}
        self._channels = ChannelSequences(
            client, self._index, self._steps, watched=lambda update: index is None or _is_talk(update), **shared
        )
        self._own = AccountSequence(client, self._index, self._steps, channels=self._receive_channels, **shared)
        self._channel_inbox, self._own_inbox = _Inbox(self._catch_up_channels), _Inbox(self._own.catch_up)
        self._sorting: list[asyncio.Task[None]] = []
        self._storing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work off what `receive` takes."""
        inboxes = self._own_inbox.run(self._own.take), self._channel_inbox.run(self._channels.take)
        self._sorting = [asyncio.create_task(work) for work in inboxes]
        self._storing = asyncio.create_task(self._steps.run())

    async def close(self) -> None:
        """Stop, once what was sorted is stored; after CLOSE_TIMEOUT, what is not is asked for at the next start."""
        await _end(*self._sorting)
        if self._storing is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._steps.settled(), CLOSE_TIMEOUT)
            await _end(self._storing)

    def receive(self, updates: Any) -> None:
        """Take what Telegram pushes, in whatever form. Never waits."""
        if isinstance(updates, _SHORT):
            self._own_inbox.catch_up()
        elif isinstance(updates, raw.types.UpdateShort):
            self._sort([Packet(updates.update)])
        elif isinstance(updates, raw.types.Updates | raw.types.UpdatesCombined):
            users, chats = {user.id: user for user in updates.users}, {chat.id: chat for chat in updates.chats}
            self._sort(Packet(update, users, chats) for update in updates.updates)

    @property
    def index_pending(self) -> bool:
        """Whether something was sorted that is not stored yet."""
        return self._steps.busy

    async def catch_up(self, *, timeout: float, channels: bool = True) -> None:
        """Ask for everything that was missed; returns when it is stored, or after `timeout` seconds.

        Without `channels` only the account's own part is waited for: private messages, and which chats it is in.
        """
        own, rest = self._own_inbox.catch_up(), self._channel_inbox.catch_up()
        await asyncio.wait([own, rest] if channels else [own], timeout=timeout)

    def _sort(self, packets: Iterable[Packet]) -> None:
        for packet in packets:
            (self._own_inbox if channel_of(packet.update) is None else self._channel_inbox).put(packet)

    def _receive_channels(self, packets: Iterable[Packet]) -> None:
        for packet in packets:
            self._channel_inbox.put(packet)

    async def _catch_up_channels(self, done: "asyncio.Future[None] | None" = None) -> None:
        """Each by itself: what ails one holds up no other. Raises the last failure."""
        failure: SourceError | None = None
        for chat_id in sorted(await self._index.followed()):
            try:
                await self._channels.catch_up(chat_id)
            except SourceError as error:
                log.info("the updates of chat %d wait: %s", chat_id, error)
                failure = error
        if failure is not None:
            raise failure
        await self._channel_inbox.empty(self._channels.take)  # old now, or the first that is heard of their channels
        await self._steps.add(IndexStep(done=done))


class _Inbox:
    """Packets that wait, at most WAITING, and whether it is time to catch up, which comes before all of them."""

    def __init__(self, catch_up: Callable[["asyncio.Future[None]"], Awaitable[None]]) -> None:
        """`catch_up` tells the future that it is given, once everything is stored."""
        self._catch_up = catch_up
        self._packets: deque[Packet] = deque()
        self._wanted: asyncio.Future[None] | None = None
        self._filled = asyncio.Event()

    def put(self, packet: Packet) -> None:
        """Append it; when there are too many, forget them all: the difference has them."""
        if len(self._packets) >= WAITING:
            log.warning("too many updates wait: forgetting them, to ask for them later")
            self._packets.clear()
            self.catch_up()
        else:
            self._packets.append(packet)
            self._filled.set()

    def catch_up(self) -> "asyncio.Future[None]":
        """Fetch the difference before anything else; the future is told when it is stored, and everybody's the same."""
        if self._wanted is None:
            self._wanted = asyncio.get_running_loop().create_future()
        self._filled.set()
        return self._wanted

    async def empty(self, take: Callable[[Packet], Awaitable[None]]) -> None:
        """Give `take` what waits now. Raises as it does."""
        for _ in range(len(self._packets)):
            await take(self._packets.popleft())

    async def run(self, take: Callable[[Packet], Awaitable[None]]) -> None:
        """Give packets to `take`, one after the other, until cancelled; what fails is done again a little later."""
        backoff = Backoff(first=0.5, most=30.0)
        while True:
            await self._filled.wait()
            try:
                await self._next(take)
                backoff.reset()
            except (SourceError, CatalogError) as error:
                busy = isinstance(error, SourceBusy)
                delay = error.retry_after if isinstance(error, SourceBusy) else backoff.next()
                log.log(logging.WARNING if busy else logging.INFO, "updates wait %.0f s: %s", delay, error)
                self.catch_up()
                await asyncio.sleep(delay)

    async def _next(self, take: Callable[[Packet], Awaitable[None]]) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            try:
                await self._catch_up(wanted)
            except BaseException:
                self._put_back(wanted)
                raise
        elif self._packets:
            await take(self._packets.popleft())
        else:
            self._filled.clear()

    def _put_back(self, wanted: "asyncio.Future[None]") -> None:
        """It failed; who has asked meanwhile waits for the same."""
        newer, self._wanted = self._wanted, wanted
        if newer is not None:
            wanted.add_done_callback(lambda _: _tell(newer))


def _tell(waiting: "asyncio.Future[None]") -> None:
    if not waiting.done():
        waiting.set_result(None)


async def _end(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _is_talk(update: Any) -> bool:
    """Whether people may have said something to the bot: messages of groups; posts of channels are the index's."""
    return isinstance(update, raw.types.UpdateNewChannelMessage) and not getattr(update.message, "post", False)

"""Receives the updates of one account and has each applied once and in order (core.telegram.org/api/updates).

It takes the place of Kurigram's own handling, which stores the state before an update was processed, only logs gaps,
and skips what is "too long". Updates are sorted by their sequence: those of channels go to the index, which stores
their pts together with the rows; the others go to Kurigram's handlers. `AccountUpdates.receive` never waits: when too
many updates are pending they are dropped, and fetched as a difference. Each channel has a queue of its own: one whose
difference cannot be fetched delays no other.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

from pyrogram import raw

from streamvault.errors import CatalogError
from streamvault.media.events import SeenChat
from streamvault.telegram.backoff import DATABASE_DELAY, Backoff
from streamvault.telegram.updates import queues
from streamvault.telegram.updates.account_sequence import AccountSequence
from streamvault.telegram.updates.channel_sequences import ChannelSequences
from streamvault.telegram.updates.events import channel_of
from streamvault.telegram.updates.index_queue import Failing, IndexQueue, IndexWrite
from streamvault.telegram.updates.queues import Future, UpdateQueue, cancel
from streamvault.telegram.updates.sequence import ReceivedUpdate
from streamvault.telegram.updates.slots import Slots
from streamvault.telegram.updates.state import Index, NoIndex

CLOSE_TIMEOUT = 1.0
"""Seconds for which `close` waits until pending writes are stored."""
_SHORT = (raw.types.UpdateShortMessage, raw.types.UpdateShortChatMessage, raw.types.UpdatesTooLong)

DIFFERENCES_AT_ONCE = 8
"""Channels whose differences are fetched at the same time ..."""
DIFFERENCE_SECONDS = 2.0
"""... but those whose answer takes longer do not keep others waiting."""


class AccountUpdates:
    """Receives one account's updates between `start` and `close`. With `index` None only the handlers see them."""

    def __init__(
        self, client: Any, index: Index | None, *, call: Callable[[Any], Awaitable[Any]],
        failing: Failing = lambda *_: None, owners: frozenset[int] = frozenset(),
    ) -> None:  # fmt: skip
        """`call` sends a request to Telegram and raises StreamVault's errors.

        `owners`: see ChannelQueues and AccountSequence.
        """
        self._index = index or NoIndex(client.storage)
        self._writes = IndexQueue(self._index, failing=failing)
        common = client, self._index, self._writes
        self._channels = ChannelQueues(
            ChannelSequences(
                *common, for_handlers=lambda update: index is None or _is_group_message(update), call=call
            ),
            self._index, self._writes, failing=failing, owners=owners,
        )  # fmt: skip
        account = AccountSequence(*common, channel_updates=self._receive_channels, owners=owners, call=call)
        self._account = UpdateQueue(account, name="the account's own updates", failing=failing)
        self._tasks: list[asyncio.Task[None]] = []
        self._storing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to handle what `receive` takes."""
        self._tasks = [asyncio.create_task(self._account.run())]
        self._channels.start()
        self._storing = asyncio.create_task(self._writes.run())

    async def close(self) -> None:
        """Stop once everything handled is stored, or after CLOSE_TIMEOUT; the rest is fetched at the next start."""
        await cancel(*self._tasks)
        await self._channels.close()
        if self._storing is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_TIMEOUT):
                    await self._writes.join()
            await cancel(self._storing)

    def receive(self, updates: Any) -> None:
        """Take an Updates object of any type, as Telegram pushes it. Never waits."""
        if isinstance(updates, _SHORT):
            self._account.catch_up()
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
        account, channel = self._account.catch_up(), self._channels.catch_up()
        await asyncio.wait([account, channel] if channels else [account], timeout=timeout)

    async def follow(self, chat_id: int, current_pts: Callable[[], Awaitable[int]]) -> None:
        """Have a channel's updates fetched once, from its stored pts on; without one, follow from the current pts on.

        Raises what `current_pts` raises, CatalogError.
        """
        await self._channels.follow(chat_id, current_pts)

    def _sort(self, updates: Iterable[ReceivedUpdate]) -> None:
        for received in updates:
            chat_id = channel_of(received.update)
            self._account.put(received) if chat_id is None else self._channels.put(chat_id, received)

    def _receive_channels(self, updates: Iterable[ReceivedUpdate]) -> None:
        self._sort(updates)


class ChannelQueues:
    """A queue for each channel that updates have come from, or that is followed, each worked off by a task.

    Queues of channels that are not indexed end once they are empty. What `owners` (user ids) write in a group whose
    queue is full goes to the handlers at once: of a group that nobody has chosen no difference is fetched.
    """

    def __init__(
        self, sequences: ChannelSequences, index: Index, writes: IndexQueue, *, failing: Failing,
        owners: frozenset[int] = frozenset(),
    ) -> None:  # fmt: skip
        self._sequences = sequences
        self._index = index
        self._writes = writes
        self._failing = failing
        self._owners = owners
        self._queues: dict[int, UpdateQueue] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = Slots(DIFFERENCES_AT_ONCE, seconds=DIFFERENCE_SECONDS)
        self._wanted: Future | None = None
        self._started = False

    def start(self) -> None:
        """Begin to handle what was put, and what will be."""
        self._started = True
        for queue in self._queues.values():
            self._spawn(queue.run())

    async def close(self) -> None:
        """End every queue; what was not handled is fetched at the next start."""
        await cancel(*self._tasks)

    def put(self, chat_id: int, received: ReceivedUpdate) -> None:
        """Append an update to its channel's queue."""
        self._queue(chat_id).put(received)

    async def follow(self, chat_id: int, current_pts: Callable[[], Awaitable[int]]) -> None:
        """See AccountUpdates.follow."""
        if chat_id not in self._queues:
            self._queue(chat_id).catch_up()
        if not await self._sequences.has_pts(chat_id):
            await self._sequences.begin_at(chat_id, await current_pts())

    def catch_up(self) -> Future:
        """Fetch the differences of all channels; the future is resolved once all of them are stored."""
        if self._wanted is None:
            self._wanted = asyncio.get_running_loop().create_future()
            self._spawn(self._catch_up())
        return self._wanted

    async def _catch_up(self) -> None:
        chats = await self._followed()
        wanted, self._wanted = self._wanted, None
        differences = [self._queue(chat_id).catch_up() for chat_id in sorted({*chats, *self._waiting()})]
        if differences:
            await asyncio.wait(differences)
        await self._writes.add(IndexWrite(done=wanted))

    async def _followed(self) -> frozenset[int]:
        """The channels whose updates matter, as soon as the database tells."""
        backoff = Backoff(first=0.5, longest=DATABASE_DELAY)
        while True:
            try:
                return await self._index.followed()
            except CatalogError:
                await asyncio.sleep(backoff.next())

    def _waiting(self) -> list[int]:
        return [chat_id for chat_id, queue in self._queues.items() if queue.pending]

    def _queue(self, chat_id: int) -> UpdateQueue:
        queue = self._queues.get(chat_id)
        if queue is None:
            channel = _Channel(self._sequences, chat_id, self._writes, slots=self._slots)

            async def is_over() -> bool:
                return await self._index.standing(SeenChat(chat_id, "")) != "ours"

            def end() -> None:
                del self._queues[chat_id]

            def on_dropped(received: ReceivedUpdate) -> None:
                if chat_id not in self._sequences.local_pts and self._is_by_owner(received.update):
                    self._sequences.dispatch(received)

            queue = UpdateQueue(
                channel, name=f"channel {chat_id}", failing=self._failing, is_over=is_over, on_end=end,
                on_dropped=on_dropped,
                most=lambda: queues.MAX_PENDING if chat_id in self._sequences.local_pts else queues.MAX_UNDECIDED,
            )  # fmt: skip
            channel.drain = queue.drain
            self._queues[chat_id] = queue
            if self._started:
                self._spawn(queue.run())
        return queue

    def _is_by_owner(self, update: Any) -> bool:
        """Whether an owner has written this message in a group."""
        sender = getattr(update.message, "from_id", None) if _is_group_message(update) else None
        return isinstance(sender, raw.types.PeerUser) and sender.user_id in self._owners

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Channel:
    """One channel of ChannelSequences, as its queue uses it."""

    def __init__(self, sequences: ChannelSequences, chat_id: int, writes: IndexQueue, *, slots: Slots) -> None:
        self._sequences = sequences
        self._chat_id = chat_id
        self._writes = writes
        self._slots = slots
        self.drain: Callable[[], Awaitable[None]]

    async def handle(self, received: ReceivedUpdate) -> bool:
        """See Sequence."""
        return await self._sequences.handle(received)

    async def catch_up(self, done: Future) -> None:
        """See Sequence. What is pending afterwards is ignored, or the first of a channel without a pts."""
        async with self._slots.turn():
            await self._sequences.catch_up(self._chat_id)
        await self.drain()
        await self._writes.add(IndexWrite(done=done))


def _is_group_message(update: Any) -> bool:
    """Whether the handlers see this channel update: a group's message may be for the bot, a channel's post is not."""
    return isinstance(update, raw.types.UpdateNewChannelMessage) and not getattr(update.message, "post", False)

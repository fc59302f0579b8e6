"""The sequences of updates of channels, each ordered by its own pts (updates.getChannelDifference)."""

from collections.abc import Callable
from typing import Any

from pyrogram import raw, utils

from streamvault.errors import FileMissing
from streamvault.media.events import SeenChat
from streamvault.telegram.accounts.locations import input_channel
from streamvault.telegram.errors import PtsUnknown
from streamvault.telegram.updates.events import channel_of, events_of, posts, seen_channel
from streamvault.telegram.updates.index_queue import IndexWrite
from streamvault.telegram.updates.inviters import Inviters, tells_of_posts
from streamvault.telegram.updates.sequence import ReceivedUpdate, UpdateSequence
from streamvault.telegram.updates.state import compare_pts, mark_name

CHANNEL_LIMIT = 100_000
"""`limit` of updates.getChannelDifference: the most for a bot. A longer difference is "too long"."""


class ChannelSequences(UpdateSequence):
    """The sequences of all channels, each with its own pts. Updates of channels that are not indexed are ignored.

    `for_handlers` says whether a channel's update is dispatched to the handlers as well.
    """

    def __init__(self, *args: Any, for_handlers: Callable[[Any], bool], **options: Any) -> None:
        super().__init__(*args, **options)
        self._for_handlers = for_handlers
        self.local_pts: dict[int, int] = {}  # of the channels whose stored pts was read, or that have begun
        self._begun_at: dict[int, int] = {}
        self._inviters = Inviters(self)

    async def handle(self, received: ReceivedUpdate) -> bool:
        """Apply or ignore one update; False if there is a gap before it. May be repeated after CatalogError."""
        update, chat_id = received.update, channel_of(received.update)
        if chat_id is None:
            return True
        if not await self._is_indexed(received, chat_id):
            if self._for_handlers(update):
                self.dispatch(received)
            return True
        if isinstance(update, raw.types.UpdateChannelTooLong):
            return await self._handle_too_long(chat_id, update.pts)
        pts, count = getattr(update, "pts", None), getattr(update, "pts_count", None)
        if pts is None or count is None:
            await self._apply(received, None)
            return True
        check = compare_pts(await self._local_pts(chat_id), pts, count)
        if check == "apply":
            self.local_pts[chat_id] = pts
            await self.client.fetch_peers(list(received.chats.values()))
            await self._apply(received, (chat_id, pts))
        elif check == "ignore" and pts <= self._begun_at.get(chat_id, 0):
            await self._apply(received, None)
        return check != "gap"

    async def catch_up(self, chat_id: int) -> None:
        """Apply the difference since the channel's pts; nothing for a channel without a pts, or that is not indexed."""
        if await self.index.standing(SeenChat(chat_id, "")) != "ours" or await self._local_pts(chat_id) is None:
            return
        channel = await input_channel(self, chat_id)
        while True:
            query = raw.functions.updates.GetChannelDifference(
                channel=channel,
                filter=raw.types.ChannelMessagesFilterEmpty(),
                pts=self.local_pts[chat_id],
                limit=CHANNEL_LIMIT,
                force=False,
            )
            try:
                answer = await self.fetch(query)
            except FileMissing:
                return  # the account left it; its pts is kept in case it joins again
            except PtsUnknown:
                if self.local_pts[chat_id] == 1:
                    raise
                self.local_pts[chat_id] = 1  # the difference from the beginning, or "too long"
                continue
            if isinstance(answer, raw.types.updates.ChannelDifferenceTooLong):
                await self._apply_too_long(chat_id, answer)
            elif isinstance(answer, raw.types.updates.ChannelDifference):
                await self._apply_difference(chat_id, answer)
            if answer.final or isinstance(answer, raw.types.updates.ChannelDifferenceEmpty):
                return

    async def _is_indexed(self, received: ReceivedUpdate, chat_id: int) -> bool:
        """Whether the update's channel is; asks Telegram who added the account to it if that has to be known."""
        chat = seen_channel(utils.get_channel_id(chat_id), received.chats)
        if tells_of_posts(received.update):
            await self._inviters.settle(chat)
        return await self.index.standing(chat) == "ours"

    async def _local_pts(self, chat_id: int) -> int | None:
        if chat_id not in self.local_pts and (stored := await self.stored(chat_id)) is not None:
            self.local_pts[chat_id] = int(stored)
        return self.local_pts.get(chat_id)

    async def has_pts(self, chat_id: int) -> bool:
        """Whether the updates of the channel are followed already."""
        return await self._local_pts(chat_id) is not None

    async def begin_at(self, chat_id: int, pts: int) -> None:
        """Follow a channel's updates from `pts` on, unless they are followed: a walk has to find what was before.

        Telegram may have told of `pts` before the updates up to it arrive: those are applied too, in order. If the
        process ends in the milliseconds between, a walk has to find them.
        """
        await self.index.missed(chat_id, followed=False)
        if not await self.has_pts(chat_id):
            self.local_pts[chat_id] = self._begun_at[chat_id] = pts
            await self._store_pts(chat_id)

    async def _handle_too_long(self, chat_id: int, pts: int | None) -> bool:
        """updateChannelTooLong: False to have the difference fetched; begin at its pts if the channel has none."""
        if await self.has_pts(chat_id):
            return False
        if pts:
            await self.begin_at(chat_id, pts)
        return True

    async def _apply(self, received: ReceivedUpdate, state: tuple[int, int] | None) -> None:
        """Queue the update's events, with (chat_id, pts) as the state after it, and dispatch it if handlers see it."""
        events = events_of(received.update, users=received.users, chats=received.chats, me=self.me)
        mark = None if state is None else (mark_name(state[0], account=self.me), str(state[1]))
        if events or mark:
            await self.queue.add(IndexWrite(events, mark))
        if self._for_handlers(received.update):
            self.dispatch(received)

    async def _apply_difference(self, chat_id: int, answer: Any) -> None:
        """New messages first, then the other updates: one of those may delete a new message."""
        users, chats = {user.id: user for user in answer.users}, {chat.id: chat for chat in answer.chats}
        new = [raw.types.UpdateNewChannelMessage(message=one, pts=0, pts_count=0) for one in answer.new_messages]
        for update in (*new, *answer.other_updates):
            await self.handlers_ready()
            await self._apply(ReceivedUpdate(update, users, chats), None)
        self.local_pts[chat_id] = answer.pts
        await self._store_pts(chat_id)

    async def _apply_too_long(self, chat_id: int, answer: Any) -> None:
        """channelDifferenceTooLong: apply the newest messages and take over the pts; a walk has to find the rest."""
        chats = {chat.id: chat for chat in answer.chats}
        await self.queue.add(IndexWrite(posts(answer.messages, chats=chats)))
        await self.index.missed(chat_id, followed=True)
        self.local_pts[chat_id] = answer.dialog.pts
        await self._store_pts(chat_id)

    async def _store_pts(self, chat_id: int) -> None:
        await self.queue.add(IndexWrite(mark=(mark_name(chat_id, account=self.me), str(self.local_pts[chat_id]))))

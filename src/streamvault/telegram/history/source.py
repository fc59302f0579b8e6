"""A channel's history (indexing's HistorySource): by ids, a hundred a request, as a bot may walk it; by pages, where a
user account sees the channel, too.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from pyrogram import raw, utils

from streamvault.errors import FileMissing, SourceBusy, SourceError
from streamvault.media.history import FoundChat, Messages, Page
from streamvault.reading.lanes import Lane
from streamvault.telegram import message_media
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.locations import input_channel
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.flood_wait import Sleep
from streamvault.telegram.history.pacing import RequestPacing
from streamvault.telegram.history.pages import WHO, LaneGate, UserHistoryPages, shows_all

SEEN_FOR = 600.0
"""Seconds for which it counts that the bot sees all of a chat."""


class TelegramHistory:
    """Reads as the bot, and pages as the user account. `gate` gives the limiter of a data centre, whose index lane
    every read passes.
    """

    def __init__(
        self, accounts: AccountPool, *, gate: Callable[[int], LaneGate], spacing: RequestPacing | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._accounts = accounts
        self._gate = gate
        self._spacing = spacing or RequestPacing()
        self._sleep = sleep
        self._pages = UserHistoryPages(accounts.user, gate=gate, sleep=sleep)
        self._seen: dict[int, float] = {}

    async def find(self, chat: int | str) -> FoundChat:
        """See HistorySource. A channel that the bot may read but is not in is not found."""
        account = self._accounts.main
        if isinstance(chat, str):
            query = raw.functions.contacts.ResolveUsername(username=chat.removeprefix("@"))
        else:
            query = raw.functions.channels.GetChannels(id=[await self._channel(account, chat)])
        answer = await self._ask(account, query)
        for found in answer.chats:
            number = utils.get_channel_id(found.id)
            if isinstance(found, raw.types.Channel) and not found.left and (isinstance(chat, str) or number == chat):
                await account.client.fetch_peers([found])
                return FoundChat(number, found.title)
        raise FileMissing("there is no such channel, or the bot is not in it")

    async def newest(self, chat_id: int) -> int:
        """See HistorySource.

        A difference that is too long tells the newest message at once, and any but a new channel's is. Without it
        there is the channel's pts, which counts every message, and edits and deletions too.
        """
        account = self._accounts.main
        channel = await self._channel(account, chat_id)
        query = raw.functions.updates.GetChannelDifference(
            channel=channel, filter=raw.types.ChannelMessagesFilterEmpty(), pts=1, limit=1
        )
        answer = await self._ask(account, query)
        if isinstance(answer, raw.types.updates.ChannelDifferenceTooLong):
            told = [getattr(answer.dialog, "top_message", 0), *(message.id for message in answer.messages)]
            if max(told) > 0:
                return int(max(told))
        full = await self._ask(account, raw.functions.channels.GetFullChannel(channel=channel))
        return int(full.full_chat.pts)

    async def messages(self, chat_id: int, ids: Sequence[int]) -> Messages:
        """See HistorySource.

        In a group a bot without rights is not shown what it is not meant to hear, just as if it were deleted: nothing
        counts as gone there.
        """
        account = self._accounts.main
        await self._sleep(self._spacing.take())
        wanted = [raw.types.InputMessageID(id=number) for number in ids]
        query = raw.functions.channels.GetMessages(channel=await self._channel(account, chat_id), id=wanted)
        try:
            answer = await self._ask(account, query)
        except SourceBusy as busy:
            self._spacing.flooded(busy.retry_after)
            raise
        self._spacing.answered()
        if not isinstance(answer, raw.types.messages.ChannelMessages):
            raise SourceError(f"Telegram answered a read with {type(answer).__name__}")
        there = {
            message.id: message_media.describe(message) if isinstance(message, raw.types.Message) else None
            for message in answer.messages
            if not isinstance(message, raw.types.MessageEmpty) and utils.get_peer_id(message.peer_id) == chat_id
        }
        if not shows_all(answer.chats, chat_id):
            return Messages(there)
        empty = {message.id for message in answer.messages if isinstance(message, raw.types.MessageEmpty)}
        return Messages(there, frozenset(empty.intersection(ids)))

    async def page(self, chat_id: int, *, top: int, floor: int) -> Page | None:
        """See HistorySource. Only of chats that the bot sees all of: nobody else can stream what is found."""
        if not self._pages.may_read(chat_id):
            return None
        if not await self._bot_sees_all(chat_id):
            self._pages.leave(chat_id)
            return None
        return await self._pages.page(chat_id, top=top, floor=floor)

    async def _bot_sees_all(self, chat_id: int) -> bool:
        """Asked of Telegram at most once in SEEN_FOR."""
        now = time.monotonic()
        if now < self._seen.get(chat_id, 0.0):
            return True
        account = self._accounts.main
        query = raw.functions.channels.GetChannels(id=[await self._channel(account, chat_id)])
        answer = await self._ask(account, query)
        if not shows_all(answer.chats, chat_id):
            return False
        self._seen[chat_id] = now + SEEN_FOR
        return True

    async def _ask(self, account: Account, query: Any) -> Any:
        async with self._gate(account.home_dc).slot(Lane.INDEX, WHO):
            return await account.call(query)

    async def _channel(self, account: Account, chat_id: int) -> Any:
        if chat_id >= utils.ZERO_CHANNEL_ID:
            raise FileMissing("only channels and supergroups have a history that a bot can walk")
        return await input_channel(account, chat_id)

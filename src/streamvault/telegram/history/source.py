"""A channel's history (indexing's HistorySource): by id as the bot, by page where the user account can read it."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pyrogram import raw, utils

from streamvault.errors import FileMissing, SourceBusy, SourceError
from streamvault.media.history import FoundChat, Messages, Page
from streamvault.reading.lanes import Lane
from streamvault.telegram import message_media
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.locations import input_channel
from streamvault.telegram.accounts.newest import newest_message
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.flood_wait import Sleep
from streamvault.telegram.history.pacing import RequestPacing
from streamvault.telegram.history.pages import EMPTY_PAUSES, REQUESTER, LaneGate, UserHistoryPages, shows_all

log = logging.getLogger(__name__)

SEES_ALL_TTL = 600.0
"""Seconds for which the answer that the bot sees every message of a chat is kept."""


class TelegramHistory:
    """Reads messages as the bot, and pages as the user account.

    `gate` returns the limiter of a data centre; every request takes a slot of its index lane.
    """

    def __init__(
        self, accounts: AccountPool, *, gate: Callable[[int], LaneGate], pacing: RequestPacing | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._accounts = accounts
        self._gate = gate
        self._pacing = pacing or RequestPacing()
        self._sleep = sleep
        self._pages = UserHistoryPages(accounts.user, gate=gate, sleep=sleep)
        self._sees_all_until: dict[int, float] = {}

    async def find(self, chat: int | str) -> FoundChat:
        """See HistorySource. A public channel that the bot is not in counts as missing."""
        account = self._accounts.main
        if isinstance(chat, str):
            query = raw.functions.contacts.ResolveUsername(username=chat.removeprefix("@"))
        else:
            query = raw.functions.channels.GetChannels(id=[await self._channel(account, chat)])
        answer = await self._call(account, query)
        for found in answer.chats:
            number = utils.get_channel_id(found.id)
            if isinstance(found, raw.types.Channel) and not found.left and (isinstance(chat, str) or number == chat):
                await account.client.fetch_peers([found])
                return FoundChat(number, found.title)
        raise FileMissing("there is no such channel, or the bot is not in it")

    async def newest(self, chat_id: int) -> int:
        """See HistorySource and newest_message.

        Updates are followed from the pts on, so that what is posted after the read is not missed.
        """
        account = self._accounts.main
        channel = await self._channel(account, chat_id)
        newest, pts = await newest_message(partial(self._call, account), channel)
        await _follow(account, chat_id, pts)
        return newest

    async def messages(self, chat_id: int, ids: Sequence[int]) -> Messages:
        """See HistorySource.

        In a group, messages that a bot without administrator rights may not see come as empty, as deleted ones do: no
        message counts as gone there.
        """
        account = self._accounts.main
        answer = await self._read(account, chat_id, ids)
        there = {
            message.id: message_media.describe(message) if isinstance(message, raw.types.Message) else None
            for message in answer.messages
            if not isinstance(message, raw.types.MessageEmpty) and utils.get_peer_id(message.peer_id) == chat_id
        }
        if not shows_all(answer.chats, chat_id):
            return Messages(there)
        empty = {message.id for message in answer.messages if isinstance(message, raw.types.MessageEmpty)}
        return Messages(there, frozenset(empty.intersection(ids)))

    async def _read(self, account: Account, chat_id: int, ids: Sequence[int]) -> Any:
        """raw.types.messages.ChannelMessages. One that says nothing of any id is asked for again, see EMPTY_PAUSES."""
        channel = await self._channel(account, chat_id)
        query = raw.functions.channels.GetMessages(
            channel=channel, id=[raw.types.InputMessageID(id=number) for number in ids]
        )
        for pause in EMPTY_PAUSES:
            await self._sleep(self._pacing.reserve() + pause)
            try:
                answer = await self._call(account, query)
            except SourceBusy as busy:
                self._pacing.flooded(busy.retry_after)
                raise
            self._pacing.answered()
            if not isinstance(answer, raw.types.messages.ChannelMessages):
                raise SourceError(f"Telegram answered a read with {type(answer).__name__}")
            if not ids or {message.id for message in answer.messages}.intersection(ids):
                return answer
        log.warning("Telegram says nothing of messages %d to %d of chat %d", min(ids), max(ids), chat_id)
        return answer

    async def page(self, chat_id: int, *, top: int, floor: int) -> Page | None:
        """See HistorySource. Only for chats of which the bot sees every message, because it streams the files."""
        if not self._pages.may_read(chat_id):
            return None
        if not await self._bot_sees_all(chat_id):
            self._pages.exclude(chat_id)
            return None
        return await self._pages.page(chat_id, top=top, floor=floor)

    async def _bot_sees_all(self, chat_id: int) -> bool:
        """Whether it sees every message of the chat; a yes is kept for SEES_ALL_TTL."""
        now = time.monotonic()
        if now < self._sees_all_until.get(chat_id, 0.0):
            return True
        account = self._accounts.main
        query = raw.functions.channels.GetChannels(id=[await self._channel(account, chat_id)])
        answer = await self._call(account, query)
        if not shows_all(answer.chats, chat_id):
            return False
        self._sees_all_until[chat_id] = now + SEES_ALL_TTL
        return True

    async def _call(self, account: Account, query: Any) -> Any:
        async with self._gate(account.home_dc).slot(Lane.INDEX, REQUESTER):
            return await account.call(query)

    async def _channel(self, account: Account, chat_id: int) -> Any:
        if chat_id >= utils.ZERO_CHANNEL_ID:
            raise FileMissing("only channels and supergroups have a history that a bot can walk")
        return await input_channel(account, chat_id)


async def _follow(account: Account, chat_id: int, pts: int | None) -> None:
    """Follow the channel's updates from `pts` on, unless they are followed."""

    if not pts:
        return

    async def seen() -> int:
        return pts

    if account.client.updates is not None:
        await account.client.updates.follow(chat_id, seen)

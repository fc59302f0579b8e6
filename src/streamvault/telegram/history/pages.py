"""A channel's history by pages, as the user account: messages.getHistory, a hundred messages a request.

Access hashes and file references belong to the user account, and are not passed on: the bot streams the files. Pages
are therefore read only of channels of which the bot, too, sees every message.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any, Protocol

from pyrogram import raw, utils

from streamvault.errors import FileMissing, SourceBusy, SourceError, SourceUnavailable
from streamvault.media.history import BATCH, Page
from streamvault.reading.lanes import Lane
from streamvault.telegram import message_media
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.dialogs import store_channels
from streamvault.telegram.accounts.user_account import UserAccountSlot
from streamvault.telegram.flood_wait import Sleep
from streamvault.telegram.history.pacing import RequestPacing

log = logging.getLogger(__name__)

REQUESTER = "history"
"""The name under which requests queue in the limiter's index lane."""

CONNECT_TIMEOUT = 20.0
"""Seconds for which a walk waits for the user account to connect, before it reads by id as the bot."""

LONGEST_USER_WAIT = 30.0
"""Seconds: a flood wait of the user account up to this is raised to the caller, who waits for it; during a longer one
the bot reads."""

EMPTY_PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Seconds before each request for the same messages while the answers are empty, which would end a walk."""

UNREADABLE_PAUSE = 600.0
"""Seconds for which a channel that the user account cannot read is not tried again."""


class LaneGate(Protocol):
    """The limiter of a data centre (reading.lanes.Lanes)."""

    def slot(self, lane: Lane, who: str) -> AbstractAsyncContextManager[None]:
        """Hold one of the slots for requests to Telegram."""
        ...


class UserHistoryPages:
    """Reads pages as the user account; returns None where the bot has to read by id instead."""

    def __init__(
        self, user: UserAccountSlot, *, gate: Callable[[int], LaneGate], pacing: RequestPacing | None = None,
        sleep: Sleep = asyncio.sleep, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """`clock` returns seconds."""
        self._user = user
        self._gate = gate
        self._pacing = pacing or RequestPacing()
        self._sleep = sleep
        self._clock = clock
        self._unreadable_until: dict[int, float] = {}
        self._dialogs_lock = asyncio.Lock()
        self._next_dialogs = 0.0

    async def page(self, chat_id: int, *, top: int, floor: int) -> Page | None:
        """See HistorySource.page. Raises SourceBusy for a flood wait up to LONGEST_USER_WAIT."""
        account = await self._reader(chat_id)
        if account is None:
            return None
        try:
            return await self._read(account, chat_id, top=top, floor=floor)
        except SourceBusy as busy:
            self._pacing.flooded(busy.retry_after)
            if busy.retry_after <= LONGEST_USER_WAIT:
                raise
            log.info("flood wait of %.0f s for the user account: the bot reads chat %d", busy.retry_after, chat_id)
        except SourceUnavailable as error:
            log.debug("the user account cannot read chat %d now (%s): the bot reads it", chat_id, error)
        except (FileMissing, SourceError) as error:
            log.info("the user account cannot read chat %d (%s): the bot reads it", chat_id, error)
            self.exclude(chat_id)
        return None

    def may_read(self, chat_id: int) -> bool:
        """Whether there is a user account, and this chat is not excluded."""
        return self._user.expected and self._unreadable_until.get(chat_id, 0.0) <= self._clock()

    def exclude(self, chat_id: int) -> None:
        """Read no pages of this chat for UNREADABLE_PAUSE seconds."""
        self._unreadable_until[chat_id] = self._clock() + UNREADABLE_PAUSE

    async def _reader(self, chat_id: int) -> Account | None:
        return await self._user.wait_connected(CONNECT_TIMEOUT) if self.may_read(chat_id) else None

    async def _read(self, account: Account, chat_id: int, *, top: int, floor: int) -> Page:
        query = raw.functions.messages.GetHistory(
            peer=await self._peer(account, chat_id), offset_id=top + 1, offset_date=0, add_offset=0, limit=BATCH,
            max_id=0, min_id=floor, hash=0,
        )  # fmt: skip
        shown: dict[int, Any] = {}
        for pause in EMPTY_PAUSES:
            await self._sleep(self._pacing.reserve() + pause)
            answer = await self._call(account, query)
            self._pacing.answered()
            if not isinstance(answer, raw.types.messages.ChannelMessages):
                raise SourceError(f"Telegram answered a history with {type(answer).__name__}")
            if not shows_all(answer.chats, chat_id):
                raise FileMissing("the user account does not see every message of this chat")
            shown = {message.id: message for message in answer.messages if floor < message.id <= top}
            if shown:
                break
        there = {
            number: message_media.describe(message) if isinstance(message, raw.types.Message) else None
            for number, message in shown.items()
            if not isinstance(message, raw.types.MessageEmpty) and utils.get_peer_id(message.peer_id) == chat_id
        }
        return Page(min(shown, default=floor + 1), there)

    async def _peer(self, account: Account, chat_id: int) -> Any:
        """The channel's InputPeer, stored or from the list of chats. Raises FileMissing if it is in neither."""
        async with self._dialogs_lock:
            try:
                return await account.client.storage.get_peer_by_id(chat_id)
            except KeyError:
                await self._load_dialogs(account)
        try:
            return await account.client.storage.get_peer_by_id(chat_id)
        except KeyError:
            raise FileMissing("the user account is not in this chat") from None

    async def _load_dialogs(self, account: Account) -> None:
        """Store the peers of all chats of the user account, at most once in UNREADABLE_PAUSE."""
        if self._clock() < self._next_dialogs:
            return
        await store_channels(account.client, partial(self._call, account))
        self._next_dialogs = self._clock() + UNREADABLE_PAUSE

    async def _call(self, account: Account, query: Any) -> Any:
        async with self._gate(account.home_dc).slot(Lane.INDEX, REQUESTER):
            return await account.call(query)


def shows_all(chats: Sequence[Any], chat_id: int) -> bool:
    """Whether the account sees every message of the chat: it is a member of a channel, or an administrator of a group.

    `chats` are those of an answer to this account.
    """
    for chat in chats:
        if isinstance(chat, raw.types.Channel) and utils.get_channel_id(chat.id) == chat_id:
            return bool(not chat.left and (chat.broadcast or chat.admin_rights or chat.creator))
    return False

"""A channel's history as a user account reads it: messages.getHistory, a hundred messages a request, gaps or not.

What it reads tells of messages and files only: access hashes and file references are the user account's own, and stay
with it. It is used for channels that both the bot and the user see all of, since the bot is who streams.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from pyrogram import raw, utils

from streamvault.errors import FileMissing, SourceBusy, SourceError, SourceUnavailable
from streamvault.media.history import BATCH, Page
from streamvault.reading.lanes import Lane
from streamvault.telegram import message_media
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.user_account import UserAccountSlot
from streamvault.telegram.flood_wait import Sleep
from streamvault.telegram.history.pacing import RequestPacing

log = logging.getLogger(__name__)

WHO = "history"

CONNECTING = 20.0
"""Seconds for which a walk waits for the user account at the start, before it names ids as the bot."""

PATIENCE = 30.0
"""A flood wait up to so many seconds is waited out; meanwhile of a longer one the bot goes on."""

OUTSIDER_PAUSE = 600.0
"""Seconds for which a channel that cannot be read this way is not tried again."""

MOST_DIALOGS = 100
"""Pages of the list of chats that are looked through for a channel."""


class LaneGate(Protocol):
    """The limiter of a data centre (reading.lanes.Lanes)."""

    def slot(self, lane: Lane, who: str) -> AbstractAsyncContextManager[None]:
        """Hold a place among the requests to Telegram."""
        ...


class UserHistoryPages:
    """Reads pages as the user account of `seat`; None wherever the bot has to go on by itself."""

    def __init__(
        self, seat: UserAccountSlot, *, gate: Callable[[int], LaneGate], spacing: RequestPacing | None = None,
        sleep: Sleep = asyncio.sleep, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """`clock` gives seconds."""
        self._seat = seat
        self._gate = gate
        self._spacing = spacing or RequestPacing()
        self._sleep = sleep
        self._clock = clock
        self._outside: dict[int, float] = {}
        self._looked = asyncio.Lock()
        self._look_again = 0.0

    async def page(self, chat_id: int, *, top: int, floor: int) -> Page | None:
        """See HistorySource.page. Raises SourceBusy for a short flood wait."""
        account = await self._reader(chat_id)
        if account is None:
            return None
        try:
            return await self._read(account, chat_id, top=top, floor=floor)
        except SourceBusy as busy:
            self._spacing.flooded(busy.retry_after)
            if busy.retry_after <= PATIENCE:
                raise
            log.info("the user account waits %.0f s; the bot reads chat %d meanwhile", busy.retry_after, chat_id)
        except SourceUnavailable as error:
            log.info("the user account cannot read chat %d now (%s): the bot does", chat_id, error)
        except (FileMissing, SourceError) as error:
            log.info("the user account does not read chat %d (%s): the bot does", chat_id, error)
            self.leave(chat_id)
        return None

    def may_read(self, chat_id: int) -> bool:
        """Whether there is a user account, and nothing is known against this chat."""
        return self._seat.expected and self._outside.get(chat_id, 0.0) <= self._clock()

    def leave(self, chat_id: int) -> None:
        """This chat is not to be read this way, for a while."""
        self._outside[chat_id] = self._clock() + OUTSIDER_PAUSE

    async def _reader(self, chat_id: int) -> Account | None:
        return await self._seat.settled(CONNECTING) if self.may_read(chat_id) else None

    async def _read(self, account: Account, chat_id: int, *, top: int, floor: int) -> Page:
        peer = await self._peer(account, chat_id)
        await self._sleep(self._spacing.take())
        query = raw.functions.messages.GetHistory(
            peer=peer, offset_id=top + 1, offset_date=0, add_offset=0, limit=BATCH, max_id=0, min_id=floor, hash=0
        )
        answer = await self._ask(account, query)
        self._spacing.answered()
        if not isinstance(answer, raw.types.messages.ChannelMessages):
            raise SourceError(f"Telegram answered a history with {type(answer).__name__}")
        if not shows_all(answer.chats, chat_id):
            raise FileMissing("the user account is not shown all of this chat")
        shown = {message.id: message for message in answer.messages if floor < message.id <= top}
        there = {
            number: message_media.describe(message) if isinstance(message, raw.types.Message) else None
            for number, message in shown.items()
            if not isinstance(message, raw.types.MessageEmpty) and utils.get_peer_id(message.peer_id) == chat_id
        }
        return Page(min(shown, default=floor + 1), there)

    async def _peer(self, account: Account, chat_id: int) -> Any:
        """How the user account names a channel, which it has to have met. FileMissing otherwise."""
        async with self._looked:
            try:
                return await account.client.storage.get_peer_by_id(chat_id)
            except KeyError:
                await self._look_around(account)
        try:
            return await account.client.storage.get_peer_by_id(chat_id)
        except KeyError:
            raise FileMissing("the user account is not in this chat") from None

    async def _look_around(self, account: Account) -> None:
        """Go through the list of the user's chats, at most once in OUTSIDER_PAUSE."""
        if self._clock() < self._look_again:
            return
        offset: dict[str, Any] = {"offset_date": 0, "offset_id": 0, "offset_peer": raw.types.InputPeerEmpty()}
        for _ in range(MOST_DIALOGS):
            query = raw.functions.messages.GetDialogs(**offset, limit=BATCH, hash=0)
            answer = await self._ask(account, query)
            await account.client.fetch_peers(answer.chats)  # people are nobody's business
            last = next(reversed([*_tops(answer)]), None)
            if not isinstance(answer, raw.types.messages.DialogsSlice) or last is None:
                break
            offset = {"offset_date": last.date, "offset_id": last.id, "offset_peer": _named(last.peer_id, answer)}
        self._look_again = self._clock() + OUTSIDER_PAUSE

    async def _ask(self, account: Account, query: Any) -> Any:
        async with self._gate(account.home_dc).slot(Lane.INDEX, WHO):
            return await account.call(query)


def shows_all(chats: Sequence[Any], chat_id: int) -> bool:
    """Whether an account is shown every message of the chat that there is: as a member of a channel, or as one of the
    administrators of a group.
    """
    for chat in chats:
        if isinstance(chat, raw.types.Channel) and utils.get_channel_id(chat.id) == chat_id:
            return bool(not chat.left and (chat.broadcast or chat.admin_rights or chat.creator))
    return False


def _named(peer: Any, answer: Any) -> Any:
    """How the account names a peer of an answer."""
    types = raw.types
    if isinstance(peer, types.PeerChat):
        return types.InputPeerChat(chat_id=peer.chat_id)
    if isinstance(peer, types.PeerUser):
        hashes = {one.id: getattr(one, "access_hash", None) for one in answer.users}
        return types.InputPeerUser(user_id=peer.user_id, access_hash=hashes.get(peer.user_id) or 0)
    hashes = {one.id: getattr(one, "access_hash", None) for one in answer.chats}
    return types.InputPeerChannel(channel_id=peer.channel_id, access_hash=hashes.get(peer.channel_id) or 0)


def _tops(answer: Any) -> Sequence[Any]:
    """The newest messages of the chats of one page that have one, in the order of the chats."""
    by_place = {(utils.get_peer_id(message.peer_id), message.id): message for message in answer.messages}
    places = ((utils.get_peer_id(one.peer), one.top_message) for one in answer.dialogs)
    return [by_place[place] for place in places if place in by_place]

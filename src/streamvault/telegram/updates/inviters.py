"""Asks Telegram who added the account to a channel, where no update has told it.

Bots are told by updateChannelParticipant, but not of what was before their first start, nor when Telegram has forgotten
it. Anybody can add a bot to any number of channels, so questions are paced.
"""

import asyncio
import logging
from collections import OrderedDict
from typing import Any, Protocol

from pyrogram import raw

from streamvault.errors import FileMissing, SourceBusy, SourceError
from streamvault.media.events import Membership, SeenChat
from streamvault.telegram.accounts.locations import Reader, input_channel
from streamvault.telegram.updates.events import membership
from streamvault.telegram.updates.index_queue import IndexQueue, IndexWrite
from streamvault.telegram.updates.state import Index

log = logging.getLogger(__name__)

PAUSE, RETRY = 1.0, 5.0
"""Seconds between two questions, and after one that could not be asked."""
MAX_WAITING = 200
"""Channels that may wait for their questions; posts of others are ignored meanwhile, and a later one asks."""
REMEMBERED_IGNORED = 10_000
"""Ignored channels that are remembered."""
RECHECK = 1.0
"""Seconds after which a channel that waits for its question looks whether an update has told it meanwhile."""

_POSTS = (
    raw.types.UpdateNewChannelMessage, raw.types.UpdateEditChannelMessage, raw.types.UpdateChannelTooLong,
)  # fmt: skip


def tells_of_posts(update: Any) -> bool:
    """Whether an update is worth the question: it says that something was posted."""
    return isinstance(update, _POSTS)


class Asking(Reader, Protocol):
    """What is needed of the sequences of an account."""

    index: Index
    queue: IndexQueue

    async def fetch(self, query: Any) -> Any:
        """Telegram's answer."""
        ...


class Inviters:
    """Has undecided channels decided, one question at a time and PAUSE seconds apart."""

    def __init__(self, sequences: Asking) -> None:
        self._sequences = sequences
        self._next = 0.0
        self._waiting = 0
        self._ignored: OrderedDict[int, None] = OrderedDict()

    async def settle(self, chat: SeenChat) -> None:
        """Return when it is decided and stored whether this channel is indexed, or at once if too many others wait.

        Raises CatalogError. Failures of Telegram are waited for here: a channel of a stranger must not look like
        updates that are missing.
        """
        index = self._sequences.index
        if await index.standing(chat) == "undecided":
            if self._waiting >= MAX_WAITING:
                return self._ignore(chat.chat_id)
            self._waiting += 1
            try:
                await self._wait(chat)
            finally:
                self._waiting -= 1
        if chat.chat_id in self._ignored:
            if await index.standing(chat) == "ours":
                await index.missed(chat.chat_id, followed=True)
            self._ignored.pop(chat.chat_id, None)

    def _ignore(self, chat_id: int) -> None:
        """Ignore a post. Should an owner choose the channel, a walk has to find it."""
        if not self._ignored:
            log.warning("%d channels wait for Telegram to say who added the bot: others are ignored", MAX_WAITING)
        self._ignored[chat_id] = None
        if len(self._ignored) > REMEMBERED_IGNORED:
            self._ignored.popitem(last=False)

    async def _wait(self, chat: SeenChat) -> None:
        clock = asyncio.get_running_loop().time
        while await self._sequences.index.standing(chat) == "undecided":
            pause = self._next - clock()
            if pause <= 0:
                self._next = clock() + PAUSE
                try:
                    return await self._ask(chat)
                except SourceBusy as busy:
                    self._next = clock() + busy.retry_after
                except SourceError as error:
                    log.debug("who added the bot to chat %d cannot be asked now: %s", chat.chat_id, error)
                    self._next = clock() + RETRY
            else:
                await asyncio.sleep(min(pause, RECHECK))

    async def _ask(self, chat: SeenChat) -> None:
        """Ask, and have the answer stored. Where Telegram does not tell, or the account has left, nobody has added it:
        one answer decides.
        """
        query = raw.functions.channels.GetParticipant(
            channel=await input_channel(self._sequences, chat.chat_id), participant=raw.types.InputPeerSelf()
        )
        told = Membership(chat, member=True)  # a post came from it, so the account was a member; nobody is named
        try:
            answer = await self._sequences.fetch(query)
        except FileMissing:
            pass
        except SourceError as error:
            if type(error) is not SourceError:
                raise
        else:
            found = membership(chat, answer.participant, users={user.id: user for user in answer.users})
            told = found if found.member else told
        done = asyncio.get_running_loop().create_future()
        await self._sequences.queue.add(IndexWrite((told,), done=done))
        await done

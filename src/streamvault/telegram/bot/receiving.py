"""Files that owners send to the bot in private: each is copied once and answered, also after a restart in between.

The marks of `indexing.received` say which messages are not answered yet. A copy has a random_id made of the message
that it is of: sent a second time, Telegram refuses it, and the copy is looked for instead. An answer has one
made of the messages that it answers; which ones share an answer is therefore stored before it is sent.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Container, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

from pyrogram import Client
from pyrogram import errors as rpc
from pyrogram.types import Message

from streamvault.errors import CatalogError, SourceBusy, SourceError, SourceUnavailable, VaultError
from streamvault.indexing.live import LiveIndex
from streamvault.media.model import MediaFile, Origin
from streamvault.telegram.bot.intake import Intake, Kept, Wanted
from streamvault.telegram.bot.replies import album, album_text, read_messages
from streamvault.telegram.bot.vault import NO_ANSWER, Vault
from streamvault.telegram.flood_wait import FloodWaits
from streamvault.telegram.history.messages import media_file

log = logging.getLogger(__name__)

REMEMBERED_MESSAGES = 1000
"""Messages of which it is remembered that they were answered."""
READ_AT_ONCE = 100
"""Messages that are read again in one request: what messages.getMessages allows."""
CLOSE_TIMEOUT = 1.0
"""Seconds for which `close` waits until answered messages are stored as such."""


class Receiving:
    """`connected` returns the client that sends copies, or raises SourceUnavailable; `links` answers an owner.

    What those sent who are no `owners` (user ids) any more is not resumed.
    """

    def __init__(
        self, index: LiveIndex, vault: Vault, intake: Intake, floods: FloodWaits, *, owners: frozenset[int],
        connected: Callable[[], Client], links: Callable[[int, int, Sequence[Kept]], None],
    ) -> None:  # fmt: skip
        self._index = index
        self._vault = vault
        self._intake = intake
        self._floods = floods
        self._owners = owners
        self._connected = connected
        self._links = links
        # an update that Telegram repeats must not make a second copy
        self._open: set[Origin] = set()  # those that the intake or the outbox holds
        self._handled: OrderedDict[Origin, None] = OrderedDict()  # those that were answered, and commands
        self._claim_lock = asyncio.Lock()
        self._resuming: asyncio.Task[None] | None = None
        self._storing: set[asyncio.Task[None]] = set()

    async def claim(self, client: Client, message: Message, *, among: Container[Origin] | None = None) -> None:
        """Queue the file of this message, or those of its whole album (`among` these), unless that was done before.

        One update at a time: the first one of an album reads the album, and the others find it claimed.
        """
        async with self._claim_lock:
            claimed, texts_of = self._fresh([message]), dict[int, Message]()
            if claimed and message.media_group_id is not None:
                together = await self._album(client, message)
                claimed += self._fresh([one for one in together if among is None or _origin(one) in among])
                claimed.sort(key=lambda one: one.id)
                texts_of = album_text(together, claimed)
            if claimed:
                wanted = [self._wanted(one, texts_of.get(one.id)) for one in claimed]
                self._intake.put(message.chat.id, claimed[0].id, wanted)

    def _wanted(self, message: Message, text_of: Message | None) -> Wanted:
        copy = partial(self.copy, message, text_of=text_of, command=message, received=_origin(message))
        return Wanted(copy, _origin(message))

    async def copy(
        self, message: Message, *, command: Message, text_of: Message | None = None, received: Origin | None = None
    ) -> MediaFile:
        """Copy a file into the vault, once for `command`, and store its row. Raises as intake.Copy."""
        try:
            once = f"{command.chat.id}/{command.id}"
            file = await self._vault.copy(
                self._connected(), message, text_of=text_of, once=once, stored=self._index.received.kept
            )
        except (SourceUnavailable, CatalogError) as error:
            raise VaultError(NO_ANSWER) from error
        try:
            await self._index.put(file, received=received)
        except CatalogError as error:
            log.warning("a copied file is not in the catalog yet: %s", error)
        return file

    def first_time(self, command: Message) -> bool:
        """Whether this command was not handled before; it counts as handled from now on."""
        fresh = _origin(command) not in self._handled
        self._remember([_origin(command)])
        return fresh

    def _fresh(self, messages: Sequence[Message]) -> list[Message]:
        """The messages that are neither answered nor about to be; they are about to be from now on."""
        return [one for one in messages if self._take(_origin(one))]

    def _take(self, origin: Origin) -> bool:
        if origin in self._open or origin in self._handled:
            return False
        self._open.add(origin)
        return True

    def _remember(self, handled: Sequence[Origin]) -> None:
        for one in handled:
            self._handled[one] = None
        while len(self._handled) > REMEMBERED_MESSAGES:
            self._handled.popitem(last=False)

    async def _album(self, client: Client, message: Message) -> list[Message]:
        try:
            return await album(client, message)
        except (rpc.RPCError, OSError) as error:
            log.warning("an album could not be read, its messages are handled one by one: %s", error)
            return []

    async def sending(self, messages: Sequence[Origin]) -> None:
        """Before one message with the links of these is sent: store that, for `resume`."""
        try:
            await self._index.received.together(messages)
        except CatalogError as error:
            log.warning("a restart may answer %d files again: %s", len(messages), error)

    def ended(self, messages: Sequence[Origin], *, answered: bool) -> None:
        """The answer for these messages was taken or refused by Telegram; else the next `resume` answers them."""
        self._open.difference_update(messages)
        if answered:
            self._remember(messages)
            self._begin(self._store_answered(messages))

    async def _store_answered(self, messages: Sequence[Origin]) -> None:
        try:
            await self._index.received.answered(messages)
        except CatalogError as error:
            log.warning("%d files that were answered may be answered again: %s", len(messages), error)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)

    def resume(self, client: Client) -> None:
        """Handle what was received and is neither answered nor about to be, without waiting for it."""
        if self._resuming is None or self._resuming.done():
            self._resuming = asyncio.create_task(self._resume(client))

    async def _resume(self, client: Client) -> None:
        try:
            left = await self._index.received.unanswered()
            if foreign := [one for one in left if one.chat_id not in self._owners]:
                await self._index.received.answered(foreign)
            left = {one: copy for one, copy in left.items() if one not in self._open}
            for chat_id in self._owners.intersection(one.chat_id for one in left):
                here = {one: copy for one, copy in left.items() if one.chat_id == chat_id}
                uncopied = await self._answer_copied(chat_id, here)
                for start in range(0, len(uncopied), READ_AT_ONCE):
                    await self._again(client, chat_id, uncopied[start : start + READ_AT_ONCE])
        except (CatalogError, SourceError, rpc.RPCError, OSError) as error:
            log.warning("files that were received before the start wait for the next connection: %s", error)
        except Exception:  # nobody awaits the task
            log.exception("files that were received before the start could not be handled")

    async def _answer_copied(self, chat_id: int, left: Mapping[Origin, Origin | None]) -> list[Origin]:
        """Answer for the copies that there are, as was tried before; the messages without one."""
        uncopied, copied = [], dict[Origin, list[Kept]]()
        for origin, copy in left.items():
            file = await self._index.received.file(copy) if copy is not None else None
            if file is None:
                uncopied.append(origin)
            else:
                copied.setdefault(self._index.received.group(origin), []).append(Kept(file, origin))
        for first, together in copied.items():
            if fresh := [one for one in together if one.received is not None and self._take(one.received)]:
                self._links(chat_id, first.message_id, fresh)
        return uncopied

    async def _again(self, client: Client, chat_id: int, waiting: Sequence[Origin]) -> None:
        """Claim these messages; the marks of those that are gone are deleted."""
        messages = await self._read(client, chat_id, [one.message_id for one in waiting])
        there = [one for one in messages if not one.empty and media_file(one) is not None]
        gone = set(waiting) - {_origin(one) for one in there}
        if gone:
            await self._index.received.answered(gone)
        for message in there:
            await self.claim(client, message, among=waiting)

    async def _read(self, client: Client, chat_id: int, ids: Sequence[int]) -> list[Message]:
        """The messages, after any flood wait."""
        while True:
            try:
                return await read_messages(client, chat_id, ids)
            except (rpc.FloodWait, SourceBusy) as error:
                await self._floods.wait(error)

    async def close(self) -> None:
        """End what runs; what is answered is stored if that takes no longer than CLOSE_TIMEOUT."""
        if self._storing:
            await asyncio.wait(self._storing, timeout=CLOSE_TIMEOUT)
        running = [*self._storing, *([self._resuming] if self._resuming is not None else [])]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _origin(message: Message) -> Origin:
    return Origin(message.chat.id, message.id)

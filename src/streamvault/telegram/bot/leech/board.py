"""The status messages: one in each chat, edited seldom, and never twice with the same text.

`refresh` does all that is due; nobody waits for it, and what fails in it touches no job. Which message a chat has is
stored as a mark of the catalog, so that after a restart the same one goes on. While Telegram demands a wait, edits are
left out.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pyrogram import Client
from pyrogram import errors as rpc

from streamvault.catalog.base import Change
from streamvault.errors import CatalogError, SourceBusy, SourceError
from streamvault.leech.model import Job
from streamvault.leech.queue import Queue
from streamvault.telegram.bot.leech.open_jobs import open_jobs
from streamvault.telegram.bot.leech.status import status
from streamvault.telegram.bot.outbox import UNREACHABLE
from streamvault.telegram.bot.replies import edit_answer, send_answer
from streamvault.telegram.bot.texts import Answer
from streamvault.telegram.flood_wait import flood_seconds

log = logging.getLogger(__name__)

EDIT_SECONDS = 12.0
"""Seconds between two edits of a status message."""
MAX_CHATS = 500
"""Chats with a status message; one more, and the one that was not asked for longest is no longer edited."""


class Marks(Protocol):
    """The part of the catalog in which the messages are stored. Methods raise CatalogError."""

    async def marks(self) -> dict[str, str]:
        """See Catalog."""
        ...

    async def apply(self, change: Change) -> None:
        """See Catalog."""
        ...


@dataclass(slots=True)
class _Message:
    """The status message of a chat. `id`: None before it is sent; `wanted`: it is to be sent anew, at the end of the
    chat; `due`: when it may be edited next, `again`: when it may be sent anew next.
    """

    id: int | None = None
    page: int = 0
    shown: Answer | None = None
    wanted: bool = False
    due: float = 0.0
    again: float = 0.0


class Board:
    """Of the bot with this id. `client` gives the one that is connected; `sees_all`: in a private chat, whether its
    person sees the jobs of others; `braked`: see ports.PartUploads.slowed. `clock` gives seconds that never go back,
    `now` Unix seconds.
    """

    def __init__(
        self, queue: Queue, marks: Marks, *, bot: int, client: Callable[[], Client], sees_all: Callable[[int], bool],
        braked: Callable[[], float] = lambda: 0.0, clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.wake = asyncio.Event()
        """Set when something is to be shown at once."""
        self.braked = braked
        self._queue = queue
        self._marks = marks
        self._prefix = f"leech_status:{bot}:"
        self._client = client
        self._sees_all = sees_all
        self._clock = clock
        self._now = now
        self._chats: OrderedDict[int, _Message] = OrderedDict()
        self._quiet_until = 0.0
        self._loaded = False

    def show(self, chat_id: int, *, anew: bool) -> None:
        """Have a status message in this chat; `anew`: at its end, unless it was sent just now."""
        known = self._chats.setdefault(chat_id, _Message())
        self._chats.move_to_end(chat_id)
        if known.id is None or (anew and known.again <= self._clock()):
            known.wanted = True
        while len(self._chats) > MAX_CHATS:
            self._chats.popitem(last=False)
        self.wake.set()

    def turn(self, chat_id: int, message_id: int, page: int) -> bool:
        """Show another page at once; False for a message that is not the status message of the chat any more."""
        known = self._chats.setdefault(chat_id, _Message(message_id))
        if known.id != message_id:
            return False
        known.page, known.due = page, 0.0
        self.wake.set()
        return True

    async def refresh(self) -> None:
        """Send and edit what is due."""
        try:
            await self._load()
            if not (due := self._due()):
                return
            jobs = await open_jobs(self._queue)
        except CatalogError as error:
            log.debug("no status is shown: %s", error)
            return
        for chat_id in due:
            if self._clock() < self._quiet_until:
                return
            await self._refresh_one(chat_id, self._chats[chat_id], jobs)

    def _due(self) -> list[int]:
        now = self._clock()
        if now < self._quiet_until:
            return []
        return [chat_id for chat_id, one in self._chats.items() if one.wanted or one.due <= now]

    async def _refresh_one(self, chat_id: int, message: _Message, jobs: Sequence[Job]) -> None:
        mine = self._of_chat(chat_id, jobs)
        answer = status(mine, page=message.page, now=self._now(), braked=self.braked())
        message.due = self._clock() + EDIT_SECONDS
        try:
            if message.wanted and mine:
                await self._send(chat_id, message, answer)
            elif message.id is not None and answer != message.shown:
                await edit_answer(self._client(), chat_id, answer, message.id)
                message.shown = answer
        except (rpc.FloodWait, SourceBusy) as error:
            self._quiet_until = self._clock() + flood_seconds(error)
            log.debug("no status is shown for %.0f s, as Telegram demands", flood_seconds(error))
        except UNREACHABLE as error:
            log.debug("a status could not be shown: %s", error)
        except rpc.RPCError as error:  # it was deleted, or the bot may not write there any more
            log.info("the status in chat %d is given up: %s", chat_id, error)
            await self._forget(chat_id)
        else:
            if not mine:
                await self._forget(chat_id)

    async def _send(self, chat_id: int, message: _Message, answer: Answer) -> None:
        before = message.id
        sent = await send_answer(self._client(), chat_id, answer, None)
        message.id, message.shown, message.wanted = int(sent.id), answer, False
        message.again = message.due
        await self._store(chat_id, str(message.id))
        if before is not None:
            await self._delete(chat_id, before)

    async def _delete(self, chat_id: int, message_id: int) -> None:
        try:
            await self._client().delete_messages(chat_id, message_id)
        except (rpc.RPCError, SourceError, OSError) as error:
            log.debug("an old status in chat %d stays: %s", chat_id, error)

    async def _forget(self, chat_id: int) -> None:
        self._chats.pop(chat_id, None)
        await self._store(chat_id, None)

    async def _store(self, chat_id: int, value: str | None) -> None:
        try:
            await self._marks.apply(Change(marks={f"{self._prefix}{chat_id}": value}))
        except CatalogError as error:
            log.debug("the status message of chat %d is not stored: %s", chat_id, error)

    async def _load(self) -> None:
        """The messages of an earlier process. Raises CatalogError."""
        if self._loaded:
            return
        found = await self._marks.marks()
        for name, value in found.items():
            if name.startswith(self._prefix):
                known = self._chats.setdefault(int(name.removeprefix(self._prefix)), _Message())
                if known.id is None:
                    known.id = int(value)
        self._loaded = True

    def _of_chat(self, chat_id: int, jobs: Sequence[Job]) -> list[Job]:
        """Those of a private chat's person, or of all for who sees all; in a group those that were asked for there."""
        if chat_id > 0:
            return list(jobs) if self._sees_all(chat_id) else [job for job in jobs if job.person == chat_id]
        return [job for job in jobs if job.asked is not None and job.asked.chat_id == chat_id]

    async def any_job(self, chat_id: int) -> bool:
        """Whether there is a job to be shown in a chat. Raises CatalogError."""
        return bool(self._of_chat(chat_id, await open_jobs(self._queue)))

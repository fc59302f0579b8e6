"""The buttons by which somebody chooses among the entries of a source.

What was picked is stored with the job, and a button says which page it is on, so that buttons go on after a restart.
Presses change the job at once; the message follows, at most once in EDIT_SECONDS, and shows the latest state then.
"""

import asyncio
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from pyrogram import Client
from pyrogram import errors as rpc

from streamvault.errors import CatalogError, JobConflict, JobMissing, SourceBusy
from streamvault.leech.choice import choice_of
from streamvault.leech.model import Job
from streamvault.leech.queue import Queue
from streamvault.telegram.bot.leech import choice_words, wording
from streamvault.telegram.bot.leech.permission import Permission
from streamvault.telegram.bot.outbox import UNREACHABLE
from streamvault.telegram.bot.presses import Notice, Press
from streamvault.telegram.bot.replies import edit_answer
from streamvault.telegram.bot.texts import Answer
from streamvault.telegram.flood_wait import flood_seconds

log = logging.getLogger(__name__)

EDIT_SECONDS, IN_GROUPS = 1.0, 3.0
"""Seconds between two edits of a message in a private chat, and in a group, which takes 20 messages a minute."""
MAX_MESSAGES = 500
"""Messages whose text is known; of others, one edit may change nothing."""

_DATA = re.compile(r"pick:([0-9a-f]{16}):(?:t([0-9]{1,7})|([pansx]))\.([0-9]{1,4})", re.ASCII)


@dataclass(slots=True)
class _Shown:
    """What a message shows. `job` and `page`: what it is to show; `due`: when it may be edited next; `stale`: it is to
    be edited.
    """

    job: str
    page: int = 0
    answer: Answer | None = None
    due: float = 0.0
    stale: bool = False


class Choosing:
    """Of jobs in this queue, by who asked for them. `client` gives the one that is connected; `clock` gives seconds
    that never go back.
    """

    def __init__(
        self, queue: Queue, permission: Permission, *, client: Callable[[], Client],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.wake = asyncio.Event()
        """Set when a message is to be edited."""
        self._queue, self._permission, self._client, self._clock = queue, permission, client, clock
        self._messages: OrderedDict[tuple[int, int], _Shown] = OrderedDict()
        self._quiet_until = 0.0

    async def press(self, press: Press) -> Notice:
        """A button under such a message. Raises CatalogError."""
        match = _DATA.fullmatch(press.data)
        if match is None:
            return Notice(choice_words.OVER, alert=True)
        id, number, what, page = match[1], match[2], match[3], int(match[4])
        try:
            job = await self._queue.get(id)
        except JobMissing:
            return Notice(choice_words.OVER, alert=True)
        if job.person != press.person.id or not await self._permission.of_press(press):
            return Notice(wording.NOT_YOURS, alert=True)
        try:
            notice = await self._done(job, int(number) if number else None, what)
        except (JobConflict, JobMissing):
            notice = Notice(choice_words.OVER, alert=True)
        self._show(press, id, page)
        return notice

    async def _done(self, job: Job, number: int | None, what: str | None) -> Notice:
        """Do what a button is for. Raises JobConflict, JobMissing, CatalogError."""
        entries = choice_of(job)
        if entries is None:
            return Notice(choice_words.OVER, alert=True)
        if number is not None:
            await self._queue.toggle(job.id, number)
        elif what in ("a", "n"):
            await self._queue.pick(job.id, [one.number for one in entries] if what == "a" else [])
        elif what == "x":
            await self._queue.cancel(job.id)
            return Notice(wording.CANCELLED)
        elif what == "s" and not job.options.select:
            return Notice(choice_words.NONE_PICKED, alert=True)
        elif what == "s":
            await self._queue.resume(job.id)
            return Notice(wording.RESUMED)
        return Notice("")

    def _show(self, press: Press, id: str, page: int) -> None:
        """Have the message show the job as it is now."""
        key = (press.chat_id, press.message_id)
        shown = self._messages.setdefault(key, _Shown(id))
        self._messages.move_to_end(key)
        shown.job, shown.page, shown.stale = id, page, True
        while len(self._messages) > MAX_MESSAGES:
            self._messages.popitem(last=False)
        self.wake.set()

    async def refresh(self) -> None:
        """Edit the messages that are to be edited, and may be."""
        now = self._clock()
        for (chat_id, message_id), shown in list(self._messages.items()):
            if self._clock() < self._quiet_until:
                return
            if shown.stale and shown.due <= now:
                await self._refresh_one(chat_id, message_id, shown)

    async def _refresh_one(self, chat_id: int, message_id: int, shown: _Shown) -> None:
        shown.stale = False
        shown.due = self._clock() + (EDIT_SECONDS if chat_id > 0 else IN_GROUPS)
        try:
            answer = choice_words.question(await self._queue.get(shown.job), shown.page)
            if answer != shown.answer:
                await edit_answer(self._client(), chat_id, answer, message_id)
                shown.answer = answer
        except (rpc.FloodWait, SourceBusy) as error:
            self._quiet_until = self._clock() + flood_seconds(error)
            shown.stale = True
        except (*UNREACHABLE, CatalogError) as error:
            shown.stale = True
            log.debug("a choice could not be shown: %s", error)
        except (rpc.RPCError, JobMissing) as error:  # the message was deleted, or the job forgotten
            log.info("a choice in chat %d is not shown any more: %s", chat_id, error)
            self._messages.pop((chat_id, message_id), None)

"""Tells the ends of jobs, and what is to be chosen for them, where they were asked for, once each, whatever dies in
between.

A job that ended and was not told is found by its last change, also after a restart; the message has a random_id of its
own, and that it was sent is stored with the job.
"""

import logging
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from enum import Enum, auto

from pyrogram import Client
from pyrogram import errors as rpc

from streamvault.access.urls import Links
from streamvault.errors import CatalogError, JobMissing, SourceBusy
from streamvault.leech.choice import choice_of
from streamvault.leech.model import Job, State
from streamvault.leech.queue import Queue
from streamvault.leech.store.base import MAX_LISTED
from streamvault.media.model import MediaFile
from streamvault.telegram.accounts.random_ids import one_random_id
from streamvault.telegram.bot.allowance import Allowances
from streamvault.telegram.bot.leech import choice_words, outcomes
from streamvault.telegram.bot.outbox import UNREACHABLE
from streamvault.telegram.bot.replies import send_answer
from streamvault.telegram.bot.texts import Answer
from streamvault.telegram.errors import AlreadySent
from streamvault.telegram.flood_wait import flood_seconds

log = logging.getLogger(__name__)

LOOK_BACK = 86_400.0
"""Seconds before the start of the process in which a job may have ended that is told yet."""
CLOCKS_DIFFER = 10.0
"""Seconds by which the clock of another process may be late; one that is early hides nothing."""
MAX_PENDING = 1000
"""Ends that wait to be told; further ones are found later."""
TOLD = (State.DONE, State.FAILED)

CHAT_AT_ONCE, CHAT_INTERVAL = 10, 3.0
"""Ends that are told in one chat: so many at once, and one more in so many seconds (20 a minute, as in a group)."""

LinksOf = Callable[[Job], Awaitable[Links | None]]
"""The links to a job's file on this server, None where it serves none. Raises CatalogError."""
FileOf = Callable[[Job], Awaitable[MediaFile | None]]
"""A job's file as the library has it, None where it has none yet. Raises CatalogError."""


async def no_file(_: Job) -> MediaFile | None:
    """The default of FileOf."""
    return None


class _Outcome(Enum):
    """What came of telling an end. TOLD: nothing is left of it; LATER: its chat has had enough; FAILED: Telegram may be
    away.
    """

    TOLD = auto()
    LATER = auto()
    FAILED = auto()


class Teller:
    """Of the bot with this id. `client` gives the one that is connected; `buttons`: Telegram accepts the links in
    buttons. `clock` gives seconds that never go back, `now` Unix seconds.
    """

    def __init__(
        self, queue: Queue, links: LinksOf, *, bot: int, client: Callable[[], Client], buttons: bool,
        file: FileOf = no_file,
        clock: Callable[[], float] = time.monotonic, now: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._queue = queue
        self._links, self._file = links, file
        self._bot = bot
        self._client = client
        self._buttons = buttons
        self._clock = clock
        self._pending: OrderedDict[str, None] = OrderedDict()
        self._for_chat = Allowances(CHAT_AT_ONCE, CHAT_INTERVAL, clock)
        self._now = now
        self._since = now() - LOOK_BACK
        self._quiet_until = 0.0

    async def tell(self) -> None:
        """Tell what has ended."""
        try:
            await self._look()
            for id in tuple(self._pending):
                if self._clock() < self._quiet_until:
                    return
                outcome = await self._tell_one(id)
                if outcome is _Outcome.FAILED:
                    return
                if outcome is _Outcome.TOLD:
                    del self._pending[id]
        except CatalogError as error:
            log.debug("no end of a job is told: %s", error)

    async def _look(self) -> None:
        """Add the jobs that have ended since to those that are to be told. Raises CatalogError."""
        since = self._since
        while len(self._pending) < MAX_PENDING:
            jobs = await self._queue.changed(since, limit=MAX_LISTED)
            for job in jobs:
                if self._is_untold(job):
                    self._pending[job.id] = None
            if not jobs:
                return
            last = jobs[-1].updated
            self._since = max(self._since, min(last, self._now()) - CLOCKS_DIFFER)
            if len(jobs) < MAX_LISTED:
                return
            since = last if last > since else math.nextafter(since, math.inf)

    def _is_untold(self, job: Job) -> bool:
        asked = job.asked
        news = job.state in TOLD or choice_of(job) is not None
        return asked is not None and asked.bot == self._bot and news and asked.told != job.updated

    async def news(self, job: Job) -> Answer:
        """What is told of a job, as it and its links are now. Raises CatalogError."""
        if choice_of(job) is not None:
            return choice_words.question(job)
        return outcomes.ended(job, await self._links(job), await self._file(job), buttons=self._buttons)

    async def _tell_one(self, id: str) -> _Outcome:
        """Tell the end of this job, if it is to be told. Raises CatalogError."""
        try:
            job = await self._queue.get(id)
        except JobMissing:
            return _Outcome.TOLD
        if job.asked is None or not self._is_untold(job):
            return _Outcome.TOLD
        if not self._for_chat.take(job.asked.chat_id):
            return _Outcome.LATER
        answer = await self.news(job)
        try:
            with one_random_id(f"the end of {job.id} at {job.updated}"):
                await send_answer(self._client(), job.asked.chat_id, answer, job.asked.message_id)
        except (rpc.FloodWait, SourceBusy) as error:
            self._quiet_until = self._clock() + flood_seconds(error)
            log.debug("ends of jobs are told in %.0f s, as Telegram demands", flood_seconds(error))
            return _Outcome.FAILED
        except AlreadySent:
            log.debug("the end of job %s was told before", job.id)
        except UNREACHABLE as error:
            log.debug("the end of job %s is told later: %s", job.id, error)
            self._pending.move_to_end(id)
            return _Outcome.FAILED
        except rpc.RPCError as error:
            log.warning("the end of job %s cannot be told: %s", job.id, error)
        await self._queue.told(job)
        return _Outcome.TOLD

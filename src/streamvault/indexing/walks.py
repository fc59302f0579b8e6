"""The backfills of one server: a few at once, each chat once, told to everybody who follows."""

import asyncio
import dataclasses
import json
import logging
from collections.abc import AsyncIterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from streamvault.catalog.base import Catalog, Change
from streamvault.errors import FileMissing, StreamVaultError
from streamvault.indexing.backfill import Backfill
from streamvault.indexing.messages import HistorySource
from streamvault.indexing.progress import Progress
from streamvault.indexing.retry import RetryPolicy
from streamvault.reading.retry import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamvault.indexing.chats import OurChats

log = logging.getLogger(__name__)

AT_ONCE = 2
MARK = "backfills"
"""The catalog's name for the chats whose walks are not over, so that a server that was killed goes on with them."""


class Follower:
    """What one listener has not been told yet: the latest of each chat, and no more."""

    def __init__(self, known: dict[int, Progress]) -> None:
        self._news = dict(known)
        self._told = asyncio.Event()
        self._ended = False
        if known:
            self._told.set()

    def tell(self, progress: Progress) -> None:
        """Something has changed."""
        self._news[progress.chat_id] = progress
        self._told.set()

    def end(self) -> None:
        """There is nothing more to follow."""
        self._ended = True
        self._told.set()

    async def next(self) -> list[Progress] | None:
        """What is new, as soon as there is something; None at the end. Cancelling it loses nothing."""
        await self._told.wait()
        if not self._news and self._ended:
            return None
        news, self._news = list(self._news.values()), {}
        if not self._ended:
            self._told.clear()
        return news


class Walks:
    """Starts backfills, runs AT_ONCE of them, and remembers how the last one of each chat went."""

    def __init__(
        self, backfill: Backfill, history: HistorySource, *, catalog: Catalog, chats: "OurChats",
        clock: Clock | None = None,
    ) -> None:  # fmt: skip
        self._backfill = backfill
        self._history = history
        self._catalog = catalog
        self._chats = chats
        self._retry = RetryPolicy(clock=clock)
        self._states: dict[int, Progress] = {}
        self._waiting: asyncio.Queue[tuple[int, bool]] = asyncio.Queue()  # one entry a chat: never more than our chats
        self._followers: set[Follower] = set()
        self._taken_up = False
        self._ended = False

    async def start(self, chat: int | str, *, again: bool = False) -> Progress:
        """Walk through this chat (a number or a username), unless that is under way; how far it is.

        A chat that the bot is in and nobody has named becomes ours, unless CHANNELS says what is. Raises FileMissing
        for one that is not ours or that the bot is not in, SourceBusy, SourceUnavailable, SourceError, CatalogError.
        """
        chat_id = await self._ours(chat)
        await self._take_up()
        if not self.busy(chat_id):
            self._enqueue(chat_id, again=again)
            await self._remember()
        return self._states[chat_id]

    def busy(self, chat_id: int) -> bool:
        """Whether a walk through this chat is under way, or waits for its turn."""
        known = self._states.get(chat_id)
        return known is not None and not known.over

    @property
    def states(self) -> tuple[Progress, ...]:
        """How far each walk is, or how it ended; by chat."""
        return tuple(self._states[chat_id] for chat_id in sorted(self._states))

    @property
    def followers(self) -> int:
        """How many follow."""
        return len(self._followers)

    @contextmanager
    def following(self) -> "Iterator[Follower]":
        """One who is told everything that happens, beginning with how things are."""
        follower = Follower(self._states)
        if self._ended:
            follower.end()
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)

    async def follow(self, chat_id: int) -> AsyncIterator[Progress]:
        """How the walk through one chat goes, until it is over."""
        with self.following() as follower:
            while (news := await follower.next()) is not None:
                for progress in news:
                    if progress.chat_id == chat_id:
                        yield progress
                        if progress.over:
                            return

    def end_followers(self) -> None:
        """Everybody who follows is told that it ends, since the server does."""
        self._ended = True
        for follower in self._followers:
            follower.end()

    async def run(self) -> None:
        """Do the work until cancelled, what an earlier process left undone first. A defect in a walk is raised."""
        await self._retry.run(self._take_up)
        slots = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            while True:
                await slots.acquire()
                chat_id, again = await self._waiting.get()
                walk = group.create_task(self._walk(chat_id, again=again), name=f"backfill {chat_id}")
                walk.add_done_callback(lambda _: slots.release())

    async def _ours(self, chat: int | str) -> int:
        if isinstance(chat, int) and await self._chats.holds(chat):
            return chat
        found = await self._history.find(chat)
        if isinstance(chat, str):
            self._chats.resolve(chat, found.chat_id)
        if not await self._chats.holds(found.chat_id):
            await self._chats.remember(found.chat_id, found.title)
        if not await self._chats.holds(found.chat_id):
            raise FileMissing("CHANNELS does not name this chat")
        return found.chat_id

    def _enqueue(self, chat_id: int, *, again: bool) -> None:
        self._tell(Progress(chat_id, done=0, top=0, files=0, remaining_seconds=None, state="queued"))
        self._waiting.put_nowait((chat_id, again))

    async def _walk(self, chat_id: int, *, again: bool) -> None:
        try:
            over = await self._backfill.walk(chat_id, again=again, on_progress=self._tell)
        except StreamVaultError as error:
            log.warning("the walk through chat %d ended: %s", chat_id, error)
            over = dataclasses.replace(self._states[chat_id], state="failed", detail=str(error), remaining_seconds=None)
        self._states[chat_id] = over
        await self._retry.run(self._remember)
        if self._states[chat_id] is over:
            self._tell(over)

    def _tell(self, progress: Progress) -> None:
        self._states[progress.chat_id] = progress
        for follower in self._followers:
            follower.tell(progress)

    async def _remember(self) -> None:
        going = [chat_id for chat_id, known in sorted(self._states.items()) if not known.over]
        await self._catalog.apply(Change(marks={MARK: json.dumps(going) if going else None}))

    async def _take_up(self) -> None:
        """Queue what an earlier process has left undone; before anything is remembered over it."""
        if self._taken_up:
            return
        kept = await self._catalog.mark(MARK)
        for chat_id in [] if self._taken_up else json.loads(kept or "[]"):
            if not self.busy(chat_id):
                self._enqueue(chat_id, again=False)
        self._taken_up = True

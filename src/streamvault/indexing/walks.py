"""The backfills of one server: runs a few at once, each chat once, and publishes their progress to followers."""

import asyncio
import dataclasses
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

from streamvault.catalog.base import Catalog, Change
from streamvault.errors import FileMissing, StreamVaultError
from streamvault.indexing.backfill import Backfill
from streamvault.indexing.messages import HistorySource
from streamvault.indexing.progress import Progress
from streamvault.indexing.retry import RetryPolicy
from streamvault.reading.retry import Clock, LoopClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamvault.indexing.chats import OurChats

log = logging.getLogger(__name__)

AT_ONCE = 2
PATIENCE = 30.0
"""Seconds after which a walk that waits for Telegram is not counted in AT_ONCE any more: others may begin."""
MARK = "backfills"
"""The mark in the catalog that lists chats whose walks have not ended, so that they are resumed after a restart."""


class Follower:
    """One listener: the progress that it has not read yet, only the latest of each chat."""

    def __init__(self, known: dict[int, Progress]) -> None:
        self._pending = dict(known)
        self._changed = asyncio.Event()
        self._ended = False
        if known:
            self._changed.set()

    def put(self, progress: Progress) -> None:
        """Add the new progress of a chat."""
        self._pending[progress.chat_id] = progress
        self._changed.set()

    def end(self) -> None:
        """No more progress follows."""
        self._ended = True
        self._changed.set()

    async def next(self) -> list[Progress] | None:
        """Wait for progress that was not read yet; None at the end. Cancelling loses nothing."""
        await self._changed.wait()
        if not self._pending and self._ended:
            return None
        pending, self._pending = list(self._pending.values()), {}
        if not self._ended:
            self._changed.clear()
        return pending


class _Slot:
    """One of the walks that are counted. It is given back at the end, or when the walk has waited for PATIENCE."""

    def __init__(self, slots: asyncio.Semaphore, clock: Clock) -> None:
        self._slots = slots
        self._clock = clock
        self._held = True
        self._waits_since: float | None = None

    def note(self, progress: Progress) -> None:
        """The walk has got so far, or waits."""
        if progress.state != "waiting":
            self._waits_since = None
        elif self._waits_since is None:
            self._waits_since = self._clock.time()
        elif self._clock.time() - self._waits_since >= PATIENCE:
            self.release()

    def release(self, _: object = None) -> None:
        """Give it back, once."""
        if self._held:
            self._held = False
            self._slots.release()


class Walks:
    """Starts backfills, runs AT_ONCE of them at a time, and keeps the last progress of each chat."""

    def __init__(
        self, backfill: Backfill, history: HistorySource, *, catalog: Catalog, chats: "OurChats",
        clock: Clock | None = None,
    ) -> None:  # fmt: skip
        self._backfill = backfill
        self._history = history
        self._catalog = catalog
        self._chats = chats
        self._retry = RetryPolicy(clock=clock)
        self._clock = clock or LoopClock()
        self._states: dict[int, Progress] = {}
        self._waiting: asyncio.Queue[tuple[int, bool]] = asyncio.Queue()  # one entry per chat
        self._followers: set[Follower] = set()
        self._listeners: list[Callable[[Progress], None]] = []
        self._resumed = False
        self._ended = False

    async def start(self, chat: int | str, *, again: bool = False) -> Progress:
        """Queue a walk through this chat (an id or a username), unless one is under way; returns its progress.

        A chat that the bot is in becomes one of ours by this, unless CHANNELS is set. Raises FileMissing for a chat
        that CHANNELS does not name or that the bot is not in; SourceBusy, SourceUnavailable, SourceError, CatalogError.
        """
        chat_id = await self._ours(chat)
        await self._resume()
        if not self.busy(chat_id):
            self._enqueue(chat_id, again=again)
            await self._remember()
        return self._states[chat_id]

    def busy(self, chat_id: int) -> bool:
        """Whether a walk through this chat is under way or queued."""
        known = self._states.get(chat_id)
        return known is not None and not known.over

    @property
    def states(self) -> tuple[Progress, ...]:
        """The last progress of each walk, ordered by chat id."""
        return tuple(self._states[chat_id] for chat_id in sorted(self._states))

    @property
    def followers(self) -> int:
        """The number of followers."""
        return len(self._followers)

    @contextmanager
    def following(self) -> "Iterator[Follower]":
        """A follower of all walks; it begins with the current progress of each."""
        follower = Follower(self._states)
        if self._ended:
            follower.end()
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)

    def listen(self, call: Callable[[Progress], None]) -> None:
        """Have `call` called with each progress of a walk."""
        self._listeners.append(call)

    async def follow(self, chat_id: int) -> AsyncIterator[Progress]:
        """The progress of the walk through one chat, until it has ended."""
        with self.following() as follower:
            while (pending := await follower.next()) is not None:
                for progress in pending:
                    if progress.chat_id == chat_id:
                        yield progress
                        if progress.over:
                            return

    def end_followers(self) -> None:
        """End all followers, because the server shuts down."""
        self._ended = True
        for follower in self._followers:
            follower.end()

    async def run(self) -> None:
        """Run queued walks until cancelled, unfinished ones of an earlier process first. Raises unexpected errors."""
        await self._retry.run(self._resume)
        slots = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            while True:
                await slots.acquire()
                chat_id, again = await self._waiting.get()
                slot = _Slot(slots, self._clock)
                walk = group.create_task(self._walk(chat_id, slot, again=again), name=f"backfill {chat_id}")
                walk.add_done_callback(slot.release)

    async def _ours(self, chat: int | str) -> int:
        if isinstance(chat, int) and await self._chats.holds(chat):
            return chat
        found = await self._history.find(chat)
        if isinstance(chat, str):
            self._chats.resolve(chat, found.chat_id)
        if not await self._chats.holds(found.chat_id):
            await self._chats.choose(found.chat_id, found.title)
        if not await self._chats.holds(found.chat_id):
            raise FileMissing("CHANNELS does not name this chat")
        return found.chat_id

    def _enqueue(self, chat_id: int, *, again: bool) -> None:
        self._publish(Progress(chat_id, done=0, top=0, files=0, remaining_seconds=None, state="queued"))
        self._waiting.put_nowait((chat_id, again))

    async def _walk(self, chat_id: int, slot: "_Slot", *, again: bool) -> None:
        def on_progress(progress: Progress) -> None:
            slot.note(progress)
            self._publish(progress)

        try:
            over = await self._backfill.walk(chat_id, again=again, on_progress=on_progress)
        except StreamVaultError as error:
            log.warning("the walk through chat %d ended: %s", chat_id, error)
            over = dataclasses.replace(self._states[chat_id], state="failed", detail=str(error), remaining_seconds=None)
        self._states[chat_id] = over
        await self._retry.run(self._remember)
        if self._states[chat_id] is over:
            self._publish(over)

    def _publish(self, progress: Progress) -> None:
        self._states[progress.chat_id] = progress
        for follower in self._followers:
            follower.put(progress)
        for call in self._listeners:
            call(progress)

    async def _remember(self) -> None:
        going = [chat_id for chat_id, known in sorted(self._states.items()) if not known.over]
        await self._catalog.apply(Change(marks={MARK: json.dumps(going) if going else None}))

    async def _resume(self) -> None:
        """Queue the unfinished walks of an earlier process, once, before the mark is overwritten."""
        if self._resumed:
            return
        kept = await self._catalog.mark(MARK)
        for chat_id in [] if self._resumed else json.loads(kept or "[]"):
            if not self.busy(chat_id):
                self._enqueue(chat_id, again=False)
        self._resumed = True

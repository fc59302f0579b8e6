"""Backfill: the walk through a chat's history, newest first, that can stop anywhere and is resumed there.

Each batch is stored in one transaction with the position after it, so a walk that is killed only repeats what it was
reading. Messages that are posted meanwhile come through the live index; a deletion that it was told of wins over an
older read.
"""

import asyncio
import dataclasses
import logging
from collections import deque
from collections.abc import Callable, Iterator

from streamvault.catalog.base import Catalog, Change
from streamvault.errors import StreamVaultError
from streamvault.indexing.batches import Batch, DeletedRecently, Span, spans
from streamvault.indexing.messages import HistorySource
from streamvault.indexing.progress import Progress, Rate, State, WalkPosition
from streamvault.indexing.reconcile import OnStored, Reconciler, ignore_change
from streamvault.indexing.retry import RetryPolicy, reason
from streamvault.media.history import BATCH
from streamvault.reading.retry import Clock, LoopClock

log = logging.getLogger(__name__)

AHEAD = 3
"""Batches that are read while one is being stored."""

STRETCH = 50 * BATCH
"""Ids that a walk by ids reads before it tries again whether pages can be read."""

OnProgress = Callable[[Progress], None]


def mark_name(chat_id: int) -> str:
    """The name of the mark under which the catalog stores the position of a chat's walk."""
    return f"backfill/{chat_id}"


class Backfill:
    """Walks through chats; one instance for all of them."""

    def __init__(
        self, catalog: Catalog, history: HistorySource, *, deleted_recently: DeletedRecently = lambda _: False,
        on_stored: OnStored = ignore_change, clock: Clock | None = None,
    ) -> None:  # fmt: skip
        self.deleted_recently = deleted_recently
        self.on_stored = on_stored
        self.catalog = catalog
        self.history = history
        self.clock = clock or LoopClock()

    async def walk(self, chat_id: int, *, again: bool = False, on_progress: OnProgress = lambda _: None) -> Progress:
        """Walk until everything up to the newest message is known; returns the last progress.

        The walk is resumed where the last one of this chat stopped; if that one finished, it goes down to where that
        one began. `again`: walk through everything again. Raises FileMissing (the bot is not in the chat), SourceError
        (Telegram refuses).
        """
        return await _Walk(self, chat_id, on_progress).run(again=again)


class _Walk:
    """One walk."""

    def __init__(self, owner: Backfill, chat_id: int, on_progress: OnProgress) -> None:
        self._catalog = owner.catalog
        self._chat_id = chat_id
        self._on_progress = on_progress
        self._clock = owner.clock
        self._retry = RetryPolicy(clock=self._clock, on_wait=self._waits)
        self._reconciler = Reconciler(
            owner.catalog, owner.history, self._retry,
            deleted_recently=owner.deleted_recently, on_stored=owner.on_stored,
        )  # fmt: skip
        self._position = WalkPosition()
        self._rate = Rate(self._clock.time, 0)

    async def run(self, *, again: bool) -> Progress:
        """See Backfill.walk."""
        mark = mark_name(self._chat_id)
        if again:  # stored at once, so that a walk that is killed before its first batch is resumed as a complete one
            await self._retry.run(lambda: self._catalog.apply(Change(marks={mark: None})))
        self._position = WalkPosition.decode(await self._retry.run(lambda: self._catalog.mark(mark)))
        if self._position.finished:
            self._position = dataclasses.replace(self._position, files=0)
        while not self._position.finished or await self._has_more():
            self._rate = Rate(self._clock.time, self._position.done)
            self._report()
            await self._walk_down()
        position = self._position
        log.info("chat %d is walked: %d files up to message %d", self._chat_id, position.files, position.top)
        counts = await self._retry.run(lambda: self._catalog.counts(frozenset({self._chat_id})))
        return dataclasses.replace(self._progress("finished"), known=counts.files)

    async def _has_more(self) -> bool:
        """Whether there are messages above the walked ones; the position then covers them."""
        known = self._position.top
        top = await self._reconciler.newest_id(self._chat_id)
        if top > known:
            self._position = WalkPosition(floor=known, next=top, top=top, files=self._position.files)
        return top > known

    async def _walk_down(self) -> None:
        """From the position down to its floor: by pages as long as they can be read, else by ids."""
        while not self._position.finished:
            await self._by_pages()
            lowest = max(self._position.floor, (self._position.next - STRETCH) // BATCH * BATCH)
            await self._by_ids(lowest)

    async def _by_pages(self) -> None:
        """Each page says where the next one begins, which is read while the page before it is stored."""
        coming = asyncio.create_task(self._page(self._position.next))
        try:
            while (batch := await coming) is not None:
                if batch.span.first - 1 > self._position.floor:
                    coming = asyncio.create_task(self._page(batch.span.first - 1))
                await self._store(batch)
                self._report()
                if self._position.finished:
                    return
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)

    async def _page(self, top: int) -> Batch | None:
        return await self._reconciler.read_page(self._chat_id, Span(self._position.floor + 1, top))

    async def _by_ids(self, floor: int) -> None:
        """Down to above `floor`; up to AHEAD batches are read ahead of the one being stored."""
        coming = spans(self._position.next, floor)
        reads: deque[asyncio.Task[Batch]] = deque()
        try:
            self._read_ahead(coming, reads)
            while reads:
                batch = await reads.popleft()
                self._read_ahead(coming, reads)
                await self._store(batch)
                self._report()
        finally:
            for task in reads:
                task.cancel()
            await asyncio.gather(*reads, return_exceptions=True)

    def _read_ahead(self, coming: Iterator[Span], reads: deque[asyncio.Task[Batch]]) -> None:
        while len(reads) < AHEAD and (span := next(coming, None)) is not None:
            reads.append(asyncio.create_task(self._reconciler.read_ids(self._chat_id, span)))

    async def _store(self, batch: Batch) -> None:
        """Store what a batch changes, and the position after it."""
        position = self._position
        position = dataclasses.replace(position, next=batch.span.first - 1, files=position.files + batch.files)
        if position.finished:
            position = dataclasses.replace(position, floor=position.top, next=position.top)
        change = await self._reconciler.store(batch, marks={mark_name(self._chat_id): position.encode()})
        self._position = position
        await self._reconciler.notify(change)

    def _waits(self, error: StreamVaultError | None) -> None:
        if error is None:
            self._report()
        else:
            log.debug("the walk through chat %d waits: %s", self._chat_id, error)
            self._on_progress(dataclasses.replace(self._progress("waiting"), detail=reason(error)))

    def _report(self) -> None:
        self._on_progress(self._progress("walking"))

    def _progress(self, state: State) -> Progress:
        position = self._position
        return Progress(
            chat_id=self._chat_id,
            done=position.done,
            top=position.top,
            files=position.files,
            remaining_seconds=self._rate.remaining(position),
            state=state,
        )

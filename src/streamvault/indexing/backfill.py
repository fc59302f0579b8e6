"""The walk through a chat's history, newest first, that leaves off anywhere and goes on there.

Each batch is stored together with the place after it, so a walk that was killed loses what it was just reading and
nothing else. Messages that come meanwhile are the live index's; deletions that it was told of win over older reads.
"""

import asyncio
import dataclasses
import logging
from collections import deque
from collections.abc import Callable, Iterator

from streamvault.catalog.base import Catalog, Change
from streamvault.errors import StreamVaultError
from streamvault.indexing.batches import (
    Batch,
    DeletedRecently,
    OnStored,
    Span,
    difference,
    ignore_change,
    read_batch,
    read_page,
    spans,
    upper_end,
)
from streamvault.indexing.messages import HistorySource
from streamvault.indexing.progress import Progress, Rate, State, WalkPosition
from streamvault.indexing.retry import RetryPolicy, reason
from streamvault.media.history import BATCH
from streamvault.reading.retry import Clock, LoopClock

log = logging.getLogger(__name__)

AHEAD = 3
"""Batches that are read while one is being stored."""

STRETCH = 50 * BATCH
"""Ids after which a walk that names them asks again whether somebody may read pages."""

OnProgress = Callable[[Progress], None]


def mark_name(chat_id: int) -> str:
    """Under which name the catalog keeps the place of a chat's walk."""
    return f"backfill/{chat_id}"


class Backfill:
    """Walks chats; one instance for all of them."""

    def __init__(
        self, catalog: Catalog, history: HistorySource, *, deleted_recently: DeletedRecently = lambda _: False,
        on_stored: OnStored = ignore_change, clock: Clock | None = None,
    ) -> None:  # fmt: skip
        self.deleted_recently = deleted_recently
        self.on_stored = on_stored
        self._catalog = catalog
        self._history = history
        self._clock = clock or LoopClock()

    async def walk(self, chat_id: int, *, again: bool = False, on_progress: OnProgress = lambda _: None) -> Progress:
        """Walk until everything up to the newest message is known, telling each step; the last one is returned.

        It goes on where the last walk of this chat left off; where that was finished, down to where it began.
        `again`: all of it anew. Raises FileMissing (the bot is not in the chat), SourceError (Telegram refuses).
        """
        return await _Walk(self, chat_id, on_progress).run(again=again)


class _Walk:
    """One walk."""

    def __init__(self, owner: Backfill, chat_id: int, on_progress: OnProgress) -> None:
        self._owner = owner
        self._catalog, self._history = owner._catalog, owner._history
        self._chat_id = chat_id
        self._on_progress = on_progress
        self._clock = owner._clock
        self._retry = RetryPolicy(clock=self._clock, told=self._waits)
        self._place = WalkPosition()
        self._rate = Rate(self._clock.time, 0)

    async def run(self, *, again: bool) -> Progress:
        """See Backfill.walk."""
        mark = mark_name(self._chat_id)
        if again:  # a walk that is killed before its first batch is one of all of it, too
            await self._retry.run(lambda: self._catalog.apply(Change(marks={mark: None})))
        self._place = WalkPosition.decode(await self._retry.run(lambda: self._catalog.mark(mark)))
        if self._place.finished:
            self._place = dataclasses.replace(self._place, files=0)
        while not self._place.finished or await self._more():
            self._rate = Rate(self._clock.time, self._place.done)
            self._report()
            await self._down()
        log.info("chat %d is walked: %d files up to message %d", self._chat_id, self._place.files, self._place.top)
        return self._progress("finished")

    async def _more(self) -> bool:
        """Whether there is anything above what is known, which is to be walked next then."""
        known = self._place.top
        top = await upper_end(self._catalog, self._history, self._retry, chat_id=self._chat_id)
        if top > known:
            self._place = WalkPosition(floor=known, next=top, top=top, files=self._place.files)
        return top > known

    async def _down(self) -> None:
        """From the place down to its floor: by pages as long as somebody may read them, else by ids."""
        while not self._place.finished:
            await self._by_pages()
            lowest = max(self._place.floor, (self._place.next - STRETCH) // BATCH * BATCH)
            await self._by_ids(lowest)

    async def _by_pages(self) -> None:
        """Each page tells where the next one begins, which is read while the one before it is stored."""
        coming = asyncio.create_task(self._page(self._place.next))
        try:
            while (batch := await coming) is not None:
                if batch.span.first - 1 > self._place.floor:
                    coming = asyncio.create_task(self._page(batch.span.first - 1))
                await self._keep(batch)
                self._report()
                if self._place.finished:
                    return
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)

    async def _page(self, top: int) -> Batch | None:
        span = Span(self._place.floor + 1, top)
        return await read_page(self._catalog, self._history, self._retry, chat_id=self._chat_id, span=span)

    async def _by_ids(self, floor: int) -> None:
        """Down to above `floor`; the reads are ahead of the database by AHEAD."""
        coming = spans(self._place.next, floor)
        reads: deque[asyncio.Task[Batch]] = deque()
        try:
            self._read_ahead(coming, reads)
            while reads:
                batch = await reads.popleft()
                self._read_ahead(coming, reads)
                await self._keep(batch)
                self._report()
        finally:
            for task in reads:
                task.cancel()
            await asyncio.gather(*reads, return_exceptions=True)

    def _read_ahead(self, coming: Iterator[Span], reads: deque[asyncio.Task[Batch]]) -> None:
        while len(reads) < AHEAD and (span := next(coming, None)) is not None:
            reads.append(asyncio.create_task(self._read(span)))

    async def _read(self, span: Span) -> Batch:
        return await read_batch(self._catalog, self._history, self._retry, chat_id=self._chat_id, span=span)

    async def _keep(self, batch: Batch) -> None:
        """Store what a batch changes, and the place after it."""
        place = dataclasses.replace(self._place, next=batch.span.first - 1, files=self._place.files + batch.files)
        if place.finished:
            place = dataclasses.replace(place, floor=place.top, next=place.top)
        marks = {mark_name(self._chat_id): place.encode()}

        async def store() -> Change:
            change = dataclasses.replace(difference(batch, deleted=self._owner.deleted_recently), marks=marks)
            await self._catalog.apply(change)
            return change

        change = await self._retry.run(store)
        self._place = place
        await self._retry.run(lambda: self._owner.on_stored(change))

    def _waits(self, error: StreamVaultError | None) -> None:
        if error is None:
            self._report()
        else:
            log.warning("the walk through chat %d waits: %s", self._chat_id, error)
            self._on_progress(dataclasses.replace(self._progress("waiting"), detail=reason(error)))

    def _report(self) -> None:
        self._on_progress(self._progress("walking"))

    def _progress(self, state: State) -> Progress:
        place = self._place
        return Progress(
            chat_id=self._chat_id,
            done=place.done,
            top=place.top,
            files=place.files,
            remaining_seconds=self._rate.remaining(place),
            state=state,
        )

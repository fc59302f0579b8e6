"""Reads a chat from the catalog and from Telegram in batches, and makes the catalog equal; used by backfill and repair.

A walk reads the catalog before Telegram: a message that was stored and that Telegram then shows as empty was deleted,
and a message that is posted between the two reads is not part of the batch. What cannot be read counts as unknown, not
as deleted. This is where a deleted post that no update reported leaves the catalog; `LiveIndex` removes the others.

A history read by pages is the exception: how far a page reaches is known only afterwards, so the catalog is read after
Telegram. What is stored and missing on the page is then read once more, by id, before it counts as deleted.
"""

import dataclasses
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from streamvault.catalog.base import Catalog, Change
from streamvault.indexing.batches import Batch, DeletedRecently, Span, difference
from streamvault.indexing.messages import HistorySource
from streamvault.indexing.retry import RetryPolicy
from streamvault.media.history import BATCH, Messages
from streamvault.media.model import MediaFile, Origin

LAST_ID = (1 << 31) - 1
MOST_STORED = 2 * BATCH
"""Stored rows that one batch is compared with at most."""

OnStored = Callable[[Change], Awaitable[None]]
"""Called with each change after it is stored; called again while it raises CatalogError, but not after a crash."""


async def ignore_change(_: Change) -> None:
    """The default of OnStored."""


class Reconciler:
    """Reads and stores the batches of walks; every call is repeated as `retry` decides.

    Every method raises FileMissing (the bot is not in the chat) and SourceError (Telegram refuses).
    """

    def __init__(
        self,
        catalog: Catalog,
        history: HistorySource,
        retry: RetryPolicy,
        *,
        deleted_recently: DeletedRecently,
        on_stored: OnStored,
    ) -> None:
        self._catalog = catalog
        self._history = history
        self._retry = retry
        self._deleted_recently = deleted_recently
        self._on_stored = on_stored

    async def newest_id(self, chat_id: int) -> int:
        """The newest id in Telegram or in the catalog, whose newest messages may have been deleted."""
        newest = await self._retry.run(lambda: self._history.newest(chat_id))
        above = await self._retry.run(lambda: self._catalog.messages(chat_id, first=newest + 1, last=LAST_ID))
        return above[-1] if above else newest

    async def read_ids(self, chat_id: int, span: Span) -> Batch:
        """A span read by its ids, from the catalog first."""
        stored = await self._retry.run(lambda: self._stored_files(chat_id, span))
        sent = await self._retry.run(lambda: self._history.messages(chat_id, span.ids))
        return Batch(chat_id, span, stored, sent)

    async def read_some(self, chat_id: int, numbers: Sequence[int]) -> Batch:
        """Some messages, at most BATCH; Telegram is asked once, and its errors are raised at once."""
        stored = await self._retry.run(lambda: self._rows(chat_id, numbers))
        sent = await self._history.messages(chat_id, numbers)
        return Batch(chat_id, Span(min(numbers), max(numbers)), stored, sent)

    async def read_page(self, chat_id: int, span: Span) -> Batch | None:
        """The upper part of a span of any length, as far as one page of the history reaches; None if pages cannot be
        read. Stored messages that the page does not show are read by id, too.
        """
        page = await self._retry.run(lambda: self._history.page(chat_id, top=span.last, floor=span.first - 1))
        if page is None:
            return None
        found = await self._retry.run(lambda: self._upper_part(chat_id, Span(page.first, span.last)))
        there = {number: file for number, file in page.there.items() if number >= found.span.first}
        gone = set[int]()
        missing = sorted(number for number in found.stored if there.get(number) is None)
        for some in (missing[at : at + BATCH] for at in range(0, len(missing), BATCH)):
            sent = await self._retry.run(lambda some=some: self._history.messages(chat_id, some))  # type: ignore[misc]
            for number in some:
                there.pop(number, None)
            there.update(sent.there)
            gone |= sent.gone
        return Batch(chat_id, found.span, found.stored, Messages(there, frozenset(gone)))

    async def store(self, batch: Batch, *, marks: Mapping[str, str | None]) -> Change:
        """Store the difference of a batch together with `marks`, in one transaction; nothing if there is neither."""

        async def apply() -> Change:
            change = dataclasses.replace(difference(batch, deleted=self._deleted_recently), marks=marks)
            if change.put or change.gone or change.marks:
                await self._catalog.apply(change)
            return change

        return await self._retry.run(apply)

    async def notify(self, change: Change) -> None:
        """Call `on_stored` with a change that was stored."""
        await self._retry.run(lambda: self._on_stored(change))

    async def _upper_part(self, chat_id: int, span: Span) -> "_Stored":
        """The stored files of a span, or of its upper part if there are more than MOST_STORED of them."""
        stored = await self._stored_files(chat_id, span, most=MOST_STORED + 1)
        if len(stored) <= MOST_STORED:
            return _Stored(span, stored)
        ids = await self._catalog.messages(chat_id, first=span.first, last=span.last)
        span = Span(ids[-min(MOST_STORED, len(ids))], span.last) if ids else span
        return _Stored(span, await self._stored_files(chat_id, span, most=MOST_STORED))

    async def _rows(self, chat_id: int, numbers: Sequence[int]) -> dict[int, MediaFile]:
        """The stored files of these messages."""
        found = {number: await self._catalog.get(Origin(chat_id, number)) for number in numbers}
        return {number: file for number, file in found.items() if file is not None}

    async def _stored_files(self, chat_id: int, span: Span, *, most: int = BATCH) -> dict[int, MediaFile]:
        """The stored files of a span by message id, from its lower end on, at most `most` of them."""
        entries = await self._catalog.dump(Origin(chat_id, span.first - 1), most)
        return _within(chat_id, span, files=(entry.file for entry in entries))


@dataclass(frozen=True, slots=True)
class _Stored:
    span: Span
    stored: Mapping[int, MediaFile]


def _within(chat_id: int, span: Span, *, files: Iterable[MediaFile]) -> dict[int, MediaFile]:
    return {
        file.origin.message_id: file
        for file in files
        if file.origin.chat_id == chat_id and file.origin.message_id <= span.last
    }

"""What a walk does a hundred messages at a time: read what is stored and what there is, and tell the difference."""

import dataclasses
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from streamvault.catalog.base import Catalog, Change
from streamvault.indexing.messages import HistorySource
from streamvault.indexing.retry import RetryPolicy
from streamvault.media.history import BATCH, Messages
from streamvault.media.model import MediaFile, Origin
from streamvault.media.parts import as_posted

LAST_ID = (1 << 31) - 1
MOST_STORED = 2 * BATCH
"""Stored rows that one batch is compared with at most."""

_VIEWS = 10  # a tenth more or fewer views are worth a write

DeletedRecently = Callable[[Origin], bool]
"""Whether an update has told that this message was deleted, so that an older read must not bring it back."""

OnStored = Callable[[Change], Awaitable[None]]
"""Told of each change once it is stored; tried again while it raises CatalogError, but not after a crash."""


async def ignore_change(_: Change) -> None:
    """The default of Stored."""


@dataclass(frozen=True, slots=True)
class Span:
    """The ids from `first` to `last`, both included; at most BATCH where they are read by name."""

    first: int
    last: int

    @property
    def ids(self) -> range:
        """All of them."""
        return range(self.first, self.last + 1)


@dataclass(frozen=True, slots=True)
class Batch:
    """One span as it was stored, and as Telegram told it afterwards."""

    chat_id: int
    span: Span
    stored: Mapping[int, MediaFile]
    told: Messages

    @property
    def files(self) -> int:
        """How many of the messages hold a file."""
        return sum(file is not None for file in self.told.there.values())


def spans(top: int, floor: int) -> Iterator[Span]:
    """What covers the ids above `floor` up to `top`, the newest first, in as few reads as there can be.

    They end where whole hundreds end, so that a walk that goes on elsewhere asks for no id twice.
    """
    while top > floor:
        first = max(floor + 1, (top - 1) // BATCH * BATCH + 1)
        yield Span(first, top)
        top = first - 1


def difference(batch: Batch, *, deleted: DeletedRecently) -> Change:
    """What makes the catalog say what Telegram says. Nothing is gone for being unknown."""
    chat_id, stored, told = batch.chat_id, batch.stored, batch.told
    put = [
        file
        for number, file in told.there.items()
        if file is not None and not _says(stored.get(number), file) and not deleted(file.origin)
    ]
    empty = told.gone | {number for number, file in told.there.items() if file is None}
    return Change(put=put, gone=[Origin(chat_id, number) for number in stored if number in empty])


async def read_batch(
    catalog: Catalog, history: HistorySource, retry: RetryPolicy, *, chat_id: int, span: Span
) -> Batch:
    """Read both sides, the catalog first: what is stored and then gone from Telegram was deleted, while a message
    that comes between the two reads is none of this batch.

    Raises FileMissing, or SourceError for what Telegram refuses.
    """
    stored = await retry.run(lambda: stored_files(catalog, chat_id, span=span))
    told = await retry.run(lambda: history.messages(chat_id, span.ids))
    return Batch(chat_id, span, stored, told)


async def read_page(
    catalog: Catalog, history: HistorySource, retry: RetryPolicy, *, chat_id: int, span: Span
) -> Batch | None:
    """The upper part of a span of any length, as far as one page of the history reaches; None where there are none.

    Nobody knows before how far that is, so here the catalog is read after Telegram. What is stored and not shown may
    thus be newer than the page: it is read once more, by its ids, before it counts as deleted.
    Raises FileMissing, or SourceError for what Telegram refuses.
    """
    page = await retry.run(lambda: history.page(chat_id, top=span.last, floor=span.first - 1))
    if page is None:
        return None
    found = await retry.run(lambda: _upper_part(catalog, chat_id, span=Span(page.first, span.last)))
    span = found.span
    there = {number: file for number, file in page.there.items() if number >= span.first}
    gone = set[int]()
    doubted = sorted(number for number in found.stored if there.get(number) is None)
    for some in (doubted[at : at + BATCH] for at in range(0, len(doubted), BATCH)):
        told = await retry.run(lambda some=some: history.messages(chat_id, some))  # type: ignore[misc]
        for number in some:
            there.pop(number, None)
        there.update(told.there)
        gone |= told.gone
    return Batch(chat_id, span, found.stored, Messages(there, frozenset(gone)))


@dataclass(frozen=True, slots=True)
class _Stored:
    span: Span
    stored: Mapping[int, MediaFile]


async def _upper_part(catalog: Catalog, chat_id: int, *, span: Span) -> _Stored:
    """The stored files of a span, or of its upper part where there are more than MOST_STORED of them."""
    stored = await stored_files(catalog, chat_id, span=span, most=MOST_STORED + 1)
    if len(stored) <= MOST_STORED:
        return _Stored(span, stored)
    ids = await catalog.messages(chat_id, first=span.first, last=span.last)
    span = Span(ids[-min(MOST_STORED, len(ids))], span.last) if ids else span
    return _Stored(span, await stored_files(catalog, chat_id, span=span, most=MOST_STORED))


async def stored_files(catalog: Catalog, chat_id: int, *, span: Span, most: int = BATCH) -> dict[int, MediaFile]:
    """The stored files of a span by message id, from its lower end on, `most` of them."""
    entries = await catalog.dump(Origin(chat_id, span.first - 1), most)
    return _within(chat_id, span, files=(entry.file for entry in entries))


async def upper_end(catalog: Catalog, history: HistorySource, retry: RetryPolicy, *, chat_id: int) -> int:
    """The newest id that either side knows of: the newest stored messages may be deleted."""
    newest = await retry.run(lambda: history.newest(chat_id))
    above = await retry.run(lambda: catalog.messages(chat_id, first=newest + 1, last=LAST_ID))
    return above[-1] if above else newest


def _within(chat_id: int, span: Span, *, files: Iterable[MediaFile]) -> dict[int, MediaFile]:
    return {
        file.origin.message_id: file
        for file in files
        if file.origin.chat_id == chat_id and file.origin.message_id <= span.last
    }


def _says(stored: MediaFile | None, told: MediaFile) -> bool:
    """Whether a stored row says what its message says, as far as a write is worth it."""
    if stored is None:
        return False
    stored = as_posted(stored)
    if abs((stored.views or 0) - (told.views or 0)) * _VIEWS <= (stored.views or 0):
        told = dataclasses.replace(told, views=stored.views)
    return told == stored

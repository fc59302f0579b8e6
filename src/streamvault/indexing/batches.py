"""A batch of a chat's history: what the catalog and Telegram say of a span of message ids, and the difference; pure.

Batches are read and stored by reconcile.py.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from streamvault.catalog.base import Change
from streamvault.media.classification import in_album, posted
from streamvault.media.history import BATCH, Messages
from streamvault.media.model import MediaFile, Origin

_VIEWS = 10  # a difference in views below a tenth is not written

DeletedRecently = Callable[[Origin], bool]
"""Whether an update reported the deletion of this message, so that an older read must not store it again."""


@dataclass(frozen=True, slots=True)
class Span:
    """The message ids from `first` to `last`, both included; at most BATCH where they are read by id."""

    first: int
    last: int

    @property
    def ids(self) -> range:
        """All of them."""
        return range(self.first, self.last + 1)


@dataclass(frozen=True, slots=True)
class Batch:
    """The files `stored` in the catalog for one span, by message id, and what Telegram `sent` for it afterwards."""

    chat_id: int
    span: Span
    stored: Mapping[int, MediaFile]
    sent: Messages

    @property
    def files(self) -> int:
        """How many of the messages hold a file."""
        return sum(file is not None for file in self.sent.there.values())


def spans(top: int, floor: int) -> Iterator[Span]:
    """Spans that cover the ids above `floor` up to `top`, the newest first, in as few reads as possible.

    They end at whole hundreds, so that a walk that is resumed elsewhere asks for no id twice.
    """
    while top > floor:
        first = max(floor + 1, (top - 1) // BATCH * BATCH + 1)
        yield Span(first, top)
        top = first - 1


def difference(batch: Batch, *, deleted: DeletedRecently) -> Change:
    """The change that makes the catalog equal to Telegram. A message of which nothing is known stays."""
    chat_id, stored, sent = batch.chat_id, batch.stored, batch.sent
    put = [
        file
        for number, file in sent.there.items()
        if file is not None and not _is_current(stored.get(number), file) and not deleted(file.origin)
    ]
    empty = sent.gone | {number for number, file in sent.there.items() if file is None}
    return Change(put=put, gone=[Origin(chat_id, number) for number in stored if number in empty])


def _is_current(stored: MediaFile | None, sent: MediaFile) -> bool:
    """Whether a stored row equals its message, apart from a small difference in views."""
    if stored is None:
        return False
    stored = in_album(posted(stored), "")
    if stored.sent is None or sent.sent is None:  # stored by a version that did not keep it
        stored, sent = dataclasses.replace(stored, sent=None), dataclasses.replace(sent, sent=None)
    if abs((stored.views or 0) - (sent.views or 0)) * _VIEWS <= (stored.views or 0):
        sent = dataclasses.replace(sent, views=stored.views)
    if sent.forwarded_from is None:  # a mirror's copy is stored as one (JoiningCatalog.copied_from)
        sent = dataclasses.replace(sent, forwarded_from=stored.forwarded_from)
    return sent == stored

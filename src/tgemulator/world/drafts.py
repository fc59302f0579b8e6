"""Messages before they have an id, and what an edit puts in their place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tgemulator.world.model import Message, PaidMedia, Peer
from tgemulator.world.stored_file import StoredFile


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it has an id; `reply_to` in the sender's ids, `date` None is now. See Message for the rest."""

    text: str = ""
    file: StoredFile | None = None
    entities: Sequence[Any] = ()
    reply_markup: Any = None
    reply_to: int | None = None
    grouped_id: int | None = None
    action: Any = None
    silent: bool = False
    date: int | None = None
    forwarded_from: Peer | None = None
    forwarded_message_id: int | None = None
    forwarded_date: int | None = None
    forwarded_name: str = ""
    saved_from: tuple[Peer, int] | None = None
    sent_as: Peer | None = None
    thread: int | None = None
    paid: PaidMedia | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """New content of a message; every field replaces what was there."""

    text: str
    entities: Sequence[Any] = ()
    file: StoredFile | None = None
    reply_markup: Any = None


def thread_of(replied: Message | None) -> int | None:
    """The thread that a reply to this message belongs to."""
    if replied is None:
        return None
    return replied.id if replied.saved_from is not None else replied.thread


def discussed(post: Message) -> Draft:
    """The copy of a channel's post that its discussion group gets, as an album of its own."""
    return Draft(
        text=post.text,
        file=post.file,
        entities=list(post.entities),
        grouped_id=None if post.grouped_id is None else post.grouped_id ^ post.peer[1],
        sent_as=post.peer,
        forwarded_from=post.forwarded_from or post.peer,
        forwarded_message_id=post.forwarded_message_id if post.forwarded_from else post.id,
        forwarded_date=post.forwarded_date or post.date,
        saved_from=(post.peer, post.id),
        paid=post.paid,
    )

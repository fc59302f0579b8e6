"""Messages before they have an id, and what an edit puts in their place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tgemulator.world.model import Forward, Message, PaidMedia, Peer
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
    forward: Forward | None = None
    sent_as: Peer | None = None
    thread: int | None = None
    paid: PaidMedia | None = None
    noforwards: bool = False
    other: Any = None
    view_once: int | None = None


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
    is_copy = replied.forward is not None and replied.forward.saved_from is not None
    return replied.id if is_copy else replied.thread


def discussed(post: Message) -> Draft:
    """The copy of a channel's post that its discussion group gets, as an album of its own."""
    origin = post.forward or Forward()
    return Draft(
        text=post.text,
        file=post.file,
        entities=list(post.entities),
        grouped_id=None if post.grouped_id is None else post.grouped_id ^ post.peer[1],
        sent_as=post.peer,
        forward=Forward(
            origin.origin or post.peer,
            post=origin.post if origin.origin else post.id,
            date=origin.date or post.date,
            saved_from=(post.peer, post.id),
        ),
        paid=post.paid,
    )

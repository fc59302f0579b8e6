"""The random_id of what is sent: Telegram sends one message for each, however often it is asked."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pyrogram.session.internals import MsgId

_chosen: ContextVar[int | None] = ContextVar("random_id", default=None)


def next_random_id() -> int:
    """Kurigram's `rnd_id`: the chosen one, else a new one."""
    chosen = _chosen.get()
    return int(MsgId()) if chosen is None else chosen


@contextmanager
def one_random_id(text: str | None) -> Iterator[None]:
    """The one message that is sent within has a random_id made of `text`; any for None."""
    token = _chosen.set(None if text is None else random_id_of(text))
    try:
        yield
    finally:
        _chosen.reset(token)


@contextmanager
def another_random_id() -> Iterator[None]:
    """Within `one_random_id`: the one message that is sent within has another one, always the same."""
    chosen = _chosen.get()
    with one_random_id(None if chosen is None else f"another {chosen}"):
        yield


def random_id_of(text: str) -> int:
    """The random_id that belongs to a text: a signed number of 64 bits, not 0."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True) or 1

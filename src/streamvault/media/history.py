"""What a read of a chat's history tells: telegram/ makes these values, indexing/ stores what they say."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from streamvault.media.model import MediaFile

BATCH = 100
"""Messages that one read names at most."""


@dataclass(frozen=True, slots=True)
class FoundChat:
    """A channel or supergroup that the bot is in."""

    chat_id: int
    title: str


@dataclass(frozen=True, slots=True)
class Messages:
    """What Telegram says of some ids: the file of each message that is there (None: it holds none), and those that
    are no more, or never were. Of an id in neither nothing is known.
    """

    there: Mapping[int, MediaFile | None] = field(default_factory=dict)
    gone: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Page:
    """What a chat's history shows from the message `first` up to the one that was asked from: the file of each message
    (None: it holds none). An id between them that it does not show is most likely gone, and only a read by id says so.
    """

    first: int
    there: Mapping[int, MediaFile | None] = field(default_factory=dict)

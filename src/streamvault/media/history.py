"""Results of reading a chat's history: telegram/ makes these values, indexing/ stores them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from streamvault.media.model import MediaFile

BATCH = 100
"""Message ids in one request at most."""


@dataclass(frozen=True, slots=True)
class FoundChat:
    """A channel or supergroup that the bot is in."""

    chat_id: int
    title: str


@dataclass(frozen=True, slots=True)
class Messages:
    """The answer for some message ids. `there`: the file of each existing message, None if it holds no file.
    `gone`: ids of messages that were deleted or never existed. About an id in neither, nothing is known.
    """

    there: Mapping[int, MediaFile | None] = field(default_factory=dict)
    gone: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a chat's history, from the message `first` up to the one asked from: the file of each message, None
    if it holds no file. An id in between that is missing here is probably deleted; only a read by id can confirm it.
    """

    first: int
    there: Mapping[int, MediaFile | None] = field(default_factory=dict)

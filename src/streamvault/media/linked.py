"""Messages of chats elsewhere that links name, as they are read before their files are copied."""

from dataclasses import dataclass
from typing import Literal

from streamvault.media.model import MediaFile
from streamvault.media.uploads import Original

Holds = Literal["file", "text", "paid", "once", "nothing"]
"""`once`: a file that can be seen once; `nothing`: a message of the chat's own, or a file that has expired."""


@dataclass(frozen=True, slots=True)
class LinkedChat:
    """A channel or supergroup. `public`: it has a username. `forum`: it has topics. `protected`: nothing may be copied
    from it. `sees_all`: the account is shown every message; else those that were deleted, and those that it may not
    see, look alike.
    """

    chat_id: int
    title: str
    public: bool
    forum: bool
    protected: bool
    sees_all: bool


@dataclass(frozen=True, slots=True)
class LinkedMessage:
    """`file`: None where it holds none that can be fetched. `topic`: of a forum, 1 where it names none; in other groups
    the message at the beginning of its thread. `protected`: it may not be copied.
    """

    id: int
    holds: Holds
    file: MediaFile | None
    topic: int
    protected: bool
    original: Original

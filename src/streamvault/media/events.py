"""Events about channels that Telegram's updates carry: telegram/ makes these values, indexing/ applies them."""

from dataclasses import dataclass
from typing import Literal

from streamvault.media.model import MediaFile, Origin


@dataclass(frozen=True, slots=True)
class SeenChat:
    """A chat in an update; `title` is "" if the update has none, `usernames` lack the at sign."""

    chat_id: int
    title: str
    usernames: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """A new or edited message; `file` is None when it holds no file (any more)."""

    chat: SeenChat
    message_id: int
    file: MediaFile | None


@dataclass(frozen=True, slots=True)
class Deleted:
    """These messages of a channel were deleted."""

    chat_id: int
    message_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A Telegram user; `name` is "" if it is not known."""

    user_id: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Membership:
    """The bot was added to a chat (`member`), or got other rights there, or left it.

    `by`: those who did that, invited the bot or made it an administrator; empty if Telegram does not say.
    """

    chat: SeenChat
    member: bool
    by: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """An owner has sent the bot a file in private, in this message: it has to be copied and answered."""

    origin: Origin


Event = Post | Deleted | Membership | SeenChat | Received
"""A SeenChat by itself is an update of the chat's title and usernames."""

Standing = Literal["ours", "undecided", "foreign"]
"""Whether a chat is served; undecided until it is known who added the bot to it."""

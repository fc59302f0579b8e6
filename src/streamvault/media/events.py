"""What Telegram's updates say about channels: telegram/ makes these values, indexing/ applies them."""

from dataclasses import dataclass

from streamvault.media.model import MediaFile


@dataclass(frozen=True, slots=True)
class SeenChat:
    """A channel or supergroup as an update shows it; `title` "" where it does not, `usernames` without the at sign."""

    chat_id: int
    title: str
    usernames: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """A message is there, new or edited; `file` is None when it holds none (any more)."""

    chat: SeenChat
    message_id: int
    file: MediaFile | None


@dataclass(frozen=True, slots=True)
class Deleted:
    """These messages of a channel are gone."""

    chat_id: int
    message_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Membership:
    """The bot has come into a chat, or left it."""

    chat: SeenChat
    member: bool


Event = Post | Deleted | Membership | SeenChat
"""A SeenChat alone tells how a chat is called now."""

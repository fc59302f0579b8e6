"""What mirrors need of Telegram. streamvault.telegram.mirroring implements it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from streamvault.errors import StreamVaultError
from streamvault.leech.mirror.model import Upload, Way
from streamvault.leech.mirror.posts import Seen
from streamvault.media.model import MediaFile


class MirrorError(StreamVaultError):
    """Copying failed; the text is one sentence for people."""


class CopyRefused(MirrorError):
    """Telegram does not copy these messages, or one of them, so: nothing of the request took effect. `restricted`: the
    source may not be copied from. `gone`: the message in the target is not there. `album`: it does not fit its album.
    """

    def __init__(self, reason: str, *, restricted: bool = False, gone: bool = False, album: bool = False) -> None:
        super().__init__(reason)
        self.restricted, self.gone, self.album = restricted, gone, album


class SentBefore(MirrorError):
    """Telegram has sent messages with these keys before: look for them in the target."""


class RightsMissing(MirrorError):
    """The bot may not read the source, or not post in the target: somebody has to mend that."""


@dataclass(frozen=True, slots=True)
class FoundChannel:
    """A channel by its number; `reads`: the bot sees every message there; `posts`: it may post."""

    chat_id: int
    title: str
    reads: bool
    posts: bool


@dataclass(frozen=True, slots=True)
class Posted:
    """A message in the target, and its file."""

    message_id: int
    file: MediaFile | None = None


class Progress(Protocol):
    """How far uploads are, recorded so that another worker goes on with them."""

    def upload_of(self, message: int) -> Upload | None:
        """What was recorded of the file of a message."""
        ...

    async def note(self, upload: Upload) -> None:
        """Return when it is recorded. Raises when somebody else has the mirror now."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be posted by one request: messages of `source` in `target`. `keys`: one for each, of which Telegram's
    random_id is made. `answers`: the message of the target that they answer. `progress`: of its uploads; None where
    that is not kept.
    """

    way: Way
    source: int
    target: int
    posts: tuple[Seen, ...]
    keys: tuple[str, ...]
    answers: int | None = None
    progress: Progress | None = None


class Channels(Protocol):
    """Messages of channels. Every method raises SourceBusy for flood waits, SourceUnavailable, RightsMissing."""

    async def find(self, chat: int | str) -> FoundChannel | None:
        """A channel or supergroup that the bot is in; None where there is none."""
        ...

    async def newest(self, chat_id: int) -> int:
        """The newest message id; a number that is not less for a channel without many messages."""
        ...

    async def read(self, chat_id: int, ids: Sequence[int]) -> list[Seen]:
        """Those of up to a hundred messages that exist, by their ids, service messages too."""
        ...

    async def post(self, order: Order) -> list[Posted | None]:
        """Post copies; for each message its copy, None where Telegram has left it out.

        Raises CopyRefused, SentBefore.
        """
        ...

    async def post_rest(
        self, target: int, post: Seen, way: Way, number: int, *, key: str, answers: int
    ) -> Posted | None:
        """Post texts(post, way)[number], `number` from 1, as an answer to the copy. Raises as `post`."""
        ...

    async def edit(self, source: int, target: int, post: Seen, message_id: int) -> Posted:
        """Make a copy equal to its message. Raises CopyRefused."""
        ...

    async def delete(self, target: int, ids: Sequence[int]) -> None:
        """Delete copies; those that are gone are left out."""
        ...

    def texts(self, post: Seen, way: Way) -> Sequence[str]:
        """The text of the copy, and of further messages for what a copy of this way has no room for."""
        ...

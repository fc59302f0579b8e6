"""What jobs need of Telegram whose sources are messages. streamvault.telegram implements it."""

from collections.abc import Sequence
from typing import Protocol

from streamvault.media.linked import LinkedChat, LinkedMessage
from streamvault.media.model import MediaFile
from streamvault.media.uploads import Copy


class Messages(Protocol):
    """Messages of chats, as one account sees them. Methods raise SourceError."""

    @property
    def name(self) -> str:
        """The account's username with @, "" without one."""
        ...

    async def find(self, chat: str | int) -> LinkedChat | None:
        """A channel or supergroup by its username or number; None where the account sees none."""
        ...

    async def discussion(self, chat: LinkedChat) -> LinkedChat | None:
        """The group in which a channel's posts are commented on; None without one that the account sees."""
        ...

    async def read(self, chat: LinkedChat, ids: Sequence[int]) -> dict[int, LinkedMessage] | None:
        """Those of up to BATCH messages that exist, by id; None where the account does not see the chat."""
        ...

    async def is_member(self, chat: LinkedChat, person: int) -> bool:
        """Whether a user is in a chat; False also where the account is not told."""
        ...


class Copies(Protocol):
    """Messages that are sent anew."""

    async def copy(self, copy: Copy) -> Sequence[int] | None:
        """Send the messages once, and return the new ones' ids, without those of messages that were deleted meanwhile;
        None where Telegram does not let them be copied. Raises UploadFailed, SourceError.
        """
        ...


class Files(Protocol):
    """The bytes of files in messages. Methods raise SourceError, FileGone, FileMissing."""

    async def fetch(self, file: MediaFile, offset: int, limit: int) -> bytes:
        """See reading.source.ChunkSource."""
        ...

    async def thumbnail(self, file: MediaFile) -> bytes:
        """See reading.source.ThumbnailSource."""
        ...

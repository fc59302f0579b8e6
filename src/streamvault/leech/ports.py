"""What the worker needs of Telegram. streamvault.telegram.files.upload implements it."""

from collections.abc import Sequence
from typing import Protocol

from streamvault.media.uploads import Limits, Post


class PartUploads(Protocol):
    """Parts of files, sent by one account. Flood waits and Telegram's brakes on uploads are waited for inside; every
    method raises SourceError.
    """

    @property
    def slowed(self) -> float:
        """Seconds for which Telegram still lets nothing be uploaded or posted; 0 where it does not brake."""
        ...

    async def limits(self) -> Limits:
        """Asked again before each file: Premium begins and ends."""
        ...

    async def save(self, file_id: int, part: int, data: bytes, *, total: int | None, big: bool) -> None:
        """Send one part; `total` parts, None while that is unknown. Several may be on their way at once; the caller
        bounds them by `limits().connections` times REQUESTS_PER_CONNECTION. Raises PartsLost where Telegram says that
        this part does not fit what it has.
        """
        ...


class Uploads(PartUploads, Protocol):
    """Messages with uploaded files; they raise SourceError too, and UploadFailed where the account may not post."""

    async def post(self, post: Post) -> int:
        """Post a message once, and return its id; where an earlier try took effect, that one's. Raises PartsLost."""
        ...

    async def posted(self, chat_id: int, *, name: str, size: int, newest: int = 100) -> Sequence[int]:
        """The ids of own messages with such a document among the `newest` posts of a chat, the newest first."""
        ...

    async def delete(self, chat_id: int, ids: Sequence[int]) -> None:
        """Delete messages; those that are gone already are left out."""
        ...

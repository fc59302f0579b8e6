"""What indexing needs of Telegram: one message at a time, or a chat's history by ids or by pages."""

from collections.abc import Sequence
from typing import Protocol

from streamvault.media.history import FoundChat, Messages, Page
from streamvault.media.model import MediaFile


class MessageSource(Protocol):
    """Reads messages from Telegram; implemented by telegram/."""

    async def read(self, chat_id: int, message_id: int) -> MediaFile:
        """The file that this message holds at this moment. Cancelling the call abandons only the wait.

        Raises FileMissing (no such message, no media in it, or a chat the bot cannot see), FileGone
        (deleted), SourceBusy, SourceUnavailable or SourceError.
        """
        ...


class HistorySource(Protocol):
    """Reads a chat's history; implemented by telegram/. Its reads give way to whoever watches something.

    Every method raises FileMissing for a chat that the bot is not in, SourceBusy, SourceUnavailable or SourceError.
    Cancelling a call abandons only the wait.
    """

    async def find(self, chat: int | str) -> FoundChat:
        """The chat of this number, or of this username (with or without the at sign)."""
        ...

    async def newest(self, chat_id: int) -> int:
        """A message id that no message of the chat exceeds now, as close as Telegram tells; 0 for an empty chat."""
        ...

    async def messages(self, chat_id: int, ids: Sequence[int]) -> Messages:
        """Up to BATCH messages in one request."""
        ...

    async def page(self, chat_id: int, *, top: int, floor: int) -> Page | None:
        """The newest BATCH messages from `top` down to above `floor`, in one request, whatever gaps there are in their
        ids; None where nobody may ask so at this moment, and `messages` has to do.
        """
        ...

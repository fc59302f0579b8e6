"""The interfaces to Telegram that indexing needs: a single message, or a chat's history by ids or by pages."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from streamvault.media.history import FoundChat, Messages, Page
from streamvault.media.model import MediaFile


class MessageSource(Protocol):
    """Reads messages from Telegram; implemented by telegram/."""

    async def read(self, chat_id: int, message_ids: Sequence[int]) -> Mapping[int, MediaFile]:
        """The files that these messages hold now, by message id, without those that hold none; up to BATCH in one
        request. Cancelling the call abandons only the wait.

        Raises FileMissing (a chat that the bot cannot see), SourceBusy, SourceUnavailable or SourceError.
        """
        ...


class HistorySource(Protocol):
    """Reads a chat's history; implemented by telegram/. Its requests are in the INDEX lane, below playback.

    Every method raises FileMissing for a chat that the bot is not in, SourceBusy, SourceUnavailable or SourceError.
    Cancelling a call abandons only the wait.
    """

    async def find(self, chat: int | str) -> FoundChat:
        """The chat of this number, or of this username (with or without the at sign)."""
        ...

    async def newest(self, chat_id: int) -> int:
        """An upper bound of the chat's message ids, as tight as Telegram gives it; 0 for an empty chat."""
        ...

    async def messages(self, chat_id: int, ids: Sequence[int]) -> Messages:
        """Up to BATCH messages in one request."""
        ...

    async def page(self, chat_id: int, *, top: int, floor: int) -> Page | None:
        """The newest BATCH messages from `top` down to above `floor`, in one request, whatever gaps their ids have.

        None if no account can read pages of this chat now, and `messages` has to be used.
        """
        ...

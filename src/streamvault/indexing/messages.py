"""What indexing needs of Telegram: one message at a time, read now."""

from typing import Protocol

from streamvault.media.model import MediaFile


class MessageSource(Protocol):
    """Reads messages from Telegram; implemented by telegram/."""

    async def read(self, chat_id: int, message_id: int) -> MediaFile:
        """The file that this message holds at this moment. Cancelling the call abandons only the wait.

        Raises FileMissing (no such message, no media in it, or a chat the bot cannot see), FileGone
        (deleted), SourceBusy, SourceUnavailable or SourceError.
        """
        ...

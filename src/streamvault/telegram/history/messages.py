"""Reads the file of a single message as the bot."""

from typing import Any

from streamvault.errors import FileMissing
from streamvault.media.model import FileKey, MediaFile, Origin
from streamvault.telegram import message_media
from streamvault.telegram.accounts.locations import location_of
from streamvault.telegram.accounts.pool import AccountPool


def media_file(message: Any) -> MediaFile | None:
    """The file of a pyrogram Message; None if it has none."""
    return message_media.describe(message.raw) if message.raw is not None else None


class TelegramMessages:
    """Reads single messages as the bot (indexing's MessageSource)."""

    def __init__(self, accounts: AccountPool) -> None:
        self._accounts = accounts

    async def read(self, chat_id: int, message_id: int) -> MediaFile:
        """The file of a message. Its location is kept, so that the first chunk needs no second read.

        Raises FileMissing (no such message or chat, or no file in it), SourceBusy, SourceUnavailable, SourceError.
        """
        account, origin = self._accounts.main, Origin(chat_id, message_id)
        message = await account.messages.message(origin)
        file = message_media.describe(message)
        if file is None:
            raise FileMissing("the message holds no file")
        key = FileKey(file.key.file_unique_id)
        account.messages.locations.put(origin, key, location_of(message, key, file=file))
        return file

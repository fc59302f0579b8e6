"""Reads the files of messages as the bot."""

from collections.abc import Sequence
from typing import Any

from streamvault.media.model import FileKey, MediaFile
from streamvault.telegram import message_media
from streamvault.telegram.accounts.locations import location_of, read_messages
from streamvault.telegram.accounts.pool import AccountPool


def media_file(message: Any) -> MediaFile | None:
    """The file of a pyrogram Message; None if it has none."""
    return message_media.describe(message.raw) if message.raw is not None else None


class TelegramMessages:
    """Reads messages by their ids as the bot (indexing's MessageSource)."""

    def __init__(self, accounts: AccountPool) -> None:
        self._accounts = accounts

    async def read(self, chat_id: int, message_ids: Sequence[int]) -> dict[int, MediaFile]:
        """See MessageSource. The locations are kept, so that the first chunk of a file needs no second read."""
        account = self._accounts.main
        found: dict[int, MediaFile] = {}
        for message in await read_messages(account, chat_id, message_ids):
            file = message_media.describe(message)
            if file is not None:
                found[message.id] = file
                key = FileKey(file.key.file_unique_id)
                account.messages.locations.put(file.origin, key, location_of(message, key, file=file))
        return found

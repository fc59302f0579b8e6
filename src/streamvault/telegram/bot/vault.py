"""Copies files to the vault channel. Unlike a forward, a copy names no sender and outlasts the original message."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from pyrogram import Client, enums
from pyrogram import errors as rpc
from pyrogram.types import Message

from streamvault.errors import VaultError
from streamvault.media.model import MediaFile
from streamvault.telegram.history.messages import media_file

log = logging.getLogger(__name__)

UNSET = "VAULT_CHANNEL is not set on this server, so I have nowhere to keep files: set it to a channel that I manage."
NOT_IN_IT = "I am not in the vault channel: add me to it as an administrator who may post messages."
NO_RIGHTS = "I may not post in the vault channel: make me an administrator there who may post messages."
PROTECTED = "This file is protected against copying by its channel, so I cannot keep it."
TOO_LONG = (
    "The caption of this file is longer than a bot may send, 1024 characters: please shorten it and send it again."
)
UNKNOWN_KIND = "I do not know how to copy this kind of message: please send the file as a document."
NO_ANSWER = "Telegram does not answer at the moment: please send it again in a minute."

_NOT_MEMBER = frozenset(
    {"CHANNEL_INVALID", "CHANNEL_PRIVATE", "PEER_ID_INVALID", "CHAT_ID_INVALID", "USER_NOT_PARTICIPANT"}
    | {"CHANNEL_PUBLIC_GROUP_NA", "USERNAME_NOT_OCCUPIED", "USERNAME_INVALID", "CHAT_FORBIDDEN"}
)
_FORBIDDEN = frozenset(
    {"CHAT_WRITE_FORBIDDEN", "CHAT_ADMIN_REQUIRED", "CHAT_RESTRICTED", "USER_BANNED_IN_CHANNEL", "RIGHT_FORBIDDEN"}
)


class Vault:
    """The vault channel; `chat` is its id or username, None if VAULT_CHANNEL is not set."""

    def __init__(self, chat: int | str | None) -> None:
        self._chat = chat

    async def copy(self, client: Client, message: Message, *, text_of: Message | None = None) -> MediaFile:
        """Copy the media of `message` with its caption, or that of `text_of`, as `client`; the file in the vault.

        Raises VaultError with one sentence for the sender, and pyrogram's FloodWait.
        """
        if self._chat is None:
            raise VaultError(UNSET)
        # Kurigram reads a caption without entities as Markdown unless told not to
        with _translated_errors():
            message.bind(client)  # another one than the message came with, if the bot has logged in again
            text = {} if text_of is None else {"caption": text_of.caption, "caption_entities": text_of.caption_entities}
            copy = await message.copy(self._chat, parse_mode=enums.ParseMode.DISABLED, reply_markup=None, **text)
        file = None if copy is None else media_file(copy)
        if file is None:
            raise VaultError("Telegram took the file but did not say where it is now: please send it again.")
        log.debug("copied a file to the vault as %s/%s", file.origin.chat_id, file.origin.message_id)
        return file


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Raise Kurigram's errors but flood waits as VaultError, one sentence each."""
    try:
        yield
    except rpc.FloodWait:
        raise
    except rpc.RPCError as error:
        log.warning("a file could not be copied: %s", error)
        raise VaultError(_sentence(error_id(error))) from error
    except ValueError as error:  # Kurigram raises it for media that it cannot copy
        raise VaultError(UNKNOWN_KIND) from error
    except OSError as error:  # includes TimeoutError
        log.warning("a file could not be copied: %r", error)
        raise VaultError(NO_ANSWER) from error


def error_id(error: rpc.RPCError) -> str:
    """Telegram's name of the error, such as CHANNEL_PRIVATE, also for one that Kurigram does not know."""
    if error.ID:
        return str(error.ID)
    return str(error.value).strip("[]").partition(" ")[2]


def _sentence(code: str) -> str:
    if code in _NOT_MEMBER:
        return NOT_IN_IT
    if code in _FORBIDDEN or code.startswith(("CHAT_SEND_", "CHAT_GUEST_SEND_")):
        return NO_RIGHTS
    if code == "CHAT_FORWARDS_RESTRICTED":
        return PROTECTED
    if code == "MEDIA_CAPTION_TOO_LONG":
        return TOO_LONG
    return f"Telegram refused to copy this file ({code})."

"""Copies files to the vault channel. Unlike a forward, a copy names no sender and outlasts the original message."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pyrogram import Client, enums, raw, utils
from pyrogram import errors as rpc
from pyrogram.types import Message

from streamvault.errors import VaultError
from streamvault.media.model import MediaFile
from streamvault.telegram.accounts.random_ids import one_random_id
from streamvault.telegram.bot.replies import read_messages
from streamvault.telegram.errors import AlreadySent
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

NEWEST = 100
"""Messages of the vault among which a copy is looked for that was sent and not stored."""

Stored = Callable[[str, int], Awaitable[MediaFile | None]]
"""The row of a file, by its file_unique_id, in a chat. Raises CatalogError."""


async def nothing_stored(_: str, __: int) -> None:
    """The default of Stored."""


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

    async def copy(
        self, client: Client, message: Message, *, text_of: Message | None = None, once: str | None = None,
        stored: Stored = nothing_stored,
    ) -> MediaFile:  # fmt: skip
        """Copy the media of `message` with its caption, or that of `text_of`, as `client`; the file in the vault.

        What was copied with the same `once` before is not copied again: it is found by `stored`, or in the vault.
        Raises VaultError with one sentence for the sender, pyrogram's FloodWait, and what `stored` raises.
        """
        if self._chat is None:
            raise VaultError(UNSET)
        with _translated_errors():
            message.bind(client)  # another one than the message came with, if the bot has logged in again
            try:
                file = await self._send(message, text_of, once and f"{self._chat}/{once}")
            except AlreadySent:
                file = await self._sent_before(client, message, stored)
                if file is None:  # it was deleted since
                    file = await self._send(message, text_of, None)
        if file is None:
            raise VaultError("Telegram took the file but did not say where it is now: please send it again.")
        log.debug("copied a file to the vault as %s/%s", file.origin.chat_id, file.origin.message_id)
        return file

    async def _send(self, message: Message, text_of: Message | None, once: str | None) -> MediaFile | None:
        text = {} if text_of is None else {"caption": text_of.caption, "caption_entities": text_of.caption_entities}
        # Kurigram reads a caption without entities as Markdown unless told not to
        with one_random_id(once):
            copy = await message.copy(self._chat, parse_mode=enums.ParseMode.DISABLED, reply_markup=None, **text)
        return None if copy is None else media_file(copy)

    async def _sent_before(self, client: Client, message: Message, stored: Stored) -> MediaFile | None:
        """The copy that Telegram says it has."""
        sent = media_file(message)
        peer = await client.resolve_peer(self._chat)
        if sent is None or not isinstance(peer, raw.types.InputPeerChannel):
            return None
        chat_id, name = utils.get_channel_id(peer.channel_id), sent.key.file_unique_id
        row = await stored(name, chat_id)
        if row is not None:
            return row
        top = await _newest(client, peer)
        found = await read_messages(client, chat_id, range(max(1, top - NEWEST + 1), top + 1))
        files = [file for one in reversed(found) if not one.empty and (file := media_file(one)) is not None]
        return next((file for file in files if file.key.file_unique_id == name), None)


async def _newest(client: Client, channel: Any) -> int:
    """The id of the channel's newest message, or of a new channel a number that is not less."""
    nothing = raw.types.ChannelMessagesFilterEmpty()
    query = raw.functions.updates.GetChannelDifference(channel=channel, filter=nothing, pts=1, limit=1)
    answer = await client.invoke(query, sleep_threshold=0)
    if isinstance(answer, raw.types.updates.ChannelDifferenceTooLong):
        return int(max(getattr(answer.dialog, "top_message", 0), *(one.id for one in answer.messages), 0))
    full = await client.invoke(raw.functions.channels.GetFullChannel(channel=channel), sleep_threshold=0)
    return int(full.full_chat.pts)


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Raise Kurigram's errors but flood waits as VaultError, one sentence each."""
    try:
        yield
    except (rpc.FloodWait, AlreadySent):
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

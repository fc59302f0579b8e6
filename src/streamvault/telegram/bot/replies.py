"""Reads the messages that the bot has to answer, and sends the answers."""

import contextlib
import logging
from collections.abc import Sequence
from typing import Any

from pyrogram import Client, enums, raw, utils
from pyrogram import errors as rpc
from pyrogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    ReplyParameters,
)

from streamvault.telegram.accounts.random_ids import another_random_id
from streamvault.telegram.bot.texts import Answer, Button

log = logging.getLogger(__name__)

MAX_CAPTION = 1024
"""UTF-16 code units of a caption that a bot may send."""
MAX_ALBUM = 10  # messages of an album, whose ids follow each other


async def send_answer(client: Client, chat_id: int, given: Answer, reply_to: int | None) -> Message:
    """Send `given`, as a reply. If Telegram refuses it, send it once more without links in buttons and not as a reply.

    Raises pyrogram's errors (FloodWait among them) and OSError.
    """
    try:
        return await _send(client, chat_id, given, rows=given.rows, reply_to=reply_to)
    except rpc.BadRequest as error:
        rows = tuple(row for row in given.rows if all(one.data for one in row))
        if reply_to is None and rows == given.rows:
            raise
        log.warning("an answer was refused, sending it without links in buttons: %s", error)
        with another_random_id():
            return await _send(client, chat_id, given, rows=rows)


async def edit_answer(client: Client, chat_id: int, given: Answer, message_id: int) -> None:
    """Replace the text and the buttons of a message of the bot. Raises as `send_answer`."""
    with contextlib.suppress(rpc.MessageNotModified):
        await client.edit_message_text(
            chat_id,
            message_id,
            given.text,
            parse_mode=enums.ParseMode.DISABLED,
            entities=_entities(given),
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            reply_markup=_keyboard(given.rows),
        )


async def replied_message(client: Client, message: Message) -> Message | None:
    """The message that `message` replies to, as it is now; None if it is deleted. Raises pyrogram's errors.

    Read as inputMessageReplyTo, which a bot may do even in a group where it does not see every message. Kurigram's
    get_messages is not used because it sleeps through any flood wait.
    """
    return await replied_to(client, message.chat.id, message.id)


async def replied_to(client: Client, chat_id: int, message_id: int) -> Message | None:
    """As `replied_message`, of a message that is known by its id."""
    [found] = await _read(client, chat_id, ids=[raw.types.InputMessageReplyTo(id=message_id)]) or [None]
    return None if found is None or found.empty else found


async def album(client: Client, message: Message) -> list[Message]:
    """Every message of the album that `message` belongs to, in order. Raises pyrogram's errors."""
    around = range(max(1, message.id - MAX_ALBUM + 1), message.id + MAX_ALBUM)
    found = await read_messages(client, message.chat.id, around)
    return [one for one in found if not one.empty and _same_album(one, message)]


def album_text(together: Sequence[Message], copied: Sequence[Message]) -> dict[int, Message]:
    """By message id, for those of `copied` without a text: the only message of their album that has one."""
    told = [one for one in together if one.caption]
    if len(told) != 1 or len(str(told[0].caption).encode("utf-16-le")) > 2 * MAX_CAPTION:
        return {}
    return {one.id: told[0] for one in copied if not one.caption}


def _same_album(one: Message, other: Message) -> bool:
    return bool(one.media_group_id == other.media_group_id and one.chat and one.chat.id == other.chat.id)


async def read_messages(client: Client, chat_id: int, ids: Sequence[int]) -> list[Message]:
    """The messages with these ids (100 at most) as they are now; empty ones if deleted. Raises pyrogram's errors."""
    return await _read(client, chat_id, ids=[raw.types.InputMessageID(id=number) for number in ids])


async def _read(client: Client, chat_id: int, *, ids: Sequence[Any]) -> list[Message]:
    peer = await client.resolve_peer(chat_id)
    query: Any = raw.functions.messages.GetMessages(id=list(ids))
    if isinstance(peer, raw.types.InputPeerChannel):
        query = raw.functions.channels.GetMessages(channel=peer, id=list(ids))
    return list(await utils.parse_messages(client, await client.invoke(query, sleep_threshold=0), replies=0))


async def _send(
    client: Client, chat_id: int, given: Answer, *, rows: Sequence[Sequence[Button]], reply_to: int | None = None
) -> Message:
    return await client.send_message(
        chat_id,
        given.text,
        parse_mode=enums.ParseMode.DISABLED,
        entities=_entities(given),
        # for a preview Telegram would fetch the link, with its token
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_parameters=None if reply_to is None else ReplyParameters(message_id=reply_to),
        reply_markup=_keyboard(rows),
    )


def _entities(given: Answer) -> list[MessageEntity] | None:
    code = enums.MessageEntityType.CODE
    return [MessageEntity(type=code, offset=offset, length=length) for offset, length in given.code] or None


def _keyboard(rows: Sequence[Sequence[Button]]) -> InlineKeyboardMarkup | None:
    keyboard = [
        [InlineKeyboardButton(one.label, url=one.url or None, callback_data=one.data or None) for one in row]
        for row in rows
    ]
    return InlineKeyboardMarkup(keyboard) if keyboard else None

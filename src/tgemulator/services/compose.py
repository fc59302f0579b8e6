"""Checks and parts of a new message: text, entities, keyboard, media and permission, with Telegram's errors."""

from typing import Any

from pyrogram import raw

from tgemulator.errors import RpcError
from tgemulator.services import entities
from tgemulator.services.access import account, find_message, require
from tgemulator.services.markup import check_markup
from tgemulator.services.registry import Call
from tgemulator.world.delivery import Delivered
from tgemulator.world.model import Peer, User
from tgemulator.world.stored_file import StoredFile
from tgemulator.world.view import View

MOST_TEXT = 4096
MOST_CAPTION = 1024
"""UTF-16 code units."""
_MOST_RANDOM_IDS = 10_000


def check_text(text: str) -> str:
    """The text of a message. RpcError 400 MESSAGE_EMPTY, MESSAGE_TOO_LONG."""
    require(bool(text.strip()), "MESSAGE_EMPTY")
    require(entities.utf16_length(text) <= MOST_TEXT, "MESSAGE_TOO_LONG")
    return text


def check_caption(text: str) -> str:
    """The caption of a file. RpcError 400 MEDIA_CAPTION_TOO_LONG."""
    require(entities.utf16_length(text) <= MOST_CAPTION, "MEDIA_CAPTION_TOO_LONG")
    return text


def check_entities(text: str, given: list[Any] | None) -> list[Any]:
    """See entities.complete."""
    return entities.complete(text, list(given or []))


def check_keyboard(call: Call, markup: Any) -> Any:
    """The keyboard of a message; only bots have one. RpcError: see markup.check_markup."""
    return check_markup(markup) if account(call).is_bot else None


def check_may_write(call: Call, peer: Peer, *, count: int = 1) -> None:
    """Check that the caller may send `count` messages to a peer; 0 does not count against any limit.

    RpcError 400 PEER_ID_INVALID (a bot to a user who never wrote to it), USER_IS_BLOCKED, USER_IS_BOT,
    CHAT_ADMIN_REQUIRED, 403 CHAT_WRITE_FORBIDDEN, 420 FLOOD_WAIT_X.
    """
    world, caller = call.server.world, account(call)
    if peer[0] == "user":
        _check_private(call, caller, other=world.users[peer[1]])
    elif peer[0] == "chat":
        require(world.group(peer[1]).migrated_to is None, "CHAT_ID_INVALID")
    else:
        channel = world.channel(peer[1])
        require(caller.id in channel.members, "CHAT_WRITE_FORBIDDEN", code=403)
        if not channel.megagroup:
            require(channel.is_admin(caller.id), "CHAT_WRITE_FORBIDDEN", code=403)
            require(channel.may(caller.id, "post_messages"), "CHAT_ADMIN_REQUIRED")
    if caller.is_bot and count and world.message_limits is not None:
        world.message_limits.check(caller.id, peer, now=call.server.now(), count=count)


def _check_private(call: Call, caller: User, *, other: User) -> None:
    """Check that one user may write to another."""
    require(caller.id not in other.blocked, "USER_IS_BLOCKED")
    if caller.is_bot and other.id != caller.id:
        require(not other.is_bot, "USER_IS_BOT")
        require(call.server.world.has_written(other.id, to=caller.id), "PEER_ID_INVALID")


def check_schedule(call: Call, schedule_date: int | None) -> None:
    """Refuse scheduled messages. RpcError 400 SCHEDULE_BOT_NOT_ALLOWED, SCHEDULE_DATE_INVALID."""
    if schedule_date:
        raise RpcError(400, "SCHEDULE_BOT_NOT_ALLOWED" if account(call).is_bot else "SCHEDULE_DATE_INVALID")


def sent_before(call: Call, random_ids: list[int]) -> Any:
    """Each random_id sends one message: None where none of these was used, else see faults.types.OldAnswer.

    RpcError 400 RANDOM_ID_EMPTY, 500 RANDOM_ID_DUPLICATE.
    """
    used = call.server.world.mailbox(account(call).id).random_ids
    require(0 not in random_ids, "RANDOM_ID_EMPTY")
    require(len(set(random_ids)) == len(random_ids), "RANDOM_ID_DUPLICATE", code=500)
    if not used.keys() & set(random_ids):
        return None
    known = used.keys() >= set(random_ids)
    require(known and call.server.faults.answers_as_before(call, call.name), "RANDOM_ID_DUPLICATE", code=500)
    return sent_updates(call, [Delivered(*used[number]) for number in random_ids], random_ids=random_ids)


def remember_sent(call: Call, delivered: list[Delivered], *, random_ids: list[int]) -> None:
    """Note what these random_ids have sent."""
    used = call.server.world.mailbox(account(call).id).random_ids
    used |= {number: (item.message, item.event) for number, item in zip(random_ids, delivered, strict=True)}
    while len(used) > _MOST_RANDOM_IDS:
        del used[next(iter(used))]


def reply_id(call: Call, peer: Peer, *, reply_to: Any) -> int | None:
    """The id of the message that is replied to, if it exists. RpcError 400 REPLY_TO_INVALID."""
    if reply_to is None:
        return None
    if not isinstance(reply_to, raw.types.InputReplyToMessage) or reply_to.reply_to_peer_id is not None:
        raise RpcError(400, "REPLY_TO_INVALID")
    message = find_message(call, peer, number=reply_to.reply_to_msg_id)
    return message.id if message is not None and not message.deleted else None


def stored_file(call: Call, media: Any) -> StoredFile:
    """The file that an InputMedia uploads or names. RpcError 400 MEDIA_EMPTY, MEDIA_INVALID, and those of FileStore."""
    files, user = call.server.files, account(call)
    if isinstance(media, raw.types.InputMediaUploadedPhoto):
        return files.from_upload(user, media.file, dc_id=call.dc_id, kind="photo")
    if isinstance(media, raw.types.InputMediaUploadedDocument):
        return files.from_upload(
            user,
            media.file,
            dc_id=call.dc_id,
            name=_file_name(media.attributes),
            mime_type=media.mime_type,
            attributes=list(media.attributes),
            thumb=media.thumb,
            as_it_is=bool(media.nosound_video or media.force_file),
        )
    if isinstance(media, raw.types.InputMediaPhoto | raw.types.InputMediaDocument):
        return files.from_input(user, media.id)
    raise RpcError(400, "MEDIA_EMPTY" if isinstance(media, raw.types.InputMediaEmpty) else "MEDIA_INVALID")


def album_kind(file: StoredFile | None) -> str:
    """What an album of it may hold: photos and videos, music, or other documents."""
    if file is None:
        return ""
    kinds = {type(attribute) for attribute in file.attributes}
    if file.kind == "photo" or raw.types.DocumentAttributeVideo in kinds:
        return "pictures"
    return "music" if raw.types.DocumentAttributeAudio in kinds else "documents"


def _file_name(attributes: list[Any]) -> str:
    names = (item.file_name for item in attributes if isinstance(item, raw.types.DocumentAttributeFilename))
    return next(names, "")


def sent_updates(call: Call, delivered: list[Delivered], *, random_ids: list[int]) -> Any:
    """The answer to the sender: updateMessageID for each message, then the messages."""
    view = View(call.server.world, account(call))
    numbers = [
        raw.types.UpdateMessageID(id=item.message.id, random_id=random_id)
        for item, random_id in zip(delivered, random_ids, strict=True)
    ]
    return view.updates([*numbers, *changes(view, delivered)])


def changes(view: View, delivered: list[Delivered]) -> list[Any]:
    """The updates of messages that the viewer has sent or changed."""
    found = []
    for item in delivered:
        peer = item.message.peer
        channel = view.state.channel(peer[1]) if peer[0] == "channel" else None
        found.append(view.update(item.event, channel))
    return [update for update in found if update is not None]

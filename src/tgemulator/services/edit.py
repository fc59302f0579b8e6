"""Edits and deletes messages."""

from typing import Any

from pyrogram import raw

from tgemulator.services import compose
from tgemulator.services.access import account, channel_of, message_of, peer_of, require, view_for
from tgemulator.services.registry import Call, method
from tgemulator.world.drafts import Change
from tgemulator.world.model import Channel, Message, User


@method(raw.functions.messages.EditMessage)
async def edit_message(call: Call, query: Any) -> Any:
    """messages.editMessage: text or caption, media, keyboard; an inline keyboard that is not given again is removed."""
    peer, user = peer_of(call, query.peer), account(call)
    compose.check_schedule(call, query.schedule_date)
    message = message_of(call, peer, number=query.id)
    require(message.action is None, "MESSAGE_ID_INVALID")
    _check_may_edit(call, user, message=message)
    change = _change(call, query, message=message)
    require(not _same(change, message), "MESSAGE_NOT_MODIFIED")
    fits = message.grouped_id is None or compose.album_kind(change.file) == compose.album_kind(message.file)
    require(fits, "MEDIA_GROUPED_INVALID")
    done = call.server.world.delivery.edit(message, change, by=user, session=call.session)
    view = view_for(call)
    return view.updates(compose.changes(view, [done]))


@method(raw.functions.messages.DeleteMessages)
async def delete_messages(call: Call, query: Any) -> Any:
    """messages.deleteMessages: of private chats and basic groups; `revoke` deletes every copy; bots always do."""
    world, user = call.server.world, account(call)
    mailbox = world.mailbox(user.id)
    found = [mailbox.messages[number] for number in dict.fromkeys(query.id) if number in mailbox.messages]
    deleted: list[Message] = []
    for message in found:
        revoked = (query.revoke or user.is_bot) and _may_revoke(call, user, message=message)
        deleted += world.delivery.copies(message) if revoked else [message]
    events = world.delivery.delete(deleted, session=call.session)
    event = events.get(user.id)
    return raw.types.messages.AffectedMessages(pts=mailbox.journal.pts, pts_count=event.count if event else 0)


@method(raw.functions.channels.DeleteMessages)
async def delete_channel_messages(call: Call, query: Any) -> Any:
    """channels.deleteMessages."""
    channel, user = channel_of(call, query.channel), account(call)
    found = [channel.messages[number] for number in dict.fromkeys(query.id) if number in channel.messages]
    if not channel.may(user.id, "delete_messages"):
        own = all(message.sender_id == user.id for message in found) and user.id in channel.members
        require(own, "MESSAGE_DELETE_FORBIDDEN", code=403)
    events = call.server.world.delivery.delete(found, session=call.session)
    event = events.get(channel.id)
    return raw.types.messages.AffectedMessages(pts=channel.journal.pts, pts_count=event.count if event else 0)


def _check_may_edit(call: Call, user: User, *, message: Message) -> None:
    """RpcError 403 MESSAGE_AUTHOR_REQUIRED, 400 CHAT_ADMIN_REQUIRED, MESSAGE_EDIT_TIME_EXPIRED."""
    chat = call.server.world.chats.get(message.peer[1]) if message.peer[0] == "channel" else None
    if isinstance(chat, Channel) and not chat.megagroup:
        require(chat.is_admin(user.id), "CHAT_ADMIN_REQUIRED")
        own = message.sender_id == user.id and chat.may(user.id, "post_messages")
        require(own or chat.may(user.id, "edit_messages"), "MESSAGE_AUTHOR_REQUIRED", code=403)
        return
    forwarded = message.forward is not None and message.forward.origin is not None
    require(message.sender_id == user.id and not forwarded, "MESSAGE_AUTHOR_REQUIRED", code=403)
    too_old = call.server.world.now() - message.date > 172_800
    require(user.is_bot or not too_old, "MESSAGE_EDIT_TIME_EXPIRED")


def _change(call: Call, query: Any, *, message: Message) -> Change:
    """The content after the edit."""
    file = message.file
    if query.media is not None and not isinstance(query.media, raw.types.InputMediaEmpty):
        file = compose.stored_file(call, query.media)
    text, entities = message.text, list(message.entities)
    if query.message is not None or query.media is not None:
        text = query.message or ""
        text = compose.check_caption(text) if file is not None else compose.check_text(text)
        entities = compose.check_entities(text, query.entities)
    return Change(text, entities, file, compose.check_keyboard(call, query.reply_markup))


def _same(change: Change, message: Message) -> bool:
    """Whether an edit would change nothing."""
    before = (message.text, message.file, list(map(str, message.entities)), str(message.reply_markup))
    return before == (change.text, change.file, list(map(str, change.entities)), str(change.reply_markup))


def _may_revoke(call: Call, user: User, *, message: Message) -> bool:
    """Whether a user may delete every copy: always in private chats; in groups own messages, and administrators all."""
    if message.peer[0] == "user":
        return True
    chat = call.server.world.chats[message.peer[1]]
    return message.sender_id == user.id or chat.is_admin(user.id)

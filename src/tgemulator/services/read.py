"""Messages by id, read marks, view counts and typing."""

from typing import Any

from pyrogram import raw

from tgemulator.services.access import account, channel_of, find_message, peer_of, require, view_for
from tgemulator.services.registry import Call, method
from tgemulator.world.model import Message, Peer
from tgemulator.world.view import View

MOST_IDS = 100


@method(raw.functions.channels.GetMessages)
async def get_channel_messages(call: Call, query: Any) -> Any:
    """channels.getMessages: at most 100 ids; messageEmpty for deleted and unknown ones."""
    channel = channel_of(call, query.channel)
    _check_ids(query.id)
    view = view_for(call)
    view.chat(channel)
    messages = [_by_input(call, channel.peer, given=given, view=view) for given in query.id]
    if call.server.faults.answers_nothing(call, "channels.getMessages", query):
        messages = []
    return raw.types.messages.ChannelMessages(
        pts=channel.journal.pts,
        count=len(messages),
        messages=messages,
        topics=[],
        chats=list(view.chats.values()),
        users=list(view.users.values()),
    )


@method(raw.functions.messages.GetMessages)
async def get_messages(call: Call, query: Any) -> Any:
    """messages.getMessages: of private chats and basic groups."""
    _check_ids(query.id)
    view = view_for(call)
    messages = [_by_input(call, None, given=given, view=view) for given in query.id]
    return raw.types.messages.Messages(
        messages=messages, topics=[], chats=list(view.chats.values()), users=list(view.users.values())
    )


@method(raw.functions.messages.ReadHistory, bots=False)
async def read_history(call: Call, query: Any) -> Any:
    """messages.readHistory."""
    peer, mailbox = peer_of(call, query.peer), call.server.world.mailbox(account(call).id)
    newest = max((number for number, message in mailbox.messages.items() if message.peer == peer), default=0)
    mailbox.read[peer] = max(mailbox.read.get(peer, 0), min(query.max_id or newest, newest))
    return raw.types.messages.AffectedMessages(pts=mailbox.journal.pts, pts_count=0)


@method(raw.functions.channels.ReadHistory, bots=False)
async def read_channel_history(call: Call, query: Any) -> Any:
    """channels.readHistory."""
    channel, mailbox = channel_of(call, query.channel), call.server.world.mailbox(account(call).id)
    position = min(query.max_id or channel.last_id, channel.last_id)
    mailbox.read[channel.peer] = max(mailbox.read.get(channel.peer, 0), position)
    return True


@method(raw.functions.messages.ReadMessageContents)
async def read_message_contents(call: Call, query: Any) -> Any:
    """messages.readMessageContents."""
    journal = call.server.world.mailbox(account(call).id).journal
    return raw.types.messages.AffectedMessages(pts=journal.pts, pts_count=0)


@method(raw.functions.messages.GetMessagesViews)
async def get_messages_views(call: Call, query: Any) -> Any:
    """messages.getMessagesViews: always one view."""
    peer_of(call, query.peer)
    views = [raw.types.MessageViews(views=1, forwards=0) for _ in query.id]
    return raw.types.messages.MessageViews(views=views, chats=[], users=[])


@method(raw.functions.messages.SetTyping)
async def set_typing(call: Call, query: Any) -> Any:
    """messages.setTyping: pushed to the users that are connected; not stored."""
    world, user, peer = call.server.world, account(call), peer_of(call, query.peer)
    receivers = [peer[1]] if peer[0] == "user" else list(world.chats[peer[1]].members)
    for number in receivers:
        if number != user.id and not world.users[number].is_bot and world.pushes.listens(number):
            view = View(world, world.users[number])
            world.pushes.push(number, view.updates([_typing(view, peer, user_id=user.id, action=query.action)]))
    return True


def _typing(view: View, peer: Peer, *, user_id: int, action: Any) -> Any:
    sender = view.peer(("user", user_id))
    if peer[0] == "user":
        return raw.types.UpdateUserTyping(user_id=user_id, action=action)
    view.peer(peer)
    if peer[0] == "chat":
        return raw.types.UpdateChatUserTyping(chat_id=peer[1], from_id=sender, action=action)
    return raw.types.UpdateChannelUserTyping(channel_id=peer[1], from_id=sender, action=action)


def _check_ids(given: list[Any]) -> None:
    """RpcError 400 MESSAGE_IDS_EMPTY, LIMIT_INVALID."""
    require(bool(given), "MESSAGE_IDS_EMPTY")
    require(len(given) <= MOST_IDS, "LIMIT_INVALID")


def _by_input(call: Call, peer: Peer | None, *, given: Any, view: View) -> Any:
    """The message that an InputMessage names, in TL form; `peer` None looks into the caller's mailbox."""
    number = given if isinstance(given, int) else getattr(given, "id", 0)
    message = _find(call, peer, number=number)
    if isinstance(given, raw.types.InputMessageReplyTo) and message is not None:
        number = message.reply_to or 0
        message = _replied(call, peer, number=number)
    if message is None or message.deleted:
        return raw.types.MessageEmpty(id=number)
    return view.message(message)


def _find(call: Call, peer: Peer | None, *, number: int) -> Message | None:
    if peer is not None:
        return find_message(call, peer, number=number)
    return call.server.world.mailbox(account(call).id).messages.get(number)


def _replied(call: Call, peer: Peer | None, *, number: int) -> Message | None:
    """The message that was replied to; visible to all who see the reply, to bots in privacy mode as well."""
    world = call.server.world
    if peer is not None and peer[0] == "channel":
        return world.channel(peer[1]).messages.get(number)
    return world.mailbox(account(call).id).messages.get(number)

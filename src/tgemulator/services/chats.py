"""Groups and channels, and their members."""

from typing import Any

from pyrogram import raw

from tgemulator.errors import RpcError
from tgemulator.services.access import account, channel_of, group_of, peer_of, require, user_of, view_for
from tgemulator.services.call_access import call_fields
from tgemulator.services.registry import Call, method
from tgemulator.services.users import bot_info
from tgemulator.world.model import Channel, Chat, Member
from tgemulator.world.participants import channel_participant, chat_participants
from tgemulator.world.view import View

MOST_MEMBERS = 200


@method(raw.functions.channels.GetChannels)
async def get_channels(call: Call, query: Any) -> Any:
    """channels.getChannels: channelForbidden for one that the caller has left. RpcError 400 CHANNEL_INVALID."""
    view = view_for(call)
    for given in query.id:
        try:
            view.chat(channel_of(call, given))
        except RpcError as error:
            if error.text != "CHANNEL_PRIVATE":
                raise
            view.chat(call.server.world.channel(given.channel_id))
    return raw.types.messages.Chats(chats=list(view.chats.values()))


@method(raw.functions.messages.GetChats)
async def get_chats(call: Call, query: Any) -> Any:
    """messages.getChats."""
    view = view_for(call)
    for number in query.id:
        view.chat(group_of(call, number))
    return raw.types.messages.Chats(chats=list(view.chats.values()))


@method(raw.functions.channels.GetFullChannel)
async def get_full_channel(call: Call, query: Any) -> Any:
    """channels.getFullChannel, with the channel's pts, which is never below its newest message id, and the group in
    which it is discussed.
    """
    channel, view = channel_of(call, query.channel), view_for(call)
    world = call.server.world
    view.chat(channel)
    if channel.discussion is not None:
        view.chat(world.channel(channel.discussion))
    bots = [number for number in channel.members if world.users[number].is_bot]
    full = raw.types.ChannelFull(
        id=channel.id,
        about=channel.about,
        read_inbox_max_id=world.mailbox(view.viewer.id).read.get(channel.peer, 0),
        read_outbox_max_id=0,
        unread_count=0,
        chat_photo=raw.types.PhotoEmpty(id=0),
        notify_settings=raw.types.PeerNotifySettings(),
        bot_info=[bot_info(world, world.users[number]) for number in bots] if channel.megagroup else [],
        pts=channel.journal.pts,
        linked_chat_id=channel.discussion,
        can_view_participants=channel.megagroup or channel.is_admin(view.viewer.id) or None,
        participants_count=len(channel.members),
        admins_count=sum(channel.is_admin(number) for number in channel.members),
        **call_fields(view, channel),
    )
    for number in bots if channel.megagroup else []:
        view.user(number)
    return _full(view, full)


@method(raw.functions.messages.GetFullChat)
async def get_full_chat(call: Call, query: Any) -> Any:
    """messages.getFullChat."""
    group, view = group_of(call, query.chat_id), view_for(call)
    view.chat(group)
    for number in group.members:
        view.user(number)
    full = raw.types.ChatFull(
        id=group.id,
        about=group.about,
        participants=chat_participants(group, version=group.version),
        notify_settings=raw.types.PeerNotifySettings(),
        **call_fields(view, group),
    )
    return _full(view, full)


def _full(view: View, full: Any) -> Any:
    return raw.types.messages.ChatFull(full_chat=full, chats=list(view.chats.values()), users=list(view.users.values()))


@method(raw.functions.channels.GetParticipant)
async def get_participant(call: Call, query: Any) -> Any:
    """channels.getParticipant. RpcError 400 USER_NOT_PARTICIPANT, CHAT_ADMIN_REQUIRED."""
    channel, view = channel_of(call, query.channel), view_for(call)
    user = user_of(call, query.participant, error="PARTICIPANT_ID_INVALID")
    if not channel.megagroup and user.id != view.viewer.id:
        require(channel.is_admin(view.viewer.id), "CHAT_ADMIN_REQUIRED")
    member = channel.members.get(user.id)
    if member is None:
        raise RpcError(400, "USER_NOT_PARTICIPANT")
    participant = _participant(view, channel, member=member)
    return raw.types.channels.ChannelParticipant(
        participant=participant, chats=list(view.chats.values()), users=list(view.users.values())
    )


@method(raw.functions.channels.GetParticipants)
async def get_participants(call: Call, query: Any) -> Any:
    """channels.getParticipants: recent ones, administrators, bots, or by name. RpcError 400 CHAT_ADMIN_REQUIRED."""
    channel, view = channel_of(call, query.channel), view_for(call)
    require(channel.megagroup or channel.is_admin(view.viewer.id), "CHAT_ADMIN_REQUIRED")
    found = [member for member in channel.members.values() if _fits(call, channel, member=member, chosen=query.filter)]
    page = found[query.offset : query.offset + max(0, min(query.limit, MOST_MEMBERS))]
    return raw.types.channels.ChannelParticipants(
        count=len(found),
        participants=[_participant(view, channel, member=member) for member in page],
        chats=list(view.chats.values()),
        users=list(view.users.values()),
    )


def _participant(view: View, channel: Channel, *, member: Member) -> Any:
    for number in (member.user_id, member.inviter_id, member.promoted_by or member.inviter_id):
        view.user(number)
    view.chat(channel)
    return channel_participant(channel, member, viewer_id=view.viewer.id)


def _fits(call: Call, channel: Channel, *, member: Member, chosen: Any) -> bool:
    user = call.server.world.users[member.user_id]
    match chosen:
        case raw.types.ChannelParticipantsAdmins():
            return channel.is_admin(user.id)
        case raw.types.ChannelParticipantsBots():
            return user.is_bot
        case raw.types.ChannelParticipantsSearch():
            return chosen.q.lower() in f"{user.first_name} {user.last_name} {user.username}".lower()
        case raw.types.ChannelParticipantsRecent():
            return True
        case _:
            return False


@method(raw.functions.messages.EditChatAbout)
async def edit_chat_about(call: Call, query: Any) -> Any:
    """messages.editChatAbout. RpcError 400 CHAT_ADMIN_REQUIRED, CHAT_ABOUT_NOT_MODIFIED."""
    chat = chat_of(call, query.peer)
    require(chat.may(account(call).id, "change_info"), "CHAT_ADMIN_REQUIRED")
    require(chat.about != query.about, "CHAT_ABOUT_NOT_MODIFIED")
    chat.about = query.about
    return True


def chat_of(call: Call, given: Any) -> Chat:
    """The group or channel that an InputPeer names. RpcError 400 PEER_ID_INVALID."""
    peer = peer_of(call, given)
    require(peer[0] != "user", "PEER_ID_INVALID")
    return call.server.world.chats[peer[1]]

"""Creates groups and channels and changes their members."""

from typing import Any

from pyrogram import raw

from tgemulator.errors import RpcError
from tgemulator.services.access import account, channel_of, group_of, require, user_of, view_for
from tgemulator.services.registry import Call, method
from tgemulator.world.drafts import Draft
from tgemulator.world.model import Channel, Chat, Group, Member, User
from tgemulator.world.participants import rights_names


@method(raw.functions.channels.CreateChannel, bots=False)
async def create_channel(call: Call, query: Any) -> Any:
    """channels.createChannel. RpcError 400 CHAT_TITLE_EMPTY."""
    require(bool(query.title.strip()), "CHAT_TITLE_EMPTY")
    channel = call.server.world.add_channel(
        query.title, creator=account(call), megagroup=bool(query.megagroup and not query.broadcast)
    )
    channel.about = query.about
    return _answer(call, channel)


@method(raw.functions.messages.CreateChat, bots=False)
async def create_chat(call: Call, query: Any) -> Any:
    """messages.createChat. RpcError 400 CHAT_TITLE_EMPTY, USERS_TOO_FEW."""
    require(bool(query.title.strip()), "CHAT_TITLE_EMPTY")
    creator = account(call)
    users = [user_of(call, given) for given in query.users]
    require(bool(users), "USERS_TOO_FEW")
    group = call.server.world.add_group(query.title, creator=creator)
    for user in users:
        _join(call, group, user=user, actor=creator)
    return raw.types.messages.InvitedUsers(updates=_answer(call, group), missing_invitees=[])


@method(raw.functions.channels.JoinChannel, bots=False)
async def join_channel(call: Call, query: Any) -> Any:
    """channels.joinChannel: of one with a username. RpcError 400 USER_ALREADY_PARTICIPANT."""
    channel, user = channel_of(call, query.channel), account(call)
    require(user.id not in channel.members, "USER_ALREADY_PARTICIPANT")
    _join(call, channel, user=user, actor=user)
    return _answer(call, channel)


@method(raw.functions.channels.LeaveChannel)
async def leave_channel(call: Call, query: Any) -> Any:
    """channels.leaveChannel. RpcError 400 USER_NOT_PARTICIPANT, USER_CREATOR."""
    channel, user = channel_of(call, query.channel), account(call)
    require(user.id in channel.members, "USER_NOT_PARTICIPANT")
    require(user.id != channel.creator_id, "USER_CREATOR")
    _leave(call, channel, user=user, actor=user)
    return _answer(call, channel)


@method(raw.functions.channels.InviteToChannel, bots=False)
async def invite_to_channel(call: Call, query: Any) -> Any:
    """channels.inviteToChannel; bots can be in channels as administrators only. RpcError 400 USER_BOT."""
    channel, actor = channel_of(call, query.channel), account(call)
    require(channel.may(actor.id, "invite_users"), "CHAT_ADMIN_REQUIRED")
    users = [user_of(call, given) for given in query.users]
    require(channel.megagroup or not any(user.is_bot for user in users), "USER_BOT")
    for user in users:
        if user.id not in channel.members:
            _join(call, channel, user=user, actor=actor)
    return raw.types.messages.InvitedUsers(updates=_answer(call, channel), missing_invitees=[])


@method(raw.functions.channels.EditAdmin)
async def edit_admin(call: Call, query: Any) -> Any:
    """channels.editAdmin; an empty set of rights demotes.

    RpcError 400 CHAT_ADMIN_REQUIRED, USER_CREATOR, USER_NOT_PARTICIPANT, 403 RIGHT_FORBIDDEN.
    """
    channel, actor = channel_of(call, query.channel), account(call)
    user = user_of(call, query.user_id)
    require(channel.may(actor.id, "add_admins"), "CHAT_ADMIN_REQUIRED")
    require(user.id != channel.creator_id, "USER_CREATOR")
    names = rights_names(query.admin_rights)
    own = channel.creator_id == actor.id or names <= (channel.members[actor.id].rights or frozenset())
    require(own, "RIGHT_FORBIDDEN", code=403)
    _promote(call, channel, user=user, names=names, rank=query.rank or "", actor=actor)
    return _answer(call, channel)


@method(raw.functions.channels.EditBanned)
async def edit_banned(call: Call, query: Any) -> Any:
    """channels.editBanned: view_messages removes the member; send_messages is shown to others, but not enforced.

    RpcError 400 CHAT_ADMIN_REQUIRED, USER_ADMIN_INVALID.
    """
    channel, actor = channel_of(call, query.channel), account(call)
    user = user_of(call, query.participant, error="PARTICIPANT_ID_INVALID")
    require(channel.may(actor.id, "ban_users"), "CHAT_ADMIN_REQUIRED")
    require(not channel.is_admin(user.id) or actor.id == channel.creator_id, "USER_ADMIN_INVALID")
    if query.banned_rights.view_messages and user.id in channel.members:
        _leave(call, channel, user=user, actor=actor)
    elif user.id in channel.members:
        channel.members[user.id].muted_by = actor.id if query.banned_rights.send_messages else None
    return _answer(call, channel)


@method(raw.functions.messages.AddChatUser, bots=False)
async def add_chat_user(call: Call, query: Any) -> Any:
    """messages.addChatUser. RpcError 400 USER_ALREADY_PARTICIPANT."""
    group, actor, user = group_of(call, query.chat_id), account(call), user_of(call, query.user_id)
    require(user.id not in group.members, "USER_ALREADY_PARTICIPANT")
    _join(call, group, user=user, actor=actor)
    return raw.types.messages.InvitedUsers(updates=_answer(call, group), missing_invitees=[])


@method(raw.functions.messages.DeleteChatUser)
async def delete_chat_user(call: Call, query: Any) -> Any:
    """messages.deleteChatUser. RpcError 400 USER_NOT_PARTICIPANT, CHAT_ADMIN_REQUIRED."""
    group, actor, user = group_of(call, query.chat_id), account(call), user_of(call, query.user_id)
    require(user.id in group.members, "USER_NOT_PARTICIPANT")
    require(user.id == actor.id or group.is_admin(actor.id), "CHAT_ADMIN_REQUIRED")
    _leave(call, group, user=user, actor=actor)
    return _answer(call, group)


@method(raw.functions.messages.EditChatAdmin)
async def edit_chat_admin(call: Call, query: Any) -> Any:
    """messages.editChatAdmin. RpcError 400 CHAT_ADMIN_REQUIRED, USER_NOT_PARTICIPANT."""
    group, actor, user = group_of(call, query.chat_id), account(call), user_of(call, query.user_id)
    require(actor.id == group.creator_id, "CHAT_ADMIN_REQUIRED")
    if user.id not in group.members:
        raise RpcError(400, "USER_NOT_PARTICIPANT")
    call.server.world.add_member(group, user, admin=query.is_admin, actor=actor)
    return True


@method(raw.functions.messages.MigrateChat, bots=False)
async def migrate_chat(call: Call, query: Any) -> Any:
    """messages.migrateChat: the basic group becomes a supergroup. RpcError 400 CHAT_ADMIN_REQUIRED, CHAT_ID_INVALID."""
    group = group_of(call, query.chat_id)
    require(account(call).id == group.creator_id, "CHAT_ADMIN_REQUIRED")
    require(group.migrated_to is None, "CHAT_ID_INVALID")
    made = call.server.world.migrate(group)
    view = view_for(call)
    view.chat(group)
    view.chat(made)
    return view.updates([raw.types.UpdateChannel(channel_id=made.id)])


@method(raw.functions.channels.EditTitle, raw.functions.messages.EditChatTitle)
async def edit_title(call: Call, query: Any) -> Any:
    """channels.editTitle, messages.editChatTitle.

    RpcError 400 CHAT_TITLE_EMPTY, CHAT_NOT_MODIFIED, CHAT_ADMIN_REQUIRED.
    """
    in_group = isinstance(query, raw.functions.messages.EditChatTitle)
    chat: Chat = group_of(call, query.chat_id) if in_group else channel_of(call, query.channel)
    actor = account(call)
    require(bool(query.title.strip()), "CHAT_TITLE_EMPTY")
    require(chat.may(actor.id, "change_info"), "CHAT_ADMIN_REQUIRED")
    require(chat.title != query.title, "CHAT_NOT_MODIFIED")
    chat.title = query.title
    broadcast = isinstance(chat, Channel) and not chat.megagroup
    draft = Draft(action=raw.types.MessageActionChatEditTitle(title=query.title))
    world = call.server.world
    world.delivery.send(None if broadcast else actor, chat.peer, drafts=[draft])
    return _answer(call, chat)


def _join(call: Call, chat: Chat, *, user: User, actor: User) -> None:
    """Add a user as an ordinary member."""
    world = call.server.world
    member = Member(user.id, actor.id, world.now())
    world.membership.set(chat, user, member=member, actor=actor, session=call.session)


def _leave(call: Call, chat: Chat, *, user: User, actor: User) -> None:
    call.server.world.membership.set(chat, user, member=None, actor=actor, session=call.session)


def _promote(call: Call, channel: Channel, *, user: User, names: frozenset[str], rank: str, actor: User) -> None:
    """Set rights; a bot that is not in the channel is added by this."""
    world = call.server.world
    old = channel.members.get(user.id)
    if old is None and not user.is_bot:
        raise RpcError(400, "USER_NOT_PARTICIPANT")
    member = Member(
        user.id,
        old.inviter_id if old else actor.id,
        old.date if old else world.now(),
        names or None,
        promoted_by=actor.id if names else None,
        rank=rank,
    )
    world.membership.set(channel, user, member=member, actor=actor, session=call.session)


def _answer(call: Call, chat: Chat) -> Any:
    """The updates for the caller: the chat as it is now."""
    view = view_for(call)
    view.chat(chat)
    if isinstance(chat, Group):
        for number in chat.members:
            view.user(number)
        return view.updates([call.server.world.membership.participants_update(chat)])
    return view.updates([raw.types.UpdateChannel(channel_id=chat.id)])

"""Members of chats in TL form."""

from typing import Any

from pyrogram import raw

from tgemulator.world.model import CREATOR_RIGHTS, Chat, Member


def rights_object(names: frozenset[str]) -> Any:
    """raw.types.ChatAdminRights with these flags set."""
    return raw.types.ChatAdminRights(**dict.fromkeys(names, True))


def rights_names(rights: Any) -> frozenset[str]:
    """The names of the flags that are set in a raw.types.ChatAdminRights."""
    return frozenset(name for name in rights.__slots__ if getattr(rights, name, None) is True)


def admin_rights(chat: Chat, user_id: int) -> Any:
    """raw.types.ChatAdminRights of an administrator, None for anybody else."""
    if not chat.is_admin(user_id):
        return None
    if user_id == chat.creator_id:
        return rights_object(CREATOR_RIGHTS)
    return rights_object(chat.members[user_id].rights or frozenset())


def channel_participant(chat: Chat, member: Member, *, viewer_id: int) -> Any:
    """raw.types.ChannelParticipant* for a member of a channel or supergroup, as `viewer_id` sees it."""
    if member.user_id == chat.creator_id:
        return raw.types.ChannelParticipantCreator(
            user_id=member.user_id, admin_rights=rights_object(CREATOR_RIGHTS), rank=member.rank or None
        )
    own = member.user_id == viewer_id
    if member.rights is not None:
        return raw.types.ChannelParticipantAdmin(
            user_id=member.user_id,
            promoted_by=member.promoted_by or chat.creator_id,
            date=member.date,
            admin_rights=rights_object(member.rights),
            can_edit=viewer_id in (chat.creator_id, member.promoted_by) or None,
            is_self=own or None,
            inviter_id=member.inviter_id if own else None,
            rank=member.rank or None,
        )
    if member.muted_by is not None:
        return _banned(member.user_id, by=member.muted_by, date=member.date, left=None)
    if own:
        return raw.types.ChannelParticipantSelf(user_id=member.user_id, inviter_id=member.inviter_id, date=member.date)
    return raw.types.ChannelParticipant(user_id=member.user_id, date=member.date)


def banned_participant(user_id: int, *, by: int, date: int) -> Any:
    """raw.types.ChannelParticipantBanned for somebody who was removed by an administrator."""
    return _banned(user_id, by=by, date=date, left=True)


def _banned(user_id: int, *, by: int, date: int, left: bool | None) -> Any:
    """`left` None: of a member who may read, but not write."""
    return raw.types.ChannelParticipantBanned(
        peer=raw.types.PeerUser(user_id=user_id),
        kicked_by=by,
        date=date,
        banned_rights=raw.types.ChatBannedRights(until_date=0, view_messages=left, send_messages=True),
        left=left,
    )


def chat_participant(chat: Chat, member: Member) -> Any:
    """raw.types.ChatParticipant* for a member of a basic group."""
    if member.user_id == chat.creator_id:
        return raw.types.ChatParticipantCreator(user_id=member.user_id)
    make = raw.types.ChatParticipant if member.rights is None else raw.types.ChatParticipantAdmin
    return make(user_id=member.user_id, inviter_id=member.inviter_id, date=member.date)


def chat_participants(chat: Chat, *, version: int) -> Any:
    """raw.types.ChatParticipants: everybody in a basic group."""
    return raw.types.ChatParticipants(
        chat_id=chat.id,
        participants=[chat_participant(chat, member) for member in chat.members.values()],
        version=version,
    )

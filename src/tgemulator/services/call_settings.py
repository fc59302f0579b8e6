"""phone.*: the settings of a group call, links to it, and as which peer one joins."""

import secrets
from typing import Any

from pyrogram import raw

from tgemulator.errors import RpcError
from tgemulator.services.access import account, require, view_for
from tgemulator.services.call_access import call_of, chat_of_call, chat_with_calls, require_manager
from tgemulator.services.calls import MOST_TITLE, join_as_peer
from tgemulator.services.registry import Call, method
from tgemulator.world.call_model import GroupCall
from tgemulator.world.model import Channel, Chat

_phone = raw.functions.phone


@method(_phone.ToggleGroupCallSettings, bots=False)
async def toggle_group_call_settings(call: Call, query: Any) -> Any:
    """phone.toggleGroupCallSettings: listeners only from now on, or no longer; links become invalid.

    RpcError 400 CHAT_ADMIN_REQUIRED, GROUPCALL_NOT_MODIFIED.
    """
    found = call_of(call, query.call)
    require_manager(call, chat_of_call(call, found))
    changes = query.join_muted is not None and query.join_muted != found.join_muted
    require(changes or bool(query.reset_invite_hash), "GROUPCALL_NOT_MODIFIED")
    if query.reset_invite_hash:
        found.invites.clear()
    if query.join_muted is not None:
        found.join_muted = query.join_muted
    return _told(call, found)


@method(_phone.EditGroupCallTitle, bots=False)
async def edit_group_call_title(call: Call, query: Any) -> Any:
    """phone.editGroupCallTitle. RpcError 400 CHAT_ADMIN_REQUIRED, GROUPCALL_NOT_MODIFIED."""
    found = call_of(call, query.call)
    require_manager(call, chat_of_call(call, found))
    require(query.title != found.title, "GROUPCALL_NOT_MODIFIED")
    found.title = query.title[:MOST_TITLE]
    return _told(call, found)


@method(_phone.ToggleGroupCallRecord, bots=False)
async def toggle_group_call_record(call: Call, query: Any) -> Any:
    """phone.toggleGroupCallRecord: marks the call as recorded, and records nothing.

    RpcError 400 CHAT_ADMIN_REQUIRED, GROUPCALL_NOT_MODIFIED.
    """
    found = call_of(call, query.call)
    require_manager(call, chat_of_call(call, found))
    require(bool(query.start) != (found.recorded_since is not None), "GROUPCALL_NOT_MODIFIED")
    found.recorded_since = int(call.server.now()) if query.start else None
    found.record_video = bool(query.start and query.video)
    return _told(call, found)


@method(_phone.ExportGroupCallInvite, bots=False)
async def export_group_call_invite(call: Call, query: Any) -> Any:
    """phone.exportGroupCallInvite: a link, which lets one speak if an administrator wants it.

    RpcError 403 PUBLIC_CHANNEL_MISSING (only public chats have such links), 400 CHAT_ADMIN_REQUIRED.
    """
    found = call_of(call, query.call)
    chat = chat_of_call(call, found)
    if not isinstance(chat, Channel) or not chat.username:
        raise RpcError(403, "PUBLIC_CHANNEL_MISSING")
    kind = "videochat" if chat.megagroup else "livestream"
    if not query.can_self_unmute:
        return raw.types.phone.ExportedGroupCallInvite(link=f"https://t.me/{chat.username}?{kind}")
    require_manager(call, chat)
    return raw.types.phone.ExportedGroupCallInvite(link=f"https://t.me/{chat.username}?{kind}={_hash(found)}")


@method(_phone.GetGroupCallJoinAs, bots=False)
async def get_group_call_join_as(call: Call, query: Any) -> Any:
    """phone.getGroupCallJoinAs: the account, and the channels that it made, and this chat if it is its creator's."""
    chat, view = chat_with_calls(call, query.peer), view_for(call)
    own = [
        other
        for other in call.server.world.chats.values()
        if isinstance(other, Channel) and other.creator_id == view.viewer.id and (not other.megagroup or other is chat)
    ]
    peers = [view.peer(("user", view.viewer.id)), *(view.peer(other.peer) for other in own)]
    return raw.types.phone.JoinAsPeers(peers=peers, chats=list(view.chats.values()), users=list(view.users.values()))


@method(_phone.SaveDefaultGroupCallJoinAs, bots=False)
async def save_default_group_call_join_as(call: Call, query: Any) -> Any:
    """phone.saveDefaultGroupCallJoinAs. RpcError 400 PEER_ID_INVALID, JOIN_AS_PEER_INVALID."""
    chat = chat_with_calls(call, query.peer)
    chat.join_as[account(call).id] = join_as_peer(call, chat.peer, query.join_as)
    return True


@method(_phone.GetGroupCallStreamRtmpUrl, bots=False)
async def get_group_call_stream_rtmp_url(call: Call, query: Any) -> Any:
    """phone.getGroupCallStreamRtmpUrl: where the stream of a chat is sent to; `revoke` changes the key.

    RpcError 400 CHAT_ADMIN_REQUIRED.
    """
    chat, calls = chat_with_calls(call, query.peer), call.server.world.calls
    require_manager(call, chat)
    return raw.types.phone.GroupCallStreamRtmpUrl(url=calls.rtmp_url, key=_stream_key(chat, revoke=query.revoke))


def _stream_key(chat: Chat, *, revoke: bool) -> str:
    """The key of a chat's stream, made when it is asked for the first time."""
    if revoke or not chat.stream_key:
        chat.stream_key = f"{chat.id}:{secrets.token_urlsafe(16)}"
    return chat.stream_key


def _hash(found: GroupCall) -> str:
    """The hash that lets its holder speak; the same until links are reset."""
    if not found.invites:
        found.invites[secrets.token_urlsafe(8)] = True
    return next(iter(found.invites))


def _told(call: Call, found: GroupCall) -> Any:
    """Tell everybody of the changed call; the caller by the answer."""
    world, view = call.server.world, view_for(call)
    world.calls.tell(found, by=view.viewer, session=call.session)
    return view.updates([world.calls.call_update(view, found)])

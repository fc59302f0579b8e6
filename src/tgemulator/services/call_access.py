"""Finds the group call that a request names, and says what the caller may do in it."""

from typing import Any

from pyrogram import raw

from tgemulator.errors import RpcError
from tgemulator.services.access import account, channel_of, group_of, require
from tgemulator.services.registry import Call
from tgemulator.world.call_model import CallParticipant, GroupCall
from tgemulator.world.call_view import input_call
from tgemulator.world.model import Channel, Chat
from tgemulator.world.view import View


def call_of(call: Call, given: Any) -> GroupCall:
    """The call that an InputGroupCall names, if it has not ended and the caller may see it.

    RpcError 400 GROUPCALL_INVALID (no such call, or a wrong access_hash), 403 GROUPCALL_FORBIDDEN (it has ended, or the
    caller is not in its chat).
    """
    world = call.server.world
    found = world.calls_by_id.get(given.id) if isinstance(given, raw.types.InputGroupCall) else None
    if found is None or given.access_hash != found.access_hash:
        raise RpcError(400, "GROUPCALL_INVALID")
    require(found.ended_at is None, "GROUPCALL_FORBIDDEN", code=403)
    chat = chat_of_call(call, found)
    public = isinstance(chat, Channel) and bool(chat.username)
    require(account(call).id in chat.members or public, "GROUPCALL_FORBIDDEN", code=403)
    return found


def chat_of_call(call: Call, found: GroupCall) -> Chat:
    """The chat in which a call is."""
    return call.server.world.chats[found.peer[1]]


def chat_with_calls(call: Call, peer: Any) -> Chat:
    """The group or channel that an InputPeer names. RpcError 400 PEER_ID_INVALID, and those of channel_of."""
    if isinstance(peer, raw.types.InputPeerChannel):
        return channel_of(call, peer)
    if isinstance(peer, raw.types.InputPeerChat):
        return group_of(call, peer.chat_id)
    raise RpcError(400, "PEER_ID_INVALID")


def require_manager(call: Call, chat: Chat) -> None:
    """RpcError 400 CHAT_ADMIN_REQUIRED unless the caller may manage the calls of a chat."""
    require(chat.may(account(call).id, "manage_call"), "CHAT_ADMIN_REQUIRED")


def own_participant(call: Call, found: GroupCall) -> CallParticipant:
    """What the caller is in a call. RpcError 400 GROUPCALL_JOIN_MISSING."""
    one = found.of_account(account(call).id)
    if one is None:
        raise RpcError(400, "GROUPCALL_JOIN_MISSING")
    return one


def call_fields(view: View, chat: Chat) -> dict[str, Any]:
    """The fields of ChannelFull and ChatFull about calls: the call, and as which peer the viewer joins by default."""
    found = view.state.calls_by_id.get(chat.call_id or 0)
    chosen = chat.join_as.get(view.viewer.id)
    return {
        "call": None if found is None else input_call(found),
        "groupcall_default_join_as": None if chosen is None else view.peer(chosen),
    }

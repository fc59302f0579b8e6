"""Finds the account, users, chats and messages that a request names, with Telegram's checks.

An access_hash is valid for one account only. Bots may pass 0 for users that they share a chat with
(core.telegram.org/api/peers#access-hash).
"""

from typing import Any

from pyrogram import raw

from tgemulator.errors import RpcError
from tgemulator.services.registry import Call
from tgemulator.world.model import Channel, Group, Message, Peer, User
from tgemulator.world.view import View
from tgemulator.world.world import World

_SELF = (raw.types.InputPeerSelf, raw.types.InputUserSelf)
_USER = (raw.types.InputPeerUser, raw.types.InputUser)
_CHANNEL = (raw.types.InputPeerChannel, raw.types.InputChannel)


def require(condition: bool, text: str, *, code: int = 400) -> None:
    """RpcError(code, text) unless the condition holds."""
    if not condition:
        raise RpcError(code, text)


def account(call: Call) -> User:
    """The account of a call, on its home DC. RpcError 303 USER_MIGRATE_X on any other."""
    user = call.user
    require(user.home_dc == call.dc_id, f"USER_MIGRATE_{user.home_dc}", code=303)
    return user


def view_for(call: Call) -> View:
    """A View for the account of a call."""
    return View(call.server.world, account(call))


def user_of(call: Call, given: Any, *, error: str = "USER_ID_INVALID") -> User:
    """The user that an InputUser or InputPeer names. RpcError 400 `error`."""
    world, caller = call.server.world, account(call)
    if isinstance(given, _SELF):
        return caller
    if not isinstance(given, _USER):
        raise RpcError(400, error)
    user = world.users.get(given.user_id)
    if user is None:
        raise RpcError(400, error)
    without_hash = caller.is_bot and given.access_hash == 0 and _acquainted(caller, user, world=world)
    require(without_hash or given.access_hash == world.access_hash(caller.id, "user", number=user.id), error)
    return user


def channel_of(call: Call, given: Any, *, code: int = 406) -> Channel:
    """The channel that an InputChannel or InputPeer names, if the caller may see it.

    RpcError 400 CHANNEL_INVALID (no such channel, or a wrong access_hash), `code` CHANNEL_PRIVATE (not a
    member, and the channel has no username).
    """
    world, caller = call.server.world, account(call)
    if not isinstance(given, _CHANNEL):
        raise RpcError(400, "CHANNEL_INVALID")
    channel = world.chats.get(given.channel_id)
    if not isinstance(channel, Channel):
        raise RpcError(400, "CHANNEL_INVALID")
    known = caller.id in channel.members or caller.id in channel.former
    without_hash = caller.is_bot and given.access_hash == 0 and known
    valid = given.access_hash == world.access_hash(caller.id, "channel", number=channel.id)
    require(without_hash or valid, "CHANNEL_INVALID")
    require(caller.id in channel.members or bool(channel.username), "CHANNEL_PRIVATE", code=code)
    return channel


def group_of(call: Call, chat_id: int) -> Group:
    """The basic group of that id, if the caller is in it. RpcError 400 CHAT_ID_INVALID."""
    group = call.server.world.chats.get(chat_id)
    if not isinstance(group, Group) or account(call).id not in group.members:
        raise RpcError(400, "CHAT_ID_INVALID")
    return group


def peer_of(call: Call, given: Any) -> Peer:
    """The Peer that an InputPeer names. RpcError 400 PEER_ID_INVALID, and those of channel_of."""
    if isinstance(given, _CHANNEL):
        return channel_of(call, given).peer
    if isinstance(given, raw.types.InputPeerChat):
        group = call.server.world.chats.get(given.chat_id)
        if not isinstance(group, Group) or account(call).id not in group.members:
            raise RpcError(400, "PEER_ID_INVALID")
        return group.peer
    return ("user", user_of(call, given, error="PEER_ID_INVALID").id)


def message_of(call: Call, peer: Peer, *, number: int) -> Message:
    """The caller's copy of a message that exists. RpcError 400 MESSAGE_ID_INVALID."""
    message = find_message(call, peer, number=number)
    if message is None or message.deleted:
        raise RpcError(400, "MESSAGE_ID_INVALID")
    return message


def find_message(call: Call, peer: Peer, *, number: int) -> Message | None:
    """The caller's copy, deleted ones included, of a message in that chat that they may see."""
    world, caller = call.server.world, account(call)
    if peer[0] == "channel":
        message = world.channel(peer[1]).messages.get(number)
    else:
        message = world.mailbox(caller.id).messages.get(number)
        message = message if message is not None and message.peer == peer else None
    return message if message is not None and world.sees(caller, message) else None


def _acquainted(caller: User, user: User, *, world: World) -> bool:
    """Whether a bot may name a user without access_hash: they share a chat, or the user has written to it."""
    if user.id == caller.id or world.has_written(user.id, to=caller.id):
        return True
    return any(caller.id in chat.members and user.id in chat.members for chat in world.chats.values())

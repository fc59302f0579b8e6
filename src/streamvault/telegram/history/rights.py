"""What the bot may do in a channel, and the channel's pts."""

from dataclasses import dataclass
from typing import Any

from pyrogram import raw, utils

from streamvault.errors import FileMissing
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.locations import input_channel


@dataclass(frozen=True, slots=True)
class Rights:
    """`reads`: the bot sees every message. `posts`: it may post."""

    member: bool
    reads: bool = False
    posts: bool = False


async def rights_in(account: Account, chat_id: int) -> Rights:
    """The rights in a channel or supergroup. Raises SourceError."""
    query = raw.functions.channels.GetChannels(id=[await input_channel(account, chat_id)])
    try:
        answer = await account.call(query)
    except FileMissing:
        return Rights(member=False)
    for chat in answer.chats:
        if isinstance(chat, raw.types.Channel) and utils.get_channel_id(chat.id) == chat_id and not chat.left:
            await account.client.fetch_peers([chat])
            return Rights(True, reads=bool(chat.broadcast or chat.admin_rights or chat.creator), posts=_may_post(chat))
    return Rights(member=False)


async def channel_by_name(account: Account, username: str) -> int | None:
    """The chat_id of the channel with this username; None if there is none. Raises SourceError."""
    query = raw.functions.contacts.ResolveUsername(username=username.removeprefix("@"))
    try:
        answer = await account.call(query)
    except FileMissing:
        return None
    if not isinstance(answer.peer, raw.types.PeerChannel):
        return None
    await account.client.fetch_peers(answer.chats)
    return int(utils.get_channel_id(answer.peer.channel_id))


async def current_pts(account: Account, chat_id: int) -> int:
    """The pts of a channel that the bot is in. Raises FileMissing, SourceError."""
    channel = await input_channel(account, chat_id)
    full = await account.call(raw.functions.channels.GetFullChannel(channel=channel))
    return int(full.full_chat.pts)


def _may_post(chat: Any) -> bool:
    if chat.creator:
        return True
    if chat.broadcast:
        return bool(chat.admin_rights and chat.admin_rights.post_messages)
    banned = chat.default_banned_rights
    return bool(chat.admin_rights or banned is None or not (banned.send_messages or banned.send_media))

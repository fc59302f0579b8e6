"""The list of a user account's chats (messages.getDialogs): a user account needs an access hash for each chat."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from pyrogram import raw, utils

MAX_PAGES = 100
"""Pages of the list that are read at most."""
_PER_PAGE = 100


async def store_channels(client: Any, call: Callable[[Any], Awaitable[Any]]) -> None:
    """Store the peers of all chats of a user account; `call` returns Telegram's answer, and raises as it likes."""
    async for answer in pages(call):
        await client.fetch_peers(answer.chats)  # users are not stored: they may be many


async def pages(call: Callable[[Any], Awaitable[Any]], *, most: int = MAX_PAGES) -> AsyncIterator[Any]:
    """The answers of `call` to requests for the list, those with the newest message first."""
    offset: dict[str, Any] = {"offset_date": 0, "offset_id": 0, "offset_peer": raw.types.InputPeerEmpty()}
    for _ in range(most):
        answer = await call(raw.functions.messages.GetDialogs(**offset, limit=_PER_PAGE, hash=0))
        yield answer
        last = next(reversed([*_top_messages(answer)]), None)
        if not isinstance(answer, raw.types.messages.DialogsSlice) or last is None:
            return
        offset = {"offset_date": last.date, "offset_id": last.id, "offset_peer": _input_peer(last.peer_id, answer)}


def _input_peer(peer: Any, answer: Any) -> Any:
    """The InputPeer of a peer in an answer, with its access hash from there."""
    types = raw.types
    if isinstance(peer, types.PeerChat):
        return types.InputPeerChat(chat_id=peer.chat_id)
    if isinstance(peer, types.PeerUser):
        hashes = {one.id: getattr(one, "access_hash", None) for one in answer.users}
        return types.InputPeerUser(user_id=peer.user_id, access_hash=hashes.get(peer.user_id) or 0)
    hashes = {one.id: getattr(one, "access_hash", None) for one in answer.chats}
    return types.InputPeerChannel(channel_id=peer.channel_id, access_hash=hashes.get(peer.channel_id) or 0)


def _top_messages(answer: Any) -> Sequence[Any]:
    """The newest message of each chat on a page of dialogs, in their order; without the chats that have none."""
    by_id = {(utils.get_peer_id(message.peer_id), message.id): message for message in answer.messages}
    ids = ((utils.get_peer_id(one.peer), one.top_message) for one in answer.dialogs)
    return [by_id[id] for id in ids if id in by_id]

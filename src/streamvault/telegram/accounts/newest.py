"""The newest messages of a chat, also for a bot, which may not call messages.getHistory."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pyrogram import raw, utils

from streamvault.telegram.accounts.locations import Reader, input_channel, read_messages

BATCH = 100
"""Messages of one request."""


Call = Callable[[Any], Awaitable[Any]]
"""Telegram's answer to a query; see Account.call."""


async def newest_message(call: Call, channel: Any) -> tuple[int, int | None]:
    """The id of the newest message of an InputChannel, and the channel's pts if that is known. Raises as `call` does.

    The difference from pts 1 is "too long" for any but a new channel, and then holds the newest message. Otherwise the
    channel's pts is returned as the id: it counts every message, and edits and deletions as well.
    """
    query = raw.functions.updates.GetChannelDifference(
        channel=channel, filter=raw.types.ChannelMessagesFilterEmpty(), pts=1, limit=1
    )
    answer = await call(query)
    if isinstance(answer, raw.types.updates.ChannelDifferenceTooLong):
        ids = [getattr(answer.dialog, "top_message", 0), *(message.id for message in answer.messages)]
        if max(ids) > 0:
            return int(max(ids)), getattr(answer.dialog, "pts", None)
    full = await call(raw.functions.channels.GetFullChannel(channel=channel))
    return int(full.full_chat.pts), int(full.full_chat.pts)


async def newest_messages(account: Reader, chat_id: int, count: int) -> list[Any]:
    """The raw messages among the `count` newest ids of a chat, the newest first. Raises as Reader.call.

    In private chats and basic groups: those among the latest `count` updates of the account.
    """
    if chat_id >= utils.ZERO_CHANNEL_ID:
        return await _latest_private(account, chat_id, count)
    top, _ = await newest_message(account.call, await input_channel(account, chat_id))
    found: list[Any] = []
    while top > 0:
        ids = range(max(1, top - BATCH + 1), top + 1)
        found += _newest_first(await read_messages(account, chat_id, ids))
        top = ids.start - 1
        if found and top <= found[0].id - count:
            break
    return [message for message in found if message.id > found[0].id - count]


async def _latest_private(account: Reader, chat_id: int, count: int) -> list[Any]:
    state = await account.call(raw.functions.updates.GetState())
    pts = max(1, state.pts - count)
    found: list[Any] = []
    for _ in range(count):
        query = raw.functions.updates.GetDifference(pts=pts, date=state.date, qts=state.qts)
        answer = await account.call(query)
        found += getattr(answer, "new_messages", ())
        if not isinstance(answer, raw.types.updates.DifferenceSlice):
            break
        pts = answer.intermediate_state.pts
    return [
        message
        for message in _newest_first(found)
        if isinstance(message, raw.types.Message) and utils.get_peer_id(message.peer_id) == chat_id
    ]


def _newest_first(messages: Sequence[Any]) -> list[Any]:
    return sorted(messages, key=lambda message: int(message.id), reverse=True)

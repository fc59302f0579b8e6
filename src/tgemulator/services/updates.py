"""State, difference and a channel's difference (core.telegram.org/api/updates)."""

from collections.abc import Iterable
from typing import Any

from pyrogram import raw

from tgemulator.services.access import account, channel_of, require, view_for
from tgemulator.services.history import dialog
from tgemulator.services.registry import Call, method
from tgemulator.world.journal import Event
from tgemulator.world.model import Channel, Mailbox
from tgemulator.world.view import View

MOST_FOR_USERS = 100
MOST_FOR_BOTS = 100_000
_POLL_AFTER = 30  # seconds after which a client may fetch a channel's difference again
_SEQ = 1  # never advances: every push has seq 0, "no order"
_NEW = (raw.types.UpdateNewMessage, raw.types.UpdateNewChannelMessage)


@method(raw.functions.updates.GetState)
async def get_state(call: Call, query: Any) -> Any:
    """updates.getState."""
    mailbox = call.server.world.mailbox(account(call).id)
    return _state(call, pts=mailbox.journal.pts, qts=mailbox.events.pts)


@method(raw.functions.updates.GetDifference)
async def get_difference(call: Call, query: Any) -> Any:
    """updates.getDifference of private chats, basic groups and memberships.

    Channels that changed since `date` come as updateChannelTooLong, if World.tell_of_channels. RpcError 400
    PERSISTENT_TIMESTAMP_EMPTY, PERSISTENT_TIMESTAMP_INVALID, DATE_EMPTY.
    """
    world, view = call.server.world, view_for(call)
    mailbox = world.mailbox(view.viewer.id)
    _check_pts(query.pts, mailbox.journal.pts)
    require(query.date != 0, "DATE_EMPTY")
    total = query.pts_total_limit
    if not mailbox.journal.remembers(query.pts) or (total and mailbox.journal.pts - query.pts > total):
        return raw.types.updates.DifferenceTooLong(pts=mailbox.journal.pts)
    qts = max(0, query.qts)
    messages, others = mailbox.journal.since(query.pts), mailbox.events.since(qts)
    if len(messages) > world.slice_size:
        return _slice(call, view, events=messages[: world.slice_size], qts=qts)
    channels = [
        chat
        for chat in world.chats.values()
        if isinstance(chat, Channel)
        and world.tell_of_channels
        and view.viewer.id in chat.members
        and chat.changed_at >= query.date
    ]
    if not messages and not others and not channels:
        return raw.types.updates.DifferenceEmpty(date=world.now(), seq=_SEQ)
    return _difference(call, view, mailbox=mailbox, events=[*messages, *others], channels=channels)


@method(raw.functions.updates.GetChannelDifference)
async def get_channel_difference(call: Call, query: Any) -> Any:
    """updates.getChannelDifference: empty, a part (not `final` while there is more), or too long.

    RpcError 400 CHANNEL_INVALID, CHANNEL_PRIVATE, PERSISTENT_TIMESTAMP_EMPTY, PERSISTENT_TIMESTAMP_INVALID,
    LIMIT_INVALID.
    """
    world, view = call.server.world, view_for(call)
    channel = channel_of(call, query.channel, code=400)
    journal = channel.journal
    _check_pts(query.pts, journal.pts)
    require(query.limit > 0, "LIMIT_INVALID")
    limit = min(query.limit, MOST_FOR_BOTS if view.viewer.is_bot else MOST_FOR_USERS)
    if query.pts == journal.pts:
        return raw.types.updates.ChannelDifferenceEmpty(pts=journal.pts, final=True, timeout=_POLL_AFTER)
    if not journal.remembers(query.pts) or query.pts + limit < journal.pts:
        return _channel_too_long(view, channel)
    events = journal.since(query.pts)
    page = events[: world.slice_size]
    new, other = _sorted(view, page, channel=channel)
    view.chat(channel)
    return raw.types.updates.ChannelDifference(
        pts=page[-1].pts,
        new_messages=[message for message in new if _in_ranges(query.filter, message.id)],
        other_updates=other,
        chats=list(view.chats.values()),
        users=list(view.users.values()),
        final=len(page) == len(events) or None,
        timeout=_POLL_AFTER,
    )


def _check_pts(pts: int, current: int) -> None:
    """RpcError 400 PERSISTENT_TIMESTAMP_EMPTY for 0, PERSISTENT_TIMESTAMP_INVALID for one outside (0, current]."""
    require(pts != 0, "PERSISTENT_TIMESTAMP_EMPTY")
    require(0 < pts <= current, "PERSISTENT_TIMESTAMP_INVALID")


def _state(call: Call, *, pts: int, qts: int) -> Any:
    return raw.types.updates.State(pts=pts, qts=qts, date=call.server.world.now(), seq=_SEQ, unread_count=0)


def _slice(call: Call, view: View, *, events: list[Event], qts: int) -> Any:
    """The first part of a long difference."""
    new, other = _sorted(view, events, channel=None)
    return raw.types.updates.DifferenceSlice(
        new_messages=new,
        new_encrypted_messages=[],
        other_updates=other,
        chats=list(view.chats.values()),
        users=list(view.users.values()),
        intermediate_state=_state(call, pts=events[-1].pts, qts=qts),
    )


def _difference(call: Call, view: View, *, mailbox: Mailbox, events: list[Event], channels: list[Channel]) -> Any:
    """The whole of a difference, or its last part."""
    new, other = _sorted(view, events, channel=None)
    for channel in channels:
        view.chat(channel)
        other.append(raw.types.UpdateChannelTooLong(channel_id=channel.id, pts=channel.journal.pts))
    return raw.types.updates.Difference(
        new_messages=new,
        new_encrypted_messages=[],
        other_updates=other,
        chats=list(view.chats.values()),
        users=list(view.users.values()),
        state=_state(call, pts=mailbox.journal.pts, qts=mailbox.events.pts),
    )


def _sorted(view: View, events: Iterable[Event], *, channel: Channel | None) -> tuple[list[Any], list[Any]]:
    """New messages in their current form, and all other updates."""
    updates = [update for event in events if (update := view.update(event, channel)) is not None]
    new = [update.message for update in updates if isinstance(update, _NEW)]
    return new, [update for update in updates if not isinstance(update, _NEW)]


def _in_ranges(chosen: Any, number: int) -> bool:
    """Whether a ChannelMessagesFilter lets a message through."""
    if not isinstance(chosen, raw.types.ChannelMessagesFilter):
        return True
    return any(part.min_id <= number <= part.max_id for part in chosen.ranges)


def _channel_too_long(view: View, channel: Channel) -> Any:
    """The channel's current state with its newest messages."""
    alive = (message for message in reversed(channel.messages.values()) if not message.deleted)
    newest = [message for message, _ in zip(alive, range(20), strict=False) if view.state.sees(view.viewer, message)]
    top = newest[0] if newest else None
    return raw.types.updates.ChannelDifferenceTooLong(
        dialog=dialog(view, channel.peer, top=top),
        messages=view.messages(newest),
        chats=list(view.chats.values()),
        users=list(view.users.values()),
        final=True,
        timeout=_POLL_AFTER,
    )

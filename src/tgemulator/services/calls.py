"""phone.*: group calls begin and end, and clients join and leave them (core.telegram.org/api/group-calls)."""

from typing import Any

from pyrogram import raw

from tgemulator.errors import RpcError
from tgemulator.services.access import account, channel_of, require, user_of, view_for
from tgemulator.services.call_access import (
    call_of,
    chat_of_call,
    chat_with_calls,
    own_participant,
    require_manager,
)
from tgemulator.services.call_media import seat_of, video_of
from tgemulator.services.registry import Call, method
from tgemulator.sfu.offer import Offer, OfferError, parse_offer, signed, stream_text
from tgemulator.world.call_model import CallParticipant, GroupCall
from tgemulator.world.model import Peer

_phone = raw.functions.phone
MOST_TITLE = 64
_SCHEDULE_AHEAD = 8 * 24 * 3600


@method(_phone.CreateGroupCall, bots=False)
async def create_group_call(call: Call, query: Any) -> Any:
    """phone.createGroupCall, at once or for a later time.

    RpcError 400 PEER_ID_INVALID, CHAT_ADMIN_REQUIRED, SCHEDULE_DATE_INVALID, CREATE_CALL_FAILED (there is one already).
    """
    chat, world = chat_with_calls(call, query.peer), call.server.world
    require_manager(call, chat)
    date = query.schedule_date
    require(date is None or 0 < date - world.now() <= _SCHEDULE_AHEAD, "SCHEDULE_DATE_INVALID")
    require(chat.call_id is None, "CREATE_CALL_FAILED")
    title, stream = (query.title or "")[:MOST_TITLE], "rtmp" if query.rtmp_stream else None
    by = account(call)
    made = world.calls.create(chat, by=by, title=title, schedule_date=date, stream=stream, session=call.session)
    return _told(call, made)


@method(_phone.StartScheduledGroupCall, bots=False)
async def start_scheduled_group_call(call: Call, query: Any) -> Any:
    """phone.startScheduledGroupCall. RpcError 400 CHAT_ADMIN_REQUIRED, 403 GROUPCALL_ALREADY_STARTED."""
    found = call_of(call, query.call)
    require_manager(call, chat_of_call(call, found))
    require(found.schedule_date is not None, "GROUPCALL_ALREADY_STARTED", code=403)
    call.server.world.calls.start(found, by=account(call), session=call.session)
    return _told(call, found)


@method(_phone.ToggleGroupCallStartSubscription, bots=False)
async def toggle_start_subscription(call: Call, query: Any) -> Any:
    """phone.toggleGroupCallStartSubscription. RpcError 403 GROUPCALL_ALREADY_STARTED."""
    found, number = call_of(call, query.call), account(call).id
    require(found.schedule_date is not None, "GROUPCALL_ALREADY_STARTED", code=403)
    (found.subscribers.add if query.subscribed else found.subscribers.discard)(number)
    return _told(call, found)


@method(_phone.DiscardGroupCall, bots=False)
async def discard_group_call(call: Call, query: Any) -> Any:
    """phone.discardGroupCall: ends it for all.

    RpcError 400 CHAT_ADMIN_REQUIRED, GROUPCALL_ALREADY_DISCARDED.
    """
    ended = call.server.world.calls_by_id.get(getattr(query.call, "id", 0))
    require(ended is None or ended.ended_at is None, "GROUPCALL_ALREADY_DISCARDED")
    found = call_of(call, query.call)
    require_manager(call, chat_of_call(call, found))
    call.server.world.calls.discard(found, by=account(call), session=call.session)
    return _told(call, found)


@method(_phone.JoinGroupCall, bots=False)
async def join_group_call(call: Call, query: Any) -> Any:
    """phone.joinGroupCall: the media server's answer, then the participant as all see it.

    A call that has not begun cannot be joined. RpcError 400 GROUPCALL_INVALID, DATA_JSON_INVALID, JOIN_AS_PEER_INVALID,
    GROUPCALL_SSRC_DUPLICATE_MUCH, 403 GROUPCALL_FORBIDDEN.
    """
    found, user, world = call_of(call, query.call), account(call), call.server.world
    require(found.schedule_date is None, "GROUPCALL_INVALID")
    peer = join_as_peer(call, found.peer, query.join_as)
    offer = offer_of(query.params)
    _check_source(found, offer)
    one = world.calls.join(
        found,
        user,
        peer=peer,
        source=signed(offer.source),
        muted=bool(query.muted),
        may_speak=_may_speak(call, found, invite_hash=query.invite_hash),
        camera=video_of(offer, endpoint=f"{user.id}"),
        filming=not query.video_stopped,
        session=call.session,
    )
    answer = stream_text(rtmp=found.stream == "rtmp") if found.stream else _connect(call, found, one, offer=offer)
    return _joined(call, found, one, answer=answer)


@method(_phone.LeaveGroupCall, bots=False)
async def leave_group_call(call: Call, query: Any) -> Any:
    """phone.leaveGroupCall; the source does not matter. RpcError 400 GROUPCALL_JOIN_MISSING."""
    found = call_of(call, query.call)
    call.server.world.calls.leave(found, own_participant(call, found), session=call.session)
    return _told(call, found)


@method(_phone.JoinGroupCallPresentation, bots=False)
async def join_presentation(call: Call, query: Any) -> Any:
    """phone.joinGroupCallPresentation: a second connection, for a screen.

    RpcError 400 GROUPCALL_JOIN_MISSING, DATA_JSON_INVALID.
    """
    found = call_of(call, query.call)
    one, offer = own_participant(call, found), offer_of(query.params)
    one.presentation = video_of(offer, endpoint=f"{one.user_id}-screen", audio=signed(offer.source))
    answer = _connect(call, found, one, offer=offer, presentation=True)
    world, view = call.server.world, view_for(call)
    world.calls.update(found, one, session=call.session)
    connection = raw.types.UpdateGroupCallConnection(params=raw.types.DataJSON(data=answer), presentation=True)
    return view.updates([connection, world.calls.participants_update(view, found, [one])])


@method(_phone.LeaveGroupCallPresentation, bots=False)
async def leave_presentation(call: Call, query: Any) -> Any:
    """phone.leaveGroupCallPresentation. RpcError 400 GROUPCALL_JOIN_MISSING."""
    found, world = call_of(call, query.call), call.server.world
    one = own_participant(call, found)
    one.presentation = None
    call.server.sfu.leave(seat_of(found, one, presentation=True))
    world.calls.update(found, one, session=call.session)
    view = view_for(call)
    return view.updates([world.calls.participants_update(view, found, [one])])


def offer_of(params: Any) -> Offer:
    """The offer in a DataJSON. RpcError 400 DATA_JSON_INVALID."""
    try:
        return parse_offer(params.data)
    except OfferError:
        raise RpcError(400, "DATA_JSON_INVALID") from None


def join_as_peer(call: Call, chat: Peer, given: Any) -> Peer:
    """The peer under which the caller joins: itself, a channel that it made, or the `chat` if it administers it.

    RpcError 400 JOIN_AS_PEER_INVALID.
    """
    try:
        if isinstance(given, raw.types.InputPeerChannel):
            channel = channel_of(call, given)
            allowed = channel.creator_id == account(call).id or channel.peer == chat
            require(allowed and channel.is_admin(account(call).id), "JOIN_AS_PEER_INVALID")
            return channel.peer
        user = user_of(call, given)
    except RpcError:
        raise RpcError(400, "JOIN_AS_PEER_INVALID") from None
    require(user.id == account(call).id, "JOIN_AS_PEER_INVALID")
    return ("user", user.id)


def _check_source(found: GroupCall, offer: Offer) -> None:
    """RpcError 400 GROUPCALL_SSRC_DUPLICATE_MUCH if another participant, or an earlier join, has one of the sources."""
    offered = {signed(offer.source), *(signed(source) for group in offer.groups for source in group.sources)}
    taken = any(offered & one.sources for one in found.participants.values())
    require(not taken, "GROUPCALL_SSRC_DUPLICATE_MUCH")


def _may_speak(call: Call, found: GroupCall, *, invite_hash: str | None) -> bool:
    """Whether the caller may unmute itself: where listeners are muted, administrators and speakers' links only."""
    chat = chat_of_call(call, found)
    broadcast = chat.kind == "channel" and not getattr(chat, "megagroup", False)
    if not (found.join_muted or broadcast) or chat.may(account(call).id, "manage_call"):
        return True
    return found.invites.get(invite_hash or "", False)


def _connect(call: Call, found: GroupCall, one: CallParticipant, *, offer: Offer, presentation: bool = False) -> str:
    """The media server's answer to an offer."""
    seat = seat_of(found, one, presentation=presentation)
    answer = call.server.sfu.join(seat, offer)
    call.server.sfu.mute(seat, muted=not one.may_speak)
    return answer


def _joined(call: Call, found: GroupCall, one: CallParticipant, *, answer: str) -> Any:
    """The updates for somebody who has joined."""
    calls, view = call.server.world.calls, view_for(call)
    connection = raw.types.UpdateGroupCallConnection(params=raw.types.DataJSON(data=answer))
    participants = calls.participants_update(view, found, [one], joined=True)
    return view.updates([connection, participants, calls.call_update(view, found)])


def _told(call: Call, found: GroupCall) -> Any:
    """The call as it is now, for the caller."""
    view = view_for(call)
    return view.updates([call.server.world.calls.call_update(view, found)])

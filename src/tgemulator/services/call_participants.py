"""phone.*: who is in a group call, and what they may do there."""

from dataclasses import replace
from typing import Any

from pyrogram import raw
from pyrogram.raw.core import Int, Vector

from tgemulator.errors import RpcError
from tgemulator.services.access import account, channel_of, require, user_of, view_for
from tgemulator.services.call_access import call_of, chat_of_call, own_participant
from tgemulator.services.call_media import seat_of
from tgemulator.services.registry import Call, method
from tgemulator.world.call_model import CallParticipant, GroupCall
from tgemulator.world.call_view import call_object, participant_object
from tgemulator.world.model import Peer

_phone = raw.functions.phone
MOST_PARTICIPANTS = 500
_VOLUMES = range(1, 20_001)


@method(_phone.GetGroupCall, bots=False)
async def get_group_call(call: Call, query: Any) -> Any:
    """phone.getGroupCall, with the first participants."""
    found, view = call_of(call, query.call), view_for(call)
    page, offset = _page(call, found, after=0, limit=query.limit)
    return raw.types.phone.GroupCall(
        call=call_object(view, found),
        participants=[participant_object(view, one) for one in page],
        participants_next_offset=offset,
        chats=_chats(call, found, view),
        users=list(view.users.values()),
    )


@method(_phone.GetGroupParticipants, bots=False)
async def get_group_participants(call: Call, query: Any) -> Any:
    """phone.getGroupParticipants: a page of those that are listed, or those with certain peers or sources.

    `count` counts the hidden ones too. RpcError 400 OFFSET_INVALID.
    """
    found, view = call_of(call, query.call), view_for(call)
    if query.ids or query.sources:
        peers = {_peer_of(call, given) for given in query.ids}
        wanted = set(query.sources)
        page = [one for one in found.listed() if one.peer in peers or one.sources & wanted]
        offset = ""
    else:
        require(not query.offset or query.offset.isdecimal(), "OFFSET_INVALID")
        page, offset = _page(call, found, after=int(query.offset or 0), limit=query.limit)
    return raw.types.phone.GroupParticipants(
        count=len(found.participants),
        participants=[participant_object(view, one) for one in page],
        next_offset=offset,
        chats=_chats(call, found, view),
        users=list(view.users.values()),
        version=found.version,
    )


@method(_phone.CheckGroupCall, bots=False)
async def check_group_call(call: Call, query: Any) -> Any:
    """phone.checkGroupCall: those of the caller's sources that the media server still hears.

    RpcError 400 GROUPCALL_JOIN_MISSING.
    """
    found = call_of(call, query.call)
    one = own_participant(call, found)
    endpoint = call.server.sfu.endpoint(seat_of(found, one))
    heard = one.sources if endpoint is not None and endpoint.alive else set()
    return bytes(Vector([source for source in query.sources if source in heard], Int))


@method(_phone.GetGroupCallStreamChannels, bots=False)
async def get_group_call_stream_channels(call: Call, query: Any) -> Any:
    """phone.getGroupCallStreamChannels: none, as nothing is streamed here. RpcError 400 GROUPCALL_JOIN_MISSING."""
    own_participant(call, call_of(call, query.call))
    return raw.types.phone.GroupCallStreamChannels(channels=[])


@method(_phone.EditGroupCallParticipant, bots=False)
async def edit_group_call_participant(call: Call, query: Any) -> Any:
    """phone.editGroupCallParticipant: of oneself; of others by administrators, else for one's own ears only.

    RpcError 400 PARTICIPANT_JOIN_MISSING, USER_VOLUME_INVALID, RAISE_HAND_FORBIDDEN, VIDEO_STOP_FORBIDDEN (no video was
    offered, or the call has no room for it), 403 GROUPCALL_FORBIDDEN (an administrator has muted one).
    """
    found, user = call_of(call, query.call), account(call)
    one = found.participants.get(_peer_of(call, query.participant))
    if one is None:
        raise RpcError(400, "PARTICIPANT_JOIN_MISSING")
    require(query.volume is None or query.volume in _VOLUMES, "USER_VOLUME_INVALID")
    if one.user_id == user.id:
        _edit_own(call, found, one, query=query)
    elif chat_of_call(call, found).may(user.id, "manage_call"):
        _edit_other(one, query=query)
    elif query.muted is not None:
        (one.muted_by.add if query.muted else one.muted_by.discard)(user.id)
    calls, view = call.server.world.calls, view_for(call)
    calls.update(found, one, session=call.session)
    return view.updates([calls.participants_update(view, found, [one])])


@method(_phone.InviteToGroupCall, bots=False)
async def invite_to_group_call(call: Call, query: Any) -> Any:
    """phone.inviteToGroupCall: a service message in the chat. RpcError 400 USERS_TOO_FEW."""
    found, by = call_of(call, query.call), account(call)
    users = [user_of(call, given) for given in query.users]
    require(bool(users), "USERS_TOO_FEW")
    call.server.world.calls.invite(found, by=by, users=users)
    view = view_for(call)
    return view.updates([call.server.world.calls.call_update(view, found)])


def _edit_own(call: Call, found: GroupCall, one: CallParticipant, *, query: Any) -> None:
    """What a participant changes of itself."""
    if query.muted is not None:
        require(query.muted or one.may_speak, "GROUPCALL_FORBIDDEN", code=403)
        one.muted = query.muted
    if query.raise_hand is not None:
        require(not one.may_speak, "RAISE_HAND_FORBIDDEN")
        one.raised_hand = int(call.server.now()) if query.raise_hand else None
    if query.volume is not None:
        one.volume = query.volume
    _edit_video(found, one, query=query)


def _edit_video(found: GroupCall, one: CallParticipant, *, query: Any) -> None:
    """Begins, ends, pauses or resumes what a participant shows; pausing what is not shown changes nothing."""
    if query.video_stopped:
        one.video = None
    elif query.video_stopped is False and one.video is None:
        require(one.camera is not None and found.videos() < found.video_limit, "VIDEO_STOP_FORBIDDEN")
        one.video = one.camera
    if query.video_paused is not None and one.video is not None:
        one.video = replace(one.video, paused=query.video_paused)
    if query.presentation_paused is not None and one.presentation is not None:
        one.presentation = replace(one.presentation, paused=query.presentation_paused)


def _edit_other(one: CallParticipant, *, query: Any) -> None:
    """What an administrator changes of another: muting for all, the right to speak, the volume for all."""
    if query.muted is not None:
        one.may_speak, one.muted = not query.muted, True
        one.raised_hand = None
    if query.volume is not None:
        one.volume = query.volume


def _peer_of(call: Call, given: Any) -> Peer:
    """The peer of a participant that an InputPeer names."""
    if isinstance(given, raw.types.InputPeerChannel):
        return channel_of(call, given).peer
    return ("user", user_of(call, given, error="PARTICIPANT_ID_INVALID").id)


def _page(call: Call, found: GroupCall, *, after: int, limit: int) -> tuple[list[CallParticipant], str]:
    """The listed participants who joined after that place, and the offset of the next page, "" at the end."""
    size = call.server.world.calls.page if limit <= 0 else min(limit, MOST_PARTICIPANTS)
    rest = [one for one in found.listed() if one.order > after]
    page = rest[:size]
    return page, str(page[-1].order) if len(rest) > size else ""


def _chats(call: Call, found: GroupCall, view: Any) -> list[Any]:
    view.chat(chat_of_call(call, found))
    return list(view.chats.values())

"""Group calls and their participants in TL form, for one account."""

from typing import Any

from pyrogram import raw

from tgemulator.world.call_model import CallParticipant, GroupCall, Video
from tgemulator.world.view import View


def input_call(call: GroupCall) -> Any:
    """raw.types.InputGroupCall."""
    return raw.types.InputGroupCall(id=call.id, access_hash=call.access_hash)


def call_object(view: View, call: GroupCall, *, partial: bool = False) -> Any:
    """raw.types.GroupCall, or GroupCallDiscarded for one that has ended.

    `partial` (`min`): without what depends on the account, which clients then have to keep as it was
    (core.telegram.org/constructor/groupCall).
    """
    if call.ended_at is not None:
        duration = max(0, call.ended_at - call.date)
        return raw.types.GroupCallDiscarded(id=call.id, access_hash=call.access_hash, duration=duration)
    own = {} if partial else _own_fields(view, call)
    return raw.types.GroupCall(
        id=call.id,
        access_hash=call.access_hash,
        participants_count=len(call.participants),
        unmuted_video_limit=call.video_limit,
        unmuted_video_count=call.videos() or None,
        version=call.version,
        join_date_asc=True,
        record_video_active=call.record_video or None,
        rtmp_stream=call.stream == "rtmp" or None,
        listeners_hidden=call.listeners_hidden or None,
        title=call.title or None,
        stream_dc_id=view.viewer.home_dc if call.stream else None,
        record_start_date=call.recorded_since,
        schedule_date=call.schedule_date,
        min=partial or None,
        **own,
    )


def _own_fields(view: View, call: GroupCall) -> dict[str, Any]:
    """What a call says to this account only."""
    manages = view.state.chats[call.peer[1]].may(view.viewer.id, "manage_call")
    return {
        "join_muted": call.join_muted or None,
        "can_change_join_muted": manages or None,
        "can_start_video": call.videos() < call.video_limit or None,
        "schedule_start_subscribed": view.viewer.id in call.subscribers or None,
        "creator": call.creator_id == view.viewer.id or None,
    }


def participant_object(
    view: View, one: CallParticipant, *, joined: bool = False, left: bool = False, versioned: bool = False
) -> Any:
    """raw.types.GroupCallParticipant; the peer is remembered. `joined`, `left`, `versioned`: in an update only."""
    return raw.types.GroupCallParticipant(
        peer=view.peer(one.peer),
        date=one.date,
        source=one.source,
        muted=one.muted or None,
        can_self_unmute=(one.muted and one.may_speak) or None,
        left=left or None,
        just_joined=joined or None,
        versioned=versioned or None,
        muted_by_you=view.viewer.id in one.muted_by or None,
        is_self=one.user_id == view.viewer.id or None,
        video_joined=one.video is not None or None,
        volume=one.volume,
        volume_by_admin=one.volume is not None or None,
        raise_hand_rating=one.raised_hand,
        video=_video(one.video),
        presentation=_video(one.presentation),
    )


def _video(video: Video | None) -> Any:
    if video is None:
        return None
    groups = [
        raw.types.GroupCallParticipantVideoSourceGroup(semantics=semantics, sources=list(sources))
        for semantics, sources in video.groups
    ]
    return raw.types.GroupCallParticipantVideo(
        endpoint=video.endpoint, source_groups=groups, paused=video.paused or None, audio_source=video.audio_source
    )

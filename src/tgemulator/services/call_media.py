"""Connects the group calls of a world with the media server: whose connection is whose, and what it may send."""

from typing import Any

from tgemulator.sfu.offer import Offer, signed
from tgemulator.sfu.server import Seat, Sfu
from tgemulator.world.call_model import CallParticipant, GroupCall, Video


class CallMedia:
    """What the world tells the media server; implements world.calls.Media."""

    def __init__(self, sfu: Sfu) -> None:
        self._sfu = sfu

    def changed(self, call: GroupCall, participant: CallParticipant) -> None:
        """An administrator's muting silences a connection, whatever the client sends."""
        self._sfu.mute(seat_of(call, participant), muted=not participant.may_speak)

    def left(self, call: GroupCall, participant: CallParticipant) -> None:
        """Close the connections of somebody who is no longer in the call."""
        for presentation in (False, True):
            self._sfu.leave(seat_of(call, participant, presentation=presentation))


def seat_of(call: GroupCall, participant: CallParticipant, *, presentation: bool = False) -> Seat:
    """Whose connection it is, for the media server."""
    return Seat(call.id, participant.peer, participant.user_id, call.peer[1], presentation=presentation)


def video_of(offer: Offer, *, endpoint: str, audio: int | None = None) -> Video | None:
    """What an offer shows, None if it has no video."""
    groups: tuple[Any, ...] = tuple(
        (group.semantics, tuple(signed(source) for source in group.sources)) for group in offer.groups
    )
    return Video(endpoint, groups, audio_source=audio) if groups else None

"""Group calls as plain data; calls.py changes them."""

from dataclasses import dataclass, field

from tgemulator.world.model import Peer

FULL_VOLUME = 10_000
"""100 %, as the schema counts."""


@dataclass(frozen=True, slots=True)
class Video:
    """What a participant shows: the camera, or a presentation. `groups` are semantics and signed sources."""

    endpoint: str
    groups: tuple[tuple[str, tuple[int, ...]], ...] = ()
    paused: bool = False
    audio_source: int | None = None


@dataclass(slots=True)
class CallParticipant:
    """Who is in a call: `peer` is shown, `user_id` is the account behind it. `source` is signed.

    `may_speak` False: muted by an administrator, or by the rules of the call; only an administrator lifts it.
    `hidden`: a listener who is counted, but not listed. `order` counts joins. `muted_by`: accounts that hear nothing of
    this one. `simulated`: no client is behind it. `camera` is what the client can show, `video` what it shows.
    """

    peer: Peer
    user_id: int
    source: int
    date: int
    order: int
    muted: bool = False
    may_speak: bool = True
    volume: int | None = None
    raised_hand: int | None = None
    video: Video | None = None
    camera: Video | None = None
    presentation: Video | None = None
    hidden: bool = False
    simulated: bool = False
    muted_by: set[int] = field(default_factory=set)

    @property
    def sources(self) -> set[int]:
        """Every source that belongs to the participant."""
        shown = [video for video in (self.camera or self.video, self.presentation) if video is not None]
        groups = {source for video in shown for _, sources in video.groups for source in sources}
        return {self.source, *groups, *(video.audio_source for video in shown if video.audio_source is not None)}


@dataclass(slots=True)
class GroupCall:
    """A call of the chat `peer`.

    `schedule_date`: when it is to begin, None once it has; `ended_at` is None while it lasts. `version` counts the
    changes of participants. `invites` are hashes of links, with whether they let one speak. `video_limit`: how many may
    show their camera at once. `stream`: None, or "chunks" or "rtmp" for a call that clients only listen to.
    `subscribers`: accounts that want to be told when a scheduled call begins.
    """

    id: int
    access_hash: int
    peer: Peer
    creator_id: int
    date: int
    title: str = ""
    schedule_date: int | None = None
    ended_at: int | None = None
    version: int = 1
    participants: dict[Peer, CallParticipant] = field(default_factory=dict)
    join_muted: bool = False
    listeners_hidden: bool = False
    stream: str | None = None
    video_limit: int = 30
    recorded_since: int | None = None
    record_video: bool = False
    invites: dict[str, bool] = field(default_factory=dict)
    subscribers: set[int] = field(default_factory=set)

    def of_account(self, user_id: int) -> CallParticipant | None:
        """The participant that this account is."""
        return next((one for one in self.participants.values() if one.user_id == user_id), None)

    def videos(self) -> int:
        """How many show their camera."""
        return sum(one.video is not None for one in self.participants.values())

    def listed(self) -> list[CallParticipant]:
        """Those that are not hidden, in the order in which they joined."""
        return sorted((one for one in self.participants.values() if not one.hidden), key=lambda one: one.order)

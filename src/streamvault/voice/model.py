"""A call: what plays in the call of a chat, what comes next, and how far it is."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """What a call is doing."""

    IDLE = "idle"
    """Nothing plays, and nobody of ours is in the call."""
    JOINING = "joining"
    """Something is to be played; a worker has to join, or is joining."""
    PLAYING = "playing"
    PAUSED = "paused"
    RECONNECTING = "reconnecting"
    """What played was interrupted; it goes on at its position."""
    FAILED = "failed"
    """It cannot go on without a person; `Call.reason` says what to do."""


class Loop(StrEnum):
    """What is played again."""

    OFF = "off"
    ONE = "one"
    """The item that plays."""
    ALL = "all"
    """The whole queue."""


@dataclass(frozen=True, slots=True)
class Item:
    """A file of the library in the queue of a call. `id` is unique in its queue; `duration` in seconds, None where
    nobody has told it; `video`: its picture is shown, too; `track`: which of its sound tracks, from 0; `person`: who
    added it, None for nobody.
    """

    id: str
    chat_id: int
    message_id: int
    name: str
    duration: float | None = None
    video: bool = False
    track: int = 0
    person: int | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's hold on a call until a time in Unix seconds; `fence` grows with each lease of the call."""

    worker: str
    until: float
    fence: int


@dataclass(frozen=True, slots=True)
class Call:
    """What plays in the call of the chat `chat_id`. Times in Unix seconds, positions in seconds of the item.

    `position` is where the item was at `position_at`; while it plays it goes on from there. `stream` grows with each
    change for which the source has to be opened anew at `position`; `began`: where that was; `tries`: how often in a
    row it ended early or failed without progress. `volume` in percent. `listeners`: people in the call beside us, None
    while that is not known; `alone_since`: since when there are none; `paused_alone`: it is paused for that reason.
    `due`: not before that time a worker tries again. `person`: who began. `node`: the worker that holds it. `version`
    is the store's.
    """

    chat_id: int
    status: Status = Status.IDLE
    reason: str | None = None
    item: Item | None = None
    queue: tuple[Item, ...] = ()
    position: float = 0.0
    position_at: float = 0.0
    began: float = 0.0
    stream: int = 0
    tries: int = 0
    volume: int = 100
    loop: Loop = Loop.OFF
    listeners: int | None = None
    alone_since: float | None = None
    paused_alone: bool = False
    due: float = 0.0
    person: int | None = None
    node: str = ""
    lease: Lease | None = None
    fence: int = 0
    updated: float = 0.0
    version: int = 0

    @property
    def active(self) -> bool:
        """Whether a worker has something to do: a call that plays or waits for it, also one that is paused."""
        return self.status not in (Status.IDLE, Status.FAILED)

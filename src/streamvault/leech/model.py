"""A leech job and what is recorded of its transfer; immutable values, stored as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

Wish = Literal["pause", "cancel"]
TORRENT = "torrent"
"""In Transfer.source where the file of an address turned out to be a torrent."""


class State(StrEnum):
    """What happens to a job. READING: its source is being asked; WAITING: for room on the disk, a flood wait or the
    time of the next attempt; TRANSFERRING: bytes go to Telegram; JOINING: its last messages are being posted.
    """

    QUEUED = "queued"
    READING = "reading"
    WAITING = "waiting"
    TRANSFERRING = "transferring"
    JOINING = "joining"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PAUSED = "paused"


ENDED = frozenset({State.DONE, State.FAILED, State.CANCELLED})
"""States that only a retry leaves."""
HELD = frozenset({State.READING, State.TRANSFERRING, State.JOINING})
"""States in which a worker holds the job's lease."""


@dataclass(frozen=True, slots=True)
class Options:
    """What somebody wishes for a job. `name`: of the file, without a folder; `select`: the numbers of the files of a
    torrent or playlist (there from 1) that are taken, empty for all; `choose`: which are taken is asked once it is
    known what there is. `ytdlp`: the address is one of a page that yt-dlp is asked about. `zip`: the file is packed
    into an archive; `unzip`: it is one, and its files are wanted.
    """

    name: str | None = None
    as_document: bool = False
    zip: bool = False
    unzip: bool = False
    select: tuple[int, ...] = ()
    ytdlp: bool = False
    choose: bool = False

    @property
    def wished_name(self) -> str | None:
        """The name that is wished for what the source gives; an archive that is made of it has its name already."""
        return None if self.zip else self.name

    @property
    def conflict(self) -> str | None:
        """Why not all of it can be had together, as a sentence; None where it can."""
        if self.unzip and self.zip:
            return "A file is either packed or unpacked: leave out one of the two."
        if self.unzip and self.name is not None:
            return "The files in an archive keep their names: leave out the name, or leave the archive packed."
        if self.unzip and self.ytdlp:
            return "What yt-dlp fetches is no archive: it is not unpacked."
        if self.select and self.unzip:
            return "Files in an archive cannot be chosen: leave out the numbers."
        if self.choose and self.unzip:
            return "Files in an archive cannot be chosen: leave out the choice."
        if self.select and self.choose:
            return "Entries are either named by their numbers or asked about: leave out one of the two."
        return None


@dataclass(frozen=True, slots=True)
class Described:
    """What a source said of a file. `size` in bytes, None where it does not say; `etag` and `modified` as its server
    sends them; `resumable`: it answers ranges.
    """

    name: str
    size: int | None
    mime_type: str = "application/octet-stream"
    etag: str | None = None
    modified: str | None = None
    resumable: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """One message of the file: its bytes from `start` on. `file_id`: of the upload at Telegram. `parts`: so many parts
    from the first on are known to be there. `size`: bytes, None until it is known. `sent`: when its message was first
    sent (Unix seconds), None before. `message_id`: of the post, None until it is known.
    """

    start: int
    file_id: int
    size: int | None = None
    parts: int = 0
    sent: float | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """What is recorded of a transfer, so that another worker goes on with it. `source`: what the source itself wants
    to know again (JSON). `complete`: all of it is posted. `notes`: what people should know of how it was posted.
    """

    described: Described | None = None
    pieces: tuple[Piece, ...] = ()
    complete: bool = False
    notes: tuple[str, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who works at a job, and until when (Unix seconds) nobody else may. `fence` grows with each new holder."""

    worker: str
    until: float
    fence: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Where somebody asked for a job: in this chat with the leech bot of this id, which tells the end of the job as a
    reply to that message. `told`: the `updated` of the job whose end was told, None before.
    """

    bot: int
    chat_id: int
    message_id: int
    told: float | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it is stored. `source`: the address as it may be shown, without credentials; `sealed`: the address as
    it was given, encrypted, where it has any. `chat_id`: where the file goes. `due`: nobody takes it up before (Unix
    seconds). `version`: of the stored row; see store.base.JobStore. `fingerprint`: equal for what counts as the same
    source. `reason`: one sentence for people: why it failed or waits, or what came of a list. `attempts`: those that
    failed since `reached` bytes were done; `lost`: workers that ended since while they held it. `fence`: of the
    latest lease. `generation` grows when the file is begun anew, so that its messages are other ones. `asked`: None
    for a job that was asked for elsewhere than in the leech bot's chats. `depth`: how many lists led to it, as
    entries of them.
    """

    id: str
    source: str
    chat_id: int
    created: float
    sealed: str | None = None
    person: int | None = None
    options: Options = Options()
    state: State = State.QUEUED
    reason: str | None = None
    wish: Wish | None = None
    priority: int = 0
    attempts: int = 0
    lost: int = 0
    reached: int = 0
    due: float = 0.0
    lease: Lease | None = None
    fence: int = 0
    generation: int = 0
    fingerprint: str = ""
    bytes_done: int = 0
    bytes_total: int | None = None
    rate: float = 0.0
    transfer: Transfer = Transfer()
    asked: Asked | None = None
    depth: int = 0
    updated: float = 0.0
    version: int = 0

    @property
    def is_torrent(self) -> bool:
        """Whether it is known to be one."""
        return self.source.startswith("magnet:") or TORRENT in self.transfer.source

"""A mirror, and what is recorded of its copies; immutable values, stored as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

Way = Literal["forward", "send", "upload"]
"""How messages are copied: by Telegram, up to a hundred at once; sent anew with the file that Telegram has, so that
they can be replies; or with the bytes uploaded again, where the source may not be copied from.
"""


class State(StrEnum):
    """QUEUED: nobody has taken it up yet. COPYING: messages of the source are missing in the target. FOLLOWING: all are
    there. WAITING: for the end of a flood wait, or the next try. ASKING: many deletions wait for a word. FAILED:
    somebody has to mend something; it is tried again from time to time. DONE: it was to be done once.
    """

    QUEUED = "queued"
    COPYING = "copying"
    FOLLOWING = "following"
    WAITING = "waiting"
    ASKING = "asking"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Item:
    """One message that is being sent: a copy of `message`, or (`number` from 1) the rest of its text. `mark`: by what
    it is found in the target (posts.mark_of); `content`: see Copy.
    """

    message: int
    mark: str
    content: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Upload:
    """The file of `message` that is being uploaded again: `file` is its file_unique_id, `file_id` that of the upload,
    of which Telegram has the first `parts` parts.
    """

    message: int
    file: str
    file_id: int
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Pending:
    """What is being sent by one request, stored before it. `place`: of the mirror afterwards; `left_out`: counts to add
    then. `above`: a message of the target that was there before. `round` grows when a message is sent anew on purpose.
    `uploads`: how far its files are, where they are uploaded.
    """

    way: Way
    items: tuple[Item, ...]
    place: int
    above: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    round: int = 0
    uploads: tuple[Upload, ...] = ()

    def upload_of(self, message: int) -> Upload | None:
        """How far the file of a message is."""
        return next((one for one in self.uploads if one.message == message), None)

    def with_upload(self, upload: Upload) -> "Pending":
        """With what is known of an upload now."""
        others = tuple(one for one in self.uploads if one.message != upload.message)
        return replace(self, uploads=(*others, upload))


@dataclass(frozen=True, slots=True)
class Lease:
    """Who works at a mirror, and until when (Unix seconds) nobody else may."""

    worker: str
    until: float


@dataclass(frozen=True, slots=True)
class Copy:
    """A message of the source and its copy. `target`: the message id there, 0 where the copy is gone. `more`: further
    messages of it, such as the rest of a text. `content`: equal while an edit changes nothing that is copied.
    `uploaded`: the file is a new one at Telegram, of the same bytes. `expires`: Telegram deletes the message of the
    source by a timer.
    """

    message: int
    target: int
    content: str = ""
    more: tuple[int, ...] = ()
    uploaded: bool = False
    expires: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """An edit or a deletion of a message of the source, noted (Unix seconds) until it has been followed."""

    message: int
    kind: Literal["edit", "delete"]
    noted: float


@dataclass(frozen=True, slots=True)
class Mirror:
    """A mirror as it is stored. `source` and `target` are chat ids. `once`: it ends when it has caught up.
    `deletions`: they are followed; `allowed`: somebody agreed to those that wait, `asked` of them. `top`: the newest
    known id of the source; `above`: the newest known copy in the target. `left_out`: how many messages were not copied,
    by reason. `reason`: one sentence for people: why it waits, asks or failed. `tries`: that failed since the last
    success; `due`: nobody takes it up before (Unix seconds). `behind_since`: when the first message came that is not
    copied yet (Unix seconds), None without one. `recheck`: copies above this message of the source are compared with
    it, as updates were missed; None where none were. `version`: of the stored row.
    """

    id: str
    source: int
    target: int
    created: float
    source_title: str = ""
    target_title: str = ""
    person: int | None = None
    once: bool = False
    deletions: bool = False
    allowed: bool = False
    recheck: int | None = None
    state: State = State.QUEUED
    reason: str | None = None
    place: int = 0
    top: int = 0
    above: int = 0
    copied: int = 0
    deleted: int = 0
    asked: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    pending: Pending | None = None
    lease: Lease | None = None
    tries: int = 0
    due: float = 0.0
    behind_since: float | None = None
    updated: float = 0.0
    version: int = 0

    @property
    def summary(self) -> str:
        """It in a line of the audit."""
        return f"{self.id} {self.source} to {self.target}"

    @property
    def lag(self) -> int:
        """Message ids of the source that are not done with."""
        return max(0, self.top - self.place)


def claimable(mirror: Mirror, now: float) -> bool:
    """Whether a worker may take it up."""
    free = mirror.lease is None or mirror.lease.until <= now
    return free and mirror.state is not State.DONE and mirror.due <= now


def together(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """Two counts by reason as one."""
    return {reason: one.get(reason, 0) + other.get(reason, 0) for reason in sorted({*one, *other})}

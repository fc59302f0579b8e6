"""A mirror as the API shows it."""

import time
from typing import Literal

from pydantic import BaseModel, JsonValue

from streamvault.http.items import with_examples
from streamvault.leech.mirror.model import Mirror, State

MIRROR: dict[str, JsonValue] = {
    "id": "5f2c0a9be1d3477a", "source": -1001234567890, "source_title": "Films", "target": -1001234567891,
    "target_title": "Films, a copy", "state": "copying", "reason": None, "lag": 420, "lag_seconds": 86400,
    "copied": 2310, "deleted": 0, "left_out": [{"reason": "paid media", "count": 2}], "once": False,
    "deletions": False, "asked": 0, "retry_at": None, "person": 11111111, "created_at": 1735689600,
    "updated_at": 1735689635,
}  # fmt: skip

StateName = Literal["queued", "copying", "following", "waiting", "asking", "failed", "done"]


class LeftOut(BaseModel):
    """How many messages were left out, and why."""

    model_config = with_examples({"reason": "paid media", "count": 2})

    reason: str
    count: int


class MirrorItem(BaseModel):
    """A mirror: the channel `target` is kept as a copy of the channel `source`. `lag`: message ids of the source that
    are not done with; `lag_seconds`: how old the first message is that is not copied yet, 0 where all are. `reason`:
    why it waits, asks or failed; `retry_at`: when it is tried again. `once`: it ends when it has caught up.
    `deletions`: they are followed; `asked`: so many wait for a word (POST `/api/mirrors/{id}/deletions`). Times in Unix
    seconds.
    """

    model_config = with_examples(MIRROR)

    id: str
    source: int
    source_title: str
    target: int
    target_title: str
    state: StateName
    reason: str | None
    lag: int
    lag_seconds: int
    copied: int
    deleted: int
    left_out: list[LeftOut]
    once: bool
    deletions: bool
    asked: int
    retry_at: int | None
    person: int | None
    created_at: int
    updated_at: int


class MirrorItems(BaseModel):
    """All mirrors, the earliest first; `next_cursor` is always null."""

    model_config = with_examples({"items": [MIRROR], "next_cursor": None})

    items: list[MirrorItem]
    next_cursor: str | None = None


def mirror_item(mirror: Mirror, *, now: float | None = None) -> MirrorItem:
    """What is shown of a mirror."""
    now = time.time() if now is None else now
    behind = mirror.behind_since
    return MirrorItem(
        id=mirror.id,
        source=mirror.source,
        source_title=mirror.source_title,
        target=mirror.target,
        target_title=mirror.target_title,
        state=mirror.state.value,
        reason=mirror.reason,
        lag=0 if mirror.state in (State.FOLLOWING, State.DONE) else mirror.lag,
        lag_seconds=0 if behind is None else max(0, int(now - behind)),
        copied=mirror.copied,
        deleted=mirror.deleted,
        left_out=[LeftOut(reason=reason, count=count) for reason, count in mirror.left_out.items() if count],
        once=mirror.once,
        deletions=mirror.deletions,
        asked=mirror.asked,
        retry_at=int(mirror.due) if mirror.state in (State.WAITING, State.FAILED) else None,
        person=mirror.person,
        created_at=int(mirror.created),
        updated_at=int(mirror.updated),
    )

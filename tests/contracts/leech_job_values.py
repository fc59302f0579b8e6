"""What the tests of stored jobs share."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from streamvault.leech.model import Asked, Described, Job, Lease, Options, Piece, State, Transfer
from streamvault.leech.store.base import MAX_LISTED, JobStore

ANNA, BERT = 7_000_000_001, (1 << 52) - 1
NAMES = (
    "film.mkv", "Фильм (2024).mkv", "사본.mp4", "三体 第一集.mkv", "فيلم.mp4", "सिनेमा.mkv", "né🎬👨‍👩‍👧.mp4", "ภาพยนตร์",
    "a.b.$set", "$where", "", " ", "a\0b", "\ud800", "x\udc00y", "\U0010ffff", "%_'; DROP TABLE jobs; --", "/../..",
    "\r\n\t\u202e", "x" * 900, "三" * 300,
)  # fmt: skip
"""In many scripts, and such as databases and queries stumble over."""


def job(id: str, *, created: float = 1000.0, **more: Any) -> Job:
    """A job of nobody that was never written."""
    return Job(**{"id": id, "source": f"https://host/{id}", "chat_id": -1001, "created": created, **more})


def stored(one: Job, version: int = 1) -> Job:
    """As it comes back."""
    return replace(one, version=version)


def whole(id: str, pieces: int, **more: Any) -> Job:
    """A job with all that a job may have."""
    file = Described("né🎬.mkv", pieces << 31, "video/x-matroska", '"e-tag"', "Wed, 21 Oct 2026 07:28:00 GMT", True)
    made = tuple(Piece(n << 31, (1 << 62) + n, 1 << 31, 4000, 12.5, None if n % 3 else n) for n in range(pieces))
    options = Options("né🎬.mkv", as_document=True, zip=True, unzip=True, select=(0, 2, 70_000))
    values: dict[str, Any] = {
        "sealed": "v1:abc", "person": ANNA, "options": options, "state": State.JOINING, "reason": "Because.",
        "wish": "pause", "priority": -3, "attempts": 2, "lost": 1, "reached": 1 << 40, "due": 1.25, "fence": 7,
        "lease": Lease("host-1", 1160.5, 7), "generation": 2, "fingerprint": "ffee", "bytes_done": 1 << 44,
        "bytes_total": 1 << 53, "rate": 123.5, "updated": 1150.25,
        "asked": Asked(700_000_009, -1_001_960_912_864, 42, 1149.5),
        "transfer": Transfer(
            file, made, complete=True, source={"cookies": [{"a.b": "$c"}], "pinned": None, "n": 1 << 70}
        ),
    }  # fmt: skip
    return job(id, **(values | more))


async def ids(jobs: JobStore, **wanted: Any) -> list[str]:
    """The ids of one page."""
    return [one.id for one in await jobs.listed(**{"limit": MAX_LISTED, **wanted})]


async def due_ids(jobs: JobStore, now: float, each: int = 100) -> list[str]:
    return [one.id for one in await jobs.due(now, each=each)]


async def add_all(jobs: JobStore, made: Sequence[Job]) -> None:
    for one in made:
        assert await jobs.add(one)

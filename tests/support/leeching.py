"""A source and Telegram's uploads in memory, for the transfer: as strict as Telegram, with named faults.

`Killed` is raised at a chosen step, as if the process had died there: what follows it is done by a new TransferRun that
knows only what was stored.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from streamvault.errors import PartsLost
from streamvault.leech.model import Described, Transfer
from streamvault.leech.sources.base import Checkpoint, Opened, SourceChanged
from streamvault.leech.transfer import Finished
from streamvault.media.uploads import PART, SMALL_FILE, Limits


class Killed(BaseException):
    """The process died."""


@dataclass(slots=True)
class Steps:
    """Raises Killed at the step whose number is `killed_at`, or before which `killed_when` is true; after that at every
    one, until `restart`.
    """

    killed_at: int | None = None
    killed_when: Callable[[], bool] = lambda: False
    count: int = 0
    dead: bool = False

    def step(self) -> None:
        self.dead = self.dead or self.count == self.killed_at or self.killed_when()
        self.count += 1
        if self.dead:
            raise Killed

    def restart(self, killed_at: int | None = None, *, killed_when: Callable[[], bool] = lambda: False) -> None:
        self.dead, self.killed_at, self.killed_when, self.count = False, killed_at, killed_when, 0


@dataclass(slots=True)
class MemorySource:
    """`data` as a Source. `told`: whether its size is. `read` counts the bytes that it gave."""

    data: bytes
    steps: Steps
    told: bool = True
    block: int = 200_000
    read: int = 0
    etag: str = "1"

    @asynccontextmanager
    async def open(self, checkpoint: Checkpoint | None) -> AsyncIterator[Opened]:
        self.steps.step()
        described = Described("film.mkv", len(self.data) if self.told else None, etag=self.etag, resumable=True)
        offset = 0
        if checkpoint is not None:
            if checkpoint.described.etag != self.etag:
                raise SourceChanged
            assert 0 < checkpoint.offset < len(self.data), "asked for what begins at the end"
            offset = checkpoint.offset
            length, digest = checkpoint.tail or (0, hashlib.sha256().hexdigest())
            assert hashlib.sha256(self.data[offset - length : offset]).hexdigest() == digest
        yield Opened(described, offset, self._blocks(offset), {})

    async def _blocks(self, offset: int) -> AsyncIterator[bytes]:
        while offset < len(self.data):
            self.steps.step()
            block = self.data[offset : offset + self.block]
            self.read += len(block)
            offset += len(block)
            yield block


@dataclass(slots=True)
class Message:
    """A posted piece."""

    data: bytes
    number: int
    last: bool


@dataclass(slots=True)
class MemoryUploads:
    """Telegram: parts by upload, and messages by the key that they were posted with."""

    steps: Steps
    parts_limit: int = 4
    uploads: dict[int, dict[int, bytes]] = field(default_factory=dict)
    totals: dict[int, int] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    posted: dict[int, int] = field(default_factory=dict)
    in_flight: int = 0
    most_in_flight: int = 0

    slowed: float = 0.0

    async def limits(self) -> Limits:
        self.steps.step()
        return Limits(self.parts_limit, connections=2)

    async def save(self, file_id: int, part: int, data: bytes, *, total: int | None, big: bool) -> None:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(0)
            self.steps.step()
            assert 0 < len(data) <= PART
            if not 0 <= part < (total or self.parts_limit) or (total or 0) > self.parts_limit:
                raise PartsLost("FILE_PARTS_INVALID")
            assert total is None or total == self.totals.setdefault(file_id, total)
            assert len(data) == PART or part + 1 == total, "only the last part may be smaller"
            self.uploads.setdefault(file_id, {})[part] = data
            self.steps.step()  # it took effect, and nobody heard of it
        finally:
            self.in_flight -= 1

    def forget_parts(self) -> None:
        """Telegram keeps parts for a while only."""
        self.uploads.clear()

    async def post(self, _: Described, finished: Finished) -> int:
        self.steps.step()
        piece = finished.piece
        if piece.file_id not in self.posted:
            parts = self.uploads.get(piece.file_id, {})
            if sorted(parts) != list(range(finished.parts)):
                raise PartsLost("FILE_PART_0_MISSING")
            data = b"".join(parts[number] for number in sorted(parts))
            assert len(data) == piece.size
            assert finished.big or len(data) <= SMALL_FILE
            self.posted[piece.file_id] = len(self.posted) + 1
            self.messages[self.posted[piece.file_id]] = Message(data, finished.number, finished.last)
            del self.uploads[piece.file_id]
        self.steps.step()
        return self.posted[piece.file_id]

    async def delete(self, ids: Sequence[int]) -> None:
        self.steps.step()
        for number in ids:
            self.messages.pop(number, None)


@dataclass(slots=True)
class MemoryRecorder:
    """What is stored of a transfer; what is noted is stored with the next `store` or at once, by turns."""

    steps: Steps
    stored: Transfer = field(default_factory=Transfer)
    notes: int = 0

    async def store(self, transfer: Transfer) -> None:
        self.steps.step()
        self.stored = transfer
        self.steps.step()

    def note(self, transfer: Transfer) -> None:
        self.notes += 1
        if self.notes % 2:
            self.stored = transfer

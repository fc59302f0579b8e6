"""A file in memory as a Source that answers ranges, with a record of what was asked and faults to switch on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from streamvault.errors import SourceFailed
from streamvault.leech.model import Described
from streamvault.leech.sources.base import Checkpoint, Opened, SourceChanged


@dataclass
class RangedSource:
    """`size`: as it is told. `asked`: the offset of each opening; `read`: bytes that it gave. Offsets of at least
    `unreadable` cannot be opened.
    """

    data: bytes
    name: str = "film.mp4"
    resumable: bool = True
    told: bool = True
    etag: str = "1"
    block: int = 50_000
    unreadable: int | None = None
    asked: list[int] = field(default_factory=list)
    tails: list[bool] = field(default_factory=list)
    read: int = 0
    open_now: int = 0

    @property
    def described(self) -> Described:
        size = len(self.data) if self.told else None
        return Described(self.name, size, "video/mp4", self.etag, None, self.resumable)

    @asynccontextmanager
    async def open(self, checkpoint: Checkpoint | None) -> AsyncIterator[Opened]:
        offset = checkpoint.offset if checkpoint else 0
        assert not self.open_now, "one connection at a time"
        self.asked.append(offset)
        self.tails.append(bool(checkpoint and checkpoint.tail))
        if self.unreadable is not None and offset >= self.unreadable:
            raise SourceFailed("no such range")
        if checkpoint is not None and checkpoint.described != self.described:
            raise SourceChanged
        self.open_now += 1
        try:
            yield Opened(self.described, offset, self._blocks(offset), dict((checkpoint and checkpoint.state) or {}))
        finally:
            self.open_now -= 1

    async def _blocks(self, offset: int) -> AsyncIterator[bytes]:
        while offset < len(self.data):
            block = self.data[offset : offset + self.block]
            self.read += len(block)
            offset += len(block)
            yield block

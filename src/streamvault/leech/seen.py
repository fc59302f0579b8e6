"""A source that keeps the beginning and the end of a film or song that passes by, so that it can be looked into.

What a file is has to be known when its message is posted, which happens after its last byte and can never be mended:
Telegram changes nothing about an uploaded file afterwards. It is looked into then, for three reasons. Most files need
nothing but their first and last MiB for that, which were in memory anyway. Sources that answer no ranges, or whose link
has expired meanwhile, give nothing else. And a host that allows one connection is free by then, so that what is missing
(a frame from the middle, or the beginning where another worker has transferred it) can be read from a source that
answers ranges. Nothing touches the disk, and memory holds KEPT bytes of either end, where the beginning is that of
something to be looked into.
"""

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from streamvault.errors import SourceFailed
from streamvault.leech.model import Described
from streamvault.leech.mp4.reading import read_range
from streamvault.leech.sources.base import Checkpoint, Opened, Source
from streamvault.leech.sources.magic import LOOKED_AT

KEPT = 8 << 20
REREAD = 256 << 10
"""First bytes that are read again where another worker has transferred them: those behind can be had one by one."""


class SeenSource:
    """See the module. `wanted`: whether a file that begins with these bytes (LOOKED_AT) is kept."""

    def __init__(self, source: Source, wanted: Callable[[bytes], bool]) -> None:
        self.state: dict[str, str] = {}
        """See Opened.state."""
        self._source, self._wanted = source, wanted
        self._described: Described | None = None
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._position = 0
        self._keeps = True

    @asynccontextmanager
    async def open(self, checkpoint: Checkpoint | None) -> AsyncIterator[Opened]:
        """See Source.open. What was kept of an earlier opening is forgotten, unless this one goes on there."""
        async with self._source.open(checkpoint) as opened:
            self._described, self.state = opened.described, opened.state
            if opened.offset != self._position or not opened.offset:
                self._forget(opened.offset)
            yield replace(opened, blocks=self._watched(opened.blocks))

    @property
    def head(self) -> bytes:
        """The first bytes, as far as they were kept."""
        return bytes(self._head)

    async def read_head(self, size: int) -> bytes:
        """The first bytes of a file of `size` bytes, LOOKED_AT or more, read from the source where they were not seen.

        Raises as `read`.
        """
        if not self._head and self._described is not None:
            wanted = min(size, REREAD if self.ranged else KEPT)
            begun = Checkpoint(self._described, 0, None, dict(self.state))
            self._head += await read_range(self._source, begun, wanted)
        return self.head

    def spans(self) -> list[tuple[int, int]]:
        """What can be read without asking the source; from `start` to `end` each."""
        ends = [(0, len(self._head)), (self._position - self._tail_size, self._position)]
        return [(start, end) for start, end in ends if start < end]

    @property
    def ranged(self) -> bool:
        """Whether the source can be asked for anything else."""
        described = self._described
        return described is not None and described.resumable and described.size is not None

    async def read(self, start: int, end: int) -> bytes:
        """Bytes of the file, which is not open any more. Raises what Source.open does."""
        tail = self._position - self._tail_size
        if end <= len(self._head):
            return bytes(self._head[start:end])
        if tail <= start < end <= self._position:
            return b"".join(self._tail)[start - tail : end - tail]
        if self._described is None or not self.ranged:
            raise SourceFailed("the source cannot be asked for other bytes")
        return await read_range(self._source, Checkpoint(self._described, start, None, dict(self.state)), end - start)

    async def _watched(self, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for block in blocks:
            if self._keeps:
                self._keep(block)
            self._position += len(block)
            yield block

    def _keep(self, block: bytes) -> None:
        if self._position == len(self._head) < KEPT:
            self._head += block[: KEPT - len(self._head)]
            first = bytes(self._head[:LOOKED_AT])
            if len(first) == LOOKED_AT and not self._wanted(first):
                self._forget(self._position)
                self._head += first
                self._keeps = False
                return
        self._tail.append(block)
        self._tail_size += len(block)
        while self._tail_size - len(self._tail[0]) >= KEPT:
            self._tail_size -= len(self._tail.popleft())

    def _forget(self, position: int) -> None:
        self._keeps = True
        self._position = position
        self._head.clear()
        self._tail.clear()
        self._tail_size = 0

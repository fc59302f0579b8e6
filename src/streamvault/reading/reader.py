"""Reads one byte range of one file in order, and counts what it reads."""

from dataclasses import dataclass
from typing import Self

from streamvault.errors import ShortRead
from streamvault.media.byterange import ByteRange
from streamvault.media.chunks import Chunk, plan
from streamvault.media.model import MediaFile
from streamvault.reading.retrying import Clock, LoopClock, retrying
from streamvault.reading.source import ChunkSource

PIECE = 64 * 1024
"""Bytes handed out at a time, so that a slow consumer holds back the next chunk."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds that the source may take: to the first chunk, and without progress afterwards."""

    start: float = 15.0
    stall: float = 60.0


class FileReader:
    """The bytes of `byte_range`, fetched chunk by chunk: the next one only once this one is taken.

    At most one chunk is held, and nothing runs in the background: only `open` and the iteration wait
    for the source, and cancelling them abandons that wait. Time that the consumer takes counts
    towards no bound. The file stays the one that it began with.
    """

    def __init__(
        self,
        source: ChunkSource,
        file: MediaFile,
        *,
        byte_range: ByteRange,
        bounds: Bounds,
        clock: Clock | None = None,
    ) -> None:
        """Raises ValueError if `byte_range` (bytes of `file`) reaches beyond its end."""
        if byte_range.stop > file.size:
            raise ValueError(f"{byte_range} reaches beyond the {file.size} bytes of the file")
        self._source = source
        self._file = file
        self._bounds = bounds
        self._clock = clock or LoopClock()
        self._chunks = plan(byte_range)
        self._next: Chunk | None = next(self._chunks, None)
        self._held = memoryview(b"")
        self.fetched = 0
        """Bytes that the source has delivered, wanted or not."""
        self.delivered = 0
        """Bytes of the range handed out so far."""

    async def open(self, *, within: float | None = None) -> None:
        """Fetch the first chunk, within `within` seconds (`bounds.start` if None).

        Raises FileGone, SourceBusy, SourceUnavailable, ShortRead or SourceError.
        """
        if not self._held:
            await self._fetch_next(self._bounds.start if within is None else within)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """The next bytes of the range, at most PIECE of them.

        Raises as `open` does, when a chunk has not come within `bounds.stall` for all retries;
        asking again then asks for the same chunk, so that no byte is ever skipped.
        """
        if not self._held:
            await self._fetch_next(self._bounds.stall)
        if not self._held:
            raise StopAsyncIteration
        piece, self._held = bytes(self._held[:PIECE]), self._held[PIECE:]
        self.delivered += len(piece)
        return piece

    def close(self) -> None:
        """Let go of the chunk at hand; nothing more is fetched."""
        self._held = memoryview(b"")
        self._next = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def _fetch_next(self, bound: float) -> None:
        self._held = memoryview(b"")  # an empty slice would keep the whole last chunk alive
        chunk = self._next
        if chunk is None:
            return
        data = await retrying(lambda: self._fetch(chunk), bound, clock=self._clock)
        self._held = memoryview(data)[chunk.skip : chunk.skip + chunk.take]
        self._next = next(self._chunks, None)

    async def _fetch(self, chunk: Chunk) -> bytes:
        data = await self._source.fetch(self._file, chunk.offset, chunk.limit)
        self.fetched += len(data)
        expected = chunk.expected(self._file.size)
        if len(data) != expected:
            raise ShortRead(f"{len(data)} bytes instead of {expected} at offset {chunk.offset}")
        return data

"""The bytes of a file in order, over as many answers of its server as it takes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Generic, Protocol, TypeVar

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.model import Described
from streamvault.leech.sources.base import Checkpoint, Opened
from streamvault.leech.sources.shared import Shared
from streamvault.leech.sources.stream import Body, Stream
from streamvault.leech.sources.tails import Tail
from streamvault.leech.sources.wire import Cut

OVERLAP = 4096
"""Bytes that are fetched again where one reading takes several answers."""


B = TypeVar("B", bound=Body)


class Opening(Protocol[B]):
    """How a file is asked for. `host`: as it is told to people; `key`: what stands for the file's address."""

    host: str
    key: str

    async def begin(self) -> tuple[Described, Stream[B], dict[str, str]]:
        """What the file is, its bytes, and what Checkpoint.state is to hold. Raises SourceRefused, SourceFailed."""
        ...

    async def go_on(self, checkpoint: Checkpoint, state: dict[str, str]) -> tuple[Stream[B], bytes] | None:
        """The bytes from the checkpoint on, and those before it that were compared; None where the file ends there.
        Raises SourceChanged, SourceRefused, SourceFailed.
        """
        ...

    async def check_end(self, stream: Stream[B], size: int) -> None:
        """Called when all bytes have come, before the stream is closed. Raises SourceFailed where that is not all of
        the file.
        """
        ...


class Blocks(AsyncIterator[bytes], Generic[B]):
    """`position`: of the next byte. `state`: see Opened."""

    def __init__(self, shared: Shared, opening: Opening[B]) -> None:
        self.position = 0
        self.state: dict[str, str] = {}
        self._shared, self._opening = shared, opening
        self._described: Described | None = None
        self._stream: Stream[B] | None = None
        self._tail = Tail()
        self._given_at: float | None = None
        self._unread = 0.0
        """Seconds in which nobody read from the latest answer."""
        self._begun_at = 0
        """The position at which the latest answer began."""

    async def open(self, checkpoint: Checkpoint | None) -> Described:
        """Begin, or go on. Raises what Source.open does."""
        if checkpoint is None or not checkpoint.offset:
            self._described, self._stream, self.state = await self._opening.begin()
            return self._described
        self._described, self.position = checkpoint.described, checkpoint.offset
        self.state.update(checkpoint.state or {})
        if checkpoint.offset != checkpoint.described.size or self._shared.hosts.grew(self._opening.key):
            await self._go_on(checkpoint)
        return self._described

    def close(self) -> None:
        """Drop the connection."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    async def __anext__(self) -> bytes:
        if self._given_at is not None:
            self._unread += self._shared.clock() - self._given_at
        while self._stream is not None:
            block = await self._read(self._stream)
            if block:
                self._refuse_endless()
                self._given_at = self._shared.clock()
                return block
        raise StopAsyncIteration

    async def _read(self, stream: Stream[B]) -> bytes:
        """The next block, or b"" after which there may be another stream."""
        try:
            block = await stream.read()
        except Cut as error:
            self._lost(error)
            await self._reopen()
            return b""
        if block:
            self._tail.add(block)
            self.position += len(block)
        elif stream.last or self.position == self._size or (self._size is None and self.position == self._begun_at):
            if self._size is not None:
                await self._opening.check_end(stream, self._size)
            self.close()
        else:
            self._lost(None)
            await self._reopen()
        return block

    def _lost(self, error: Cut | None) -> None:
        """Raises SourceFailed, unless the answer was a part of what was asked for, or we kept it waiting."""
        progress = self.position > self._begun_at
        if progress and (error is None or self._unread >= self._shared.limits.idle):
            return
        of = "" if self._size is None else f" of {self._size:,}"
        raise SourceFailed(f"{self._opening.host} {error or 'stopped sending'} after {self.position:,}{of} bytes")

    async def _reopen(self) -> None:
        assert self._described is not None
        self.close()
        await self._go_on(Checkpoint(self._described, self.position, self._tail.mark(OVERLAP), self.state))

    async def _go_on(self, checkpoint: Checkpoint) -> None:
        opened = await self._opening.go_on(checkpoint, self.state)
        self._unread, self._begun_at = 0.0, self.position
        if opened is not None:
            self._stream, before = opened
            self._tail = Tail()
            self._tail.add(before)

    @property
    def _size(self) -> int | None:
        return self._described.size if self._described else None

    def _refuse_endless(self) -> None:
        largest = self._shared.limits.largest
        if self._size is None and self.position > largest:
            raise SourceRefused(
                f"{self._opening.host} does not tell the size of the file, and sends more than {largest:,} bytes"
            )


@asynccontextmanager
async def opened(shared: Shared, opening: Opening[B], checkpoint: Checkpoint | None) -> AsyncIterator[Opened]:
    """What Source.open gives, of a source that is opened so."""
    blocks = Blocks(shared, opening)
    try:
        described = await blocks.open(checkpoint)
        yield Opened(described, blocks.position, blocks, blocks.state)
    finally:
        blocks.close()

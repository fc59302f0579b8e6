"""The body of one answer as bytes of the file: where they belong, decoded if need be, none more than promised."""

from collections import deque
from collections.abc import Iterator
from itertools import chain
from typing import Generic, Protocol, TypeVar

from streamvault.leech.sources.wire import Cut


class Body(Protocol):
    """The body of one answer."""

    async def read(self) -> bytes:
        """The next bytes, b"" at the end. Raises Cut where that comes too early, SourceFailed."""
        ...

    def close(self) -> None:
        """Drop the connection."""
        ...


class Decoder(Protocol):
    """Undoes a coding. `ended`: the coded bytes were complete."""

    ended: bool

    def decode(self, data: bytes) -> Iterator[bytes]:
        """What `data` becomes, in small blocks. Raises SourceFailed."""
        ...


B = TypeVar("B", bound=Body, covariant=True)


class Stream(Generic[B]):
    """`position`: where the next byte belongs in the file. `end`: where the answer promises to end, None where it does
    not. `last`: the end of the answer is the end of the file.
    """

    def __init__(self, answer: B, position: int, end: int | None, *, last: bool) -> None:
        self.answer = answer
        self.position, self.end, self.last = position, end, last
        self._came = position
        self._ready: deque[bytes] = deque()
        self._decoder: Decoder | None = None
        self._decoding: Iterator[bytes] = iter(())
        self._cut: Cut | None = None

    def close(self) -> None:
        """Drop the connection."""
        self.answer.close()

    async def read(self) -> bytes:
        """The next bytes of the file; b"" where the answer ends. Raises Cut where it ended too early, SourceFailed."""
        while not self._ready and await self._fetch():
            pass
        block = self._ready.popleft() if self._ready else b""
        self.position += len(block)
        return block

    async def peek(self, size: int) -> bytes:
        """The next bytes, which stay: `size` or more, or all there are. Raises SourceFailed."""
        try:
            while sum(map(len, self._ready)) < size and await self._fetch():
                pass
        except Cut as error:
            self._cut = error  # told when the bytes before it have been read
        return b"".join(self._ready)

    async def take(self, size: int) -> bytes:
        """The next `size` bytes, fewer where the answer ends. Raises as `read` does."""
        taken, left = [], size
        while left and (block := await self.read()):
            self.give_back(block[left:])
            taken.append(block[:left])
            left -= len(taken[-1])
        return b"".join(taken)

    async def skip(self, size: int) -> None:
        """Leave out the next bytes. Raises as `read` does."""
        while size and (block := await self.read()):
            self.give_back(block[size:])
            size -= min(size, len(block))

    def give_back(self, block: bytes) -> None:
        """Have the next read return these bytes, which the last one returned."""
        if block:
            self._ready.appendleft(block)
            self.position -= len(block)

    def undo(self, decoder: Decoder) -> None:
        """From here on the bytes are decoded, those that were looked at too. Raises SourceFailed."""
        raw, self._decoder = list(self._ready), decoder
        self._ready.clear()
        self._decoding = chain.from_iterable(decoder.decode(data) for data in raw)
        self.end = None

    async def _fetch(self) -> bool:
        """Make more bytes ready, if only for the decoder; False where the answer has ended."""
        block = next(self._decoding, None)
        if block is not None:
            self._ready.append(block)
            return True
        if self._cut is not None:
            raise self._cut
        if self.end is not None and self._came >= self.end:
            return False
        data = await self.answer.read()
        if not data:
            self._check_end()
            return False
        if self._decoder is not None:
            self._decoding = self._decoder.decode(data)
            return True
        self._ready.append(data if self.end is None else data[: self.end - self._came])
        self._came += len(self._ready[-1])
        return True

    def _check_end(self) -> None:
        if (self.end is not None and self._came < self.end) or (self._decoder is not None and not self._decoder.ended):
            raise Cut("closed the connection")

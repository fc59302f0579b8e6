"""The bytes of a file in its new layout, out of those of the old one in order."""

from collections.abc import AsyncIterator

from streamvault.errors import SourceFailed
from streamvault.leech.mp4.layout import Layout, Stretch

_BLOCK = 256 << 10


def begins_at(layout: Layout, offset: int) -> int | None:
    """The byte of the old file with which the new one goes on at `offset`, or soon after; None where none follows."""
    return next((stretch.source for stretch in layout.stretches(offset) if stretch.data is None), None)


def is_plain(layout: Layout, offset: int, count: int) -> bool:
    """Whether the `count` bytes before `offset`, and the one at it, are next to each other in the old file, too."""
    return any(
        stretch.data is None and stretch.start <= offset - count and offset < stretch.end
        for stretch in layout.stretches()
    )


async def woven(layout: Layout, offset: int, old: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The new file from `offset` on. `old`: the old one, from the byte of `begins_at` on. Raises SourceFailed where it
    ends too early.
    """
    reading = _Forward(old, begins_at(layout, offset) or 0)
    for stretch in layout.stretches(offset):
        if stretch.data is not None:
            for at in range(0, stretch.length, _BLOCK):
                yield stretch.data[at : at + _BLOCK]
        else:
            async for block in reading.of(stretch):
                yield block


class _Forward:
    def __init__(self, blocks: AsyncIterator[bytes], position: int) -> None:
        self._blocks, self._position = blocks, position
        self._held = b""

    async def of(self, stretch: Stretch) -> AsyncIterator[bytes]:
        """The bytes of a stretch of the old file, behind those that were read."""
        start, end = stretch.source, stretch.source + stretch.length
        while self._position < end:
            block = self._held or await anext(self._blocks, b"")
            if not block:
                raise SourceFailed(f"the source ended after {self._position:,} bytes")
            used = min(len(block), end - self._position)
            wanted, self._held = block[max(0, start - self._position) : used], block[used:]
            self._position += used
            if wanted:
                yield wanted

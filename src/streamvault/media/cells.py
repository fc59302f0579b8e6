"""The grid of cells that readers of a file share, and the runs of cells that one request may cover.

A request asks for a run of cells, a cache holds cells, a reader waits for cells, so requests of different sizes
overlap and no byte is fetched twice.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from streamvault.media.byterange import ByteRange
from streamvault.media.chunks import WINDOW

CELL = 128 * 1024
"""Bytes of a cell; the last one of a file may be shorter."""

PER_WINDOW = WINDOW // CELL
"""Cells of one window of Telegram's, and therefore of the longest run."""


@dataclass(frozen=True, slots=True)
class Run:
    """Cells `[first, first + count)`, which one legal upload.getFile request covers."""

    first: int
    count: int

    @property
    def cells(self) -> range:
        return range(self.first, self.first + self.count)

    @property
    def offset(self) -> int:
        """Bytes."""
        return self.first * CELL

    @property
    def limit(self) -> int:
        """Bytes; may reach beyond the end of the file."""
        return self.count * CELL


def cells_of(byte_range: ByteRange) -> range:
    """The cells of one piece that hold `byte_range`; for a range of a whole file see layout.FileLayout.cells."""
    return range(byte_range.start // CELL, -(-byte_range.stop // CELL) if byte_range.length else 0)


def runs(cells: Iterable[int], *, longest: int = PER_WINDOW) -> Iterator[Run]:
    """Legal runs that cover exactly `cells` (ascending), none longer than `longest`.

    The limit has to divide the window, hence powers of two; no run crosses a window.
    """
    first, count = 0, 0
    for cell in cells:
        if count and cell != first + count:
            yield from _split(first, count, longest)
            count = 0
        if not count:
            first = cell
        count += 1
    yield from _split(first, count, longest)


def _split(first: int, count: int, longest: int) -> Iterator[Run]:
    while count:
        room = min(count, longest, PER_WINDOW - first % PER_WINDOW)
        size = 1 << (room.bit_length() - 1)
        yield Run(first, size)
        first, count = first + size, count - size

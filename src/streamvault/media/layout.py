"""The cells of a file as one sequence, whether it is one file in Telegram or was cut into pieces; pure.

Each piece begins a new cell, so the last cell of every piece may be short, and no request spans two pieces.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from streamvault.media.byterange import ByteRange
from streamvault.media.cells import CELL, Run, cells_of, runs
from streamvault.media.model import MediaFile


@dataclass(frozen=True, slots=True)
class CellPosition:
    """Where a cell lies: the piece, the cell's number within it, and how many cells the piece has from there on."""

    piece: int
    cell: int
    left: int


class FileLayout:
    """Translates between byte offsets of the whole file, its cells (numbered from 0 through all pieces) and pieces."""

    __slots__ = ("_cells", "_starts")

    def __init__(self, file: MediaFile) -> None:
        sizes = [part.size for part in file.parts] or [file.size]
        self._starts = [0, *accumulate(sizes)]
        self._cells = [0, *accumulate(len(cells_of(ByteRange(0, size))) for size in sizes)]

    def cell_at(self, offset: int) -> int:
        """The cell that holds the byte at `offset`."""
        piece = min(bisect_right(self._starts, offset), len(self._starts) - 1) - 1
        return self._cells[piece] + (offset - self._starts[piece]) // CELL

    def start(self, cell: int) -> int:
        """The offset of the first byte of a cell."""
        position = self.position(cell)
        return self._starts[position.piece] + position.cell * CELL

    def position(self, cell: int) -> CellPosition:
        """The piece that holds a cell, and the cell's number in it."""
        piece = min(bisect_right(self._cells, cell), len(self._cells) - 1) - 1
        return CellPosition(piece, cell - self._cells[piece], self._cells[piece + 1] - cell)

    def cells(self, byte_range: ByteRange) -> range:
        """The cells that hold `byte_range`."""
        first = self.cell_at(byte_range.start)
        return range(first, self.cell_at(byte_range.stop - 1) + 1 if byte_range.length else first)

    def runs(self, cells: range) -> Iterator[tuple[int, Run]]:
        """(piece, run of its cells) that together are `cells`, in order; each is one legal request."""
        at = cells.start
        while at < cells.stop:
            position = self.position(at)
            count = min(position.left, cells.stop - at)
            for run in runs(range(position.cell, position.cell + count)):
                yield position.piece, run
            at += count

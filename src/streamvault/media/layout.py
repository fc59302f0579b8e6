"""The cells of a file in one row, whether it is one file in Telegram or was cut into pieces; pure.

A piece begins a cell, so the last cell of each piece may be short, and requests never reach across a seam.
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
    """Where a cell of the row lies: in which piece, as which of its cells, and how many that has from there on."""

    piece: int
    cell: int
    left: int


class FileLayout:
    """Cells are numbered from 0 through all pieces."""

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
        place = self.place(cell)
        return self._starts[place.piece] + place.cell * CELL

    def place(self, cell: int) -> CellPosition:
        """Where in which piece a cell lies."""
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
            place = self.place(at)
            count = min(place.left, cells.stop - at)
            for run in runs(range(place.cell, place.cell + count)):
                yield place.piece, run
            at += count

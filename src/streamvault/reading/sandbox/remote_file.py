"""The file as a job sees it: fetched through the job's socket, in cells, within a bound."""

import os
from collections.abc import Callable

from streamvault.media.cells import CELL, PER_WINDOW
from streamvault.reading.sandbox.model import ReadLimit
from streamvault.reading.sandbox.protocol import CellRequest

KEPT = (48 << 20) // CELL
"""Cells that are kept; of more, those that were not read for the longest time are fetched again when they are read."""


class RemoteFile:
    """A seekable file object that fetches at most `most` cells; beyond them it raises ReadLimit, or behaves as at the
    end of the file if `ends`.

    It keeps KEPT cells. Sequential reads fetch more at a time, since an index may have some MiB.
    """

    def __init__(self, request: Callable[[CellRequest], bytes], size: int, *, most: int, ends: bool = False) -> None:
        self.size = size
        self.most = most
        self._ends = ends
        self._request = request
        self._cells: dict[int, bytes] = {}
        """The cell that was read last is at the end."""
        self._fetched = 0
        self._at = 0
        self._next, self._run = -1, 1

    def read(self, count: int = -1) -> bytes:
        """Up to `count` bytes; b"" at the end. Raises ReadLimit when no more cells may be fetched."""
        if count < 0:
            count = self.size
        if self._at >= self.size or not count:
            return b""
        cell, skip = divmod(self._at, CELL)
        if cell not in self._cells:
            self._fetch(cell)
        held = self._cells.pop(cell, None)
        if held is None:
            if not self._ends:
                raise ReadLimit("more of the file would have to be read than is allowed")
            return b""
        self._cells[cell] = held
        piece = held[skip : skip + count]
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As io's."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """As io's."""
        return self._at

    def _fetch(self, cell: int) -> None:
        self._run = min(2 * self._run, PER_WINDOW) if cell == self._next else 1
        last = min(cell + self._run, cell - cell % PER_WINDOW + PER_WINDOW, -(-self.size // CELL))
        last = min([last, *(held for held in self._cells if cell < held < last)])
        last = min(last, cell + self.most - self._fetched)
        if last <= cell:
            return
        data = self._request(CellRequest(cell, last - cell))
        self._fetched += last - cell
        for index in range(last - cell):
            self._cells[cell + index] = data[index * CELL : (index + 1) * CELL]
        self._next = last
        while len(self._cells) > KEPT:
            del self._cells[next(iter(self._cells))]

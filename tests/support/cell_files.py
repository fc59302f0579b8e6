"""A file as a job of the sandbox sees it, in this process, which counts what was read of it; and a job's call."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamvault.media.cells import CELL
from streamvault.reading.sandbox.model import Call


class CellFile:
    """A BoundedFile; reads end at the borders of cells, as those of the real one may."""

    def __init__(self, data: bytes | Path, *, most: int = 64) -> None:
        self._data = data.read_bytes() if isinstance(data, Path) else data
        self.size = len(self._data)
        self.most = most
        self.cells: set[int] = set()
        self._at = 0

    @property
    def fetched(self) -> int:
        """Bytes of the cells that were read."""
        return sum(min(CELL, self.size - cell * CELL) for cell in self.cells)

    def read(self, count: int = -1) -> bytes:
        """As io's."""
        cell = self._at // CELL
        if self._at >= self.size or (cell not in self.cells and len(self.cells) >= self.most):
            return b""
        self.cells.add(cell)
        end = (cell + 1) * CELL if count < 0 else min(self._at + count, (cell + 1) * CELL)
        piece = self._data[self._at : end]
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As io's."""
        self._at = max(0, {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence] + offset)
        return self._at

    def tell(self) -> int:
        """As io's."""
        return self._at


def call_of(file: CellFile, arguments: Mapping[str, Any] | None = None, *blobs: bytes) -> tuple[Call, bytearray]:
    """A call, and where the bytes of its result go."""
    written = bytearray()
    return Call(file, arguments or {}, blobs, written.extend), written

"""Cells with known contents, and the two kinds of cell stores behind one face."""

import zlib
from pathlib import Path
from typing import Protocol

from streamvault.media.cells import CELL
from streamvault.media.model import FileKey
from streamvault.reading.cache.disk import DiskCells
from streamvault.reading.stores import DiskStore, MemoryStore
from tests.support.sources import pattern

FILM = FileKey("AgADBgADqacxGFilm")


def content(key: FileKey, cell: int, length: int = CELL) -> bytes:
    """What a cell of a file holds: no two begin alike."""
    seed = zlib.crc32(f"{key.file_unique_id}/{key.thumb_size}/{cell}".encode())
    return seed.to_bytes(4, "big")[:length] + pattern(seed, seed + length - 4)


class AnyCells(Protocol):
    """What both kinds of stores do, as far as a test can wait for it."""

    async def get(self, key: FileKey, first: int, count: int) -> list[bytes | None]: ...

    async def put(self, key: FileKey, cell: int, data: bytes, *, edge: bool = False) -> None:
        """Returns once the cell is kept, or never will be."""
        ...


class InMemory:
    """A MemoryStore as AnyCells."""

    def __init__(self, cells: MemoryStore) -> None:
        self.cells = cells

    async def get(self, key: FileKey, first: int, count: int) -> list[bytes | None]:
        return [self.cells.get(key, cell) for cell in range(first, first + count)]

    async def put(self, key: FileKey, cell: int, data: bytes, *, edge: bool = False) -> None:
        self.cells.put(key, cell, data, edge=edge)


class OnDisk:
    """DiskCells as AnyCells."""

    def __init__(self, cells: DiskCells) -> None:
        self._store: DiskStore = cells
        self._settled = cells.settled

    async def get(self, key: FileKey, first: int, count: int) -> list[bytes | None]:
        return await self._store.get(key, first, count)

    async def put(self, key: FileKey, cell: int, data: bytes, *, edge: bool = False) -> None:
        self._store.put(key, cell, data, edge=edge)
        await self._settled()


def allocated(folder: Path) -> int:
    """Bytes that a folder takes on the disk, everything in it included."""
    return sum(path.lstat().st_blocks * 512 for path in (folder, *folder.rglob("*")))


def segments(folder: Path) -> list[Path]:
    """The files of segments."""
    return sorted(folder.glob("??/*"))

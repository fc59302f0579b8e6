"""A cache of small pictures: in memory, and on disk below it.

A picture is stored as a file of its own (a FileKey with a thumb_size) in cells, preceded by its length, so it uses the
stores of cells and their handling of torn writes and failing disks.
"""

import struct

from streamvault.media.cells import CELL, PER_WINDOW
from streamvault.media.model import FileKey
from streamvault.reading.stores import DiskStore, MemoryStore

DISK_SHARE = 1 / 8
"""Part of CACHE_DISK that pictures get."""

MOST_DISK = 256 << 20
"""Bytes of disk that pictures get at most: about ten thousand of them."""

MEMORY = 4 << 20
"""Bytes of memory that pictures get: those of a page or two, and the knowledge of which files have none."""

_LENGTH = struct.Struct("<I")
LARGEST = PER_WINDOW * CELL - _LENGTH.size
"""Bytes of a picture that can be kept on disk."""


class PictureCache:
    """Pictures by key. b"" is stored for a file that has no picture, so that nobody looks for it again."""

    def __init__(self, memory: MemoryStore, disk: DiskStore | None = None) -> None:
        self._memory = memory
        self._disk = disk

    async def get(self, key: FileKey) -> bytes | None:
        """The picture as it was put, or None if it is not stored."""
        held = self._memory.get(key, 0)
        if held is None and self._disk is not None:
            held = await self._read(self._disk, key)
            if held is not None:
                self._memory.put(key, 0, held, edge=False)
        return held

    def put(self, key: FileKey, picture: bytes) -> None:
        """Store a picture; never waits, and may drop it."""
        self._memory.put(key, 0, picture, edge=False)
        if self._disk is None or len(picture) > LARGEST:
            return
        record = _LENGTH.pack(len(picture)) + picture
        for cell, start in enumerate(range(0, len(record), CELL)):
            self._disk.put(key, cell, record[start : start + CELL], edge=False)

    async def _read(self, disk: DiskStore, key: FileKey) -> bytes | None:
        [first] = await disk.get(key, 0, 1)
        if first is None or len(first) < _LENGTH.size:
            return None
        [length] = _LENGTH.unpack_from(first)
        more = -(-(length + _LENGTH.size) // CELL) - 1
        rest = await disk.get(key, 1, more) if 0 < more < PER_WINDOW else []
        picture = first[_LENGTH.size :] + b"".join(cell or b"" for cell in rest)
        return picture if len(picture) == length else None

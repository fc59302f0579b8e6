"""Small pictures kept for the next one who asks: in memory, and on disk below it.

A picture lies in the cells of a file of its own (FileKey with a thumb_size), its length before it; so whatever keeps
cells keeps pictures, and everything that is known of torn writes and bad disks holds for them too.
"""

import struct

from streamvault.media.cells import CELL, PER_WINDOW
from streamvault.media.model import FileKey
from streamvault.reading.stores import DiskStore, MemoryStore

DISK_SHARE = 1 / 8
"""Part of CACHE_DISK that pictures get."""

MOST_DISK = 256 << 20
"""Bytes of the disk that they get at most: about ten thousand."""

MEMORY = 4 << 20
"""Bytes of memory that they get: what a page or two show, and which files have none."""

_LENGTH = struct.Struct("<I")
LARGEST = PER_WINDOW * CELL - _LENGTH.size
"""Bytes of a picture that can be kept on disk."""


class PictureCache:
    """Pictures by key. b"" is one too: it says that there is none, so that nobody looks for it again."""

    def __init__(self, memory: MemoryStore, disk: DiskStore | None = None) -> None:
        self._memory = memory
        self._disk = disk

    async def get(self, key: FileKey) -> bytes | None:
        """The picture as it was put, or None if it is not known."""
        held = self._memory.get(key, 0)
        if held is None and self._disk is not None:
            held = await self._read(self._disk, key)
            if held is not None:
                self._memory.put(key, 0, held, edge=False)
        return held

    def put(self, key: FileKey, picture: bytes) -> None:
        """Keep it; never waits, and promises nothing."""
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

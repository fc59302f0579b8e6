"""Cells in memory, never more of them than a number of bytes."""

from streamvault.media.cells import CELL
from streamvault.media.model import FileKey
from streamvault.reading.cache.allocation import keep_freed_memory
from streamvault.reading.cache.policy import S3Fifo

OVERHEAD = 1024
"""Bytes that an entry costs beside its data: its keys, links and numbers, and what the allocator rounds up."""

GHOST = 160
"""Bytes that a remembered key costs."""


class MemoryCells:
    """A `MemoryStore` of `capacity` bytes, overhead included; 0 keeps nothing.

    A read by a single viewer uses a cell once after it was put, which is too little for the main queue.
    Belongs to one event loop: it knows no lock.
    """

    def __init__(self, capacity: int) -> None:
        keep_freed_memory()
        ghosts = capacity // (CELL + GHOST)
        self._policy: S3Fifo[tuple[FileKey, int], bytes] = S3Fifo(capacity - ghosts * GHOST, ghosts=ghosts)
        self.hits = 0
        self.misses = 0
        self.evictions = 0

    def __len__(self) -> int:
        return len(self._policy)

    @property
    def held(self) -> int:
        """Bytes in use, overhead included."""
        return self._policy.weight

    def get(self, key: FileKey, cell: int) -> bytes | None:
        """The cell, whole, or None."""
        entry = self._policy.find((key, cell))
        if entry is None:
            self.misses += 1
            return None
        self.hits += 1
        self._policy.use(entry)
        return entry.value

    def put(self, key: FileKey, cell: int, data: bytes, *, edge: bool) -> None:
        """Keep a whole cell, if it is not larger than everything that may be kept."""
        weight = len(data) + OVERHEAD
        if weight <= self._policy.capacity:
            self.evictions += len(self._policy.admit((key, cell), data, weight, edge=edge))
            self._policy.promoted.clear()

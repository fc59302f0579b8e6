"""The memory cache of cells, bounded in bytes."""

from streamvault.media.cells import CELL
from streamvault.media.model import FileKey
from streamvault.reading.cache.allocation import keep_freed_memory
from streamvault.reading.cache.policy import S3Fifo

OVERHEAD = 1024
"""Bytes of an entry beside its data: keys, links, counters and the rounding of the allocator."""

GHOST = 160
"""Bytes of a remembered key (see policy.py)."""


class MemoryCells:
    """A `MemoryStore` of `capacity` bytes, overhead included; 0 keeps nothing.

    A read by a single viewer uses a cell once after it was put, which is not enough for the main queue.
    Belongs to one event loop; it has no lock.
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
        """The whole cell, or None."""
        entry = self._policy.find((key, cell))
        if entry is None:
            self.misses += 1
            return None
        self.hits += 1
        self._policy.use(entry)
        return entry.value

    def put(self, key: FileKey, cell: int, data: bytes, *, edge: bool) -> None:
        """Store a whole cell, unless it exceeds the capacity."""
        weight = len(data) + OVERHEAD
        if weight <= self._policy.capacity:
            self.evictions += len(self._policy.admit((key, cell), data, weight, edge=edge))
            self._policy.promoted.clear()

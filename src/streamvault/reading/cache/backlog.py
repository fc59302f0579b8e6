"""The queue of cells that wait to be written, grouped by segment and bounded in bytes."""

from collections import OrderedDict
from dataclasses import dataclass, field

BACKLOG = 64 * 1024 * 1024
"""Bytes that wait at most; cells beyond that are dropped. Far above throttle.ENOUGH, since what was requested before
that was reached still comes."""


@dataclass(slots=True)
class WriteBatch:
    """Cells of one segment, by slot."""

    identity: bytes
    cells: dict[int, bytes] = field(default_factory=dict)
    edge: bool = False

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(map(len, self.cells.values()))


class Backlog:
    """Batches in the order in which their first cells came. A batch that was taken counts until it is `done`."""

    def __init__(self) -> None:
        self._batches: OrderedDict[bytes, WriteBatch] = OrderedDict()
        self.size = 0
        """Bytes, including those of the batch that is being written."""

    def __bool__(self) -> bool:
        return bool(self._batches)

    def add(self, identity: bytes, slot: int, data: bytes, *, edge: bool) -> bool:
        """Add a cell; False if there is no room."""
        if self.size + len(data) > BACKLOG:
            return False
        batch = self._batches.setdefault(identity, WriteBatch(identity))
        batch.edge |= edge
        if slot not in batch.cells:
            batch.cells[slot] = data
            self.size += len(data)
        return True

    def take(self) -> WriteBatch:
        """The oldest batch."""
        return self._batches.popitem(last=False)[1]

    def done(self, batch: WriteBatch) -> None:
        """The batch was written or dropped."""
        self.size -= batch.size

    def clear(self) -> int:
        """Drop everything that waits; returns the number of cells."""
        cells = sum(len(batch.cells) for batch in self._batches.values())
        self.size -= sum(batch.size for batch in self._batches.values())
        self._batches.clear()
        return cells

"""Cells that wait to be written, by segment, within a number of bytes."""

from collections import OrderedDict
from dataclasses import dataclass, field

BACKLOG = 16 * 1024 * 1024
"""Bytes that wait at most; what comes on top is dropped."""


@dataclass(slots=True)
class Batch:
    """Cells of one segment, by slot."""

    identity: bytes
    cells: dict[int, bytes] = field(default_factory=dict)
    edge: bool = False

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(map(len, self.cells.values()))


class Backlog:
    """Batches in the order in which their first cells came. One that is taken counts until it is `done`."""

    def __init__(self) -> None:
        self._batches: OrderedDict[bytes, Batch] = OrderedDict()
        self.size = 0
        """Bytes, including those of the batch that is being written."""

    def __bool__(self) -> bool:
        return bool(self._batches)

    def add(self, identity: bytes, slot: int, data: bytes, *, edge: bool) -> bool:
        """Whether there was room."""
        if self.size + len(data) > BACKLOG:
            return False
        batch = self._batches.setdefault(identity, Batch(identity))
        batch.edge |= edge
        if slot not in batch.cells:
            batch.cells[slot] = data
            self.size += len(data)
        return True

    def take(self) -> Batch:
        """The oldest batch."""
        return self._batches.popitem(last=False)[1]

    def done(self, batch: Batch) -> None:
        """The batch is written, or given up."""
        self.size -= batch.size

    def clear(self) -> int:
        """Give up everything that waits; returns how many cells that are."""
        cells = sum(len(batch.cells) for batch in self._batches.values())
        self.size -= sum(batch.size for batch in self._batches.values())
        self._batches.clear()
        return cells

"""The eviction policy of both caches: S3-FIFO, with a queue of its own for the edges of files.

S3-FIFO is from Yang, Zhang, Qiu, Yue and Rashmi, "FIFO queues are all you need for cache eviction", SOSP 2023:
a new entry enters a small queue and is evicted at its end, unless it was used twice meanwhile; then it moves to the
main queue, where each use saves it from eviction once. The keys of entries evicted from the small queue are remembered
for a while (ghosts); such an entry enters the main queue when it returns. So a long sequential read fills the small
queue only.

Players probe head and tail of a file again and again over hours, so these edges have a queue that other reads do not
evict; it is bounded, so that probing a large library cannot fill the whole cache.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

SMALL_SHARE = 1 / 10
"""Part of the capacity that the small queue must exceed before its entries are evicted."""

EDGE_SHARE = 1 / 4
"""Part of the capacity that edges may take."""

MAX_USES = 3
PROMOTING_USES = 2

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Queue(StrEnum):
    """The queue of an entry; the letter is part of a segment's file name."""

    SMALL = "s"
    MAIN = "m"
    EDGES = "e"


@dataclass(slots=True, eq=False)
class Entry(Generic[K, V]):
    key: K
    value: V
    weight: int
    queue: Queue
    uses: int = 0


class S3Fifo(Generic[K, V]):
    """Entries that together weigh at most `capacity` bytes. Every operation takes amortised constant time.

    `ghosts`: how many keys of evicted entries are remembered.
    """

    def __init__(self, capacity: int, *, ghosts: int) -> None:
        self.capacity = capacity
        self.weight = 0
        """Bytes of all entries."""
        self.promoted: list[Entry[K, V]] = []
        """Entries that moved from small to main; the caller reads and empties it."""
        self._entries: dict[K, Entry[K, V]] = {}
        self._queues: dict[Queue, OrderedDict[Entry[K, V], None]] = {queue: OrderedDict() for queue in Queue}
        self._weights = dict.fromkeys(Queue, 0)
        self._ghosts: OrderedDict[int, None] = OrderedDict()  # hashes: a collision only chooses the wrong queue
        self._max_ghosts = ghosts

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, key: K) -> Entry[K, V] | None:
        """The entry, without counting a use."""
        return self._entries.get(key)

    def use(self, entry: Entry[K, V]) -> None:
        """Count a use of the entry."""
        if entry.uses < MAX_USES:
            entry.uses += 1

    def admit(self, key: K, value: V, weight: int, *, edge: bool) -> list[Entry[K, V]]:
        """Add an entry, or change value and weight of an existing one; returns the evicted entries.

        Never evicts `key` itself. Raises ValueError if `weight` exceeds the capacity.
        """
        if weight > self.capacity:
            raise ValueError(f"{weight} bytes do not fit into {self.capacity}")
        old = self.remove(key)
        queue = self._queue_for(key, old, weight, edge=edge)
        gone = self._bound_edges(weight) if queue is Queue.EDGES else []
        while self.weight + weight > self.capacity:
            gone.append(self._evict())
        self._enter(Entry(key, value, weight, queue, old.uses if old else 0))
        return gone

    def restore(self, key: K, value: V, weight: int, *, queue: Queue) -> None:
        """Add an entry of an earlier process, even beyond the capacity: `trim` follows."""
        self._enter(Entry(key, value, weight, queue))

    def resize(self, capacity: int) -> None:
        """Change the capacity: `trim` follows."""
        self.capacity = capacity

    def trim(self) -> list[Entry[K, V]]:
        """Evict until the capacity holds again; returns the evicted entries."""
        gone = []
        while self.weight > self.capacity:
            gone.append(self._evict())
        return gone

    def reweigh(self, entry: Entry[K, V], weight: int) -> None:
        """Correct the weight of an entry, even beyond the capacity: `trim` follows."""
        self._weights[entry.queue] += weight - entry.weight
        self.weight += weight - entry.weight
        entry.weight = weight

    def remove(self, key: K) -> Entry[K, V] | None:
        """Remove an entry, without remembering its key."""
        entry = self._entries.get(key)
        if entry is not None:
            del self._queues[entry.queue][entry]
            self._leave(entry)
        return entry

    def _queue_for(self, key: K, old: Entry[K, V] | None, weight: int, *, edge: bool) -> Queue:
        if (edge or (old and old.queue is Queue.EDGES)) and weight <= self.capacity * EDGE_SHARE:
            return Queue.EDGES
        if old is not None:
            return old.queue if old.queue is not Queue.EDGES else Queue.MAIN
        if hash(key) not in self._ghosts:
            return Queue.SMALL
        del self._ghosts[hash(key)]
        return Queue.MAIN

    def _bound_edges(self, weight: int) -> list[Entry[K, V]]:
        gone = []
        while self._weights[Queue.EDGES] + weight > self.capacity * EDGE_SHARE:
            gone.append(self._evict_unused(Queue.EDGES))
        return gone

    def _evict(self) -> Entry[K, V]:
        while self._queues[Queue.SMALL]:
            if self._weights[Queue.SMALL] <= self.capacity * SMALL_SHARE and self._queues[Queue.MAIN]:
                break
            entry, _ = self._queues[Queue.SMALL].popitem(last=False)
            self._leave(entry)
            if entry.uses < PROMOTING_USES:
                self._remember(entry.key)
                return entry
            entry.queue, entry.uses = Queue.MAIN, 0
            self._enter(entry)
            self.promoted.append(entry)
        return self._evict_unused(Queue.MAIN if self._queues[Queue.MAIN] else Queue.EDGES)

    def _evict_unused(self, queue: Queue) -> Entry[K, V]:
        entries = self._queues[queue]
        while True:
            entry, _ = entries.popitem(last=False)
            if not entry.uses:
                self._leave(entry)
                return entry
            entry.uses -= 1
            entries[entry] = None

    def _enter(self, entry: Entry[K, V]) -> None:
        self._entries[entry.key] = entry
        self._queues[entry.queue][entry] = None
        self._weights[entry.queue] += entry.weight
        self.weight += entry.weight

    def _leave(self, entry: Entry[K, V]) -> None:
        del self._entries[entry.key]
        self._weights[entry.queue] -= entry.weight
        self.weight -= entry.weight

    def _remember(self, key: K) -> None:
        self._ghosts[hash(key)] = None
        if len(self._ghosts) > self._max_ghosts:
            self._ghosts.popitem(last=False)

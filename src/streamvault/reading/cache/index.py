"""What the disk cache knows of its segments, and what it has threads do. No I/O; belongs to the event loop.

What threads report counts only for the very segment that they were sent to: it may have been dropped and made anew.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from streamvault.media.chunks import WINDOW
from streamvault.reading.cache.folder import Found
from streamvault.reading.cache.policy import Entry, Queue, S3Fifo
from streamvault.reading.cache.segment import HEAD, Name, digest_of
from streamvault.reading.cache.transfer import Opened, Read, Reading, Writing, Written

MAX_OPEN = 64
"""Segments whose files stay open."""

BLOCK = 4096
"""Bytes that disks allocate at a time, as far as estimates before a write go."""

NAME_COST = 128
"""Bytes of a segment's name in its folder, generously."""


@dataclass(slots=True, eq=False)
class Segment:
    """`verified` and `seen` are sets of slots, as bits: compared with their checksums, and read in the current pass.

    `ready`: its file is there. `writes` counts when each begins and ends: it is odd while one is under way.
    """

    name: Name
    ready: bool = True
    writes: int = 0
    verified: int = 0
    seen: int = 0


@dataclass(slots=True)
class Losses:
    """Segments that had to make room, and ones that were not as they had been written."""

    evictions: int = 0
    broken: int = 0


@dataclass(frozen=True, slots=True)
class Errand:
    """A segment that a thread is sent to, and its `writes` by then."""

    segment: Segment
    writes: int


class Index:
    """Segments that together take `capacity` bytes of the disk at most."""

    def __init__(self, capacity: int, found: Iterable[Found] = (), *, losses: Losses) -> None:
        self._policy: S3Fifo[bytes, Segment] = S3Fifo(capacity, ghosts=capacity // WINDOW)
        self._at_hand: OrderedDict[bytes, Opened] = OrderedDict()
        self._doomed: list[Name] = []
        self._losses = losses
        for one in found:
            self._policy.restore(one.name.digest, Segment(one.name), one.allocated + NAME_COST, queue=one.name.queue)
        self._evict(self._policy.trim())

    def __len__(self) -> int:
        return len(self._policy)

    @property
    def weight(self) -> int:
        """Bytes on the disk."""
        return self._policy.weight

    @property
    def doomed(self) -> bool:
        """Whether files wait for their removal."""
        return bool(self._doomed)

    def holds(self, identity: bytes, slot: int) -> bool:
        """Whether the cell is known to be there."""
        opened = self._at_hand.get(digest_of(identity))
        return opened is not None and opened.head.holds(slot)

    def read(self, identity: bytes, slots: range) -> tuple[Errand, Reading] | None:
        """What to read; None if nothing of it is there."""
        digest = digest_of(identity)
        entry = self._policy.find(digest)
        if entry is None or not entry.value.ready:
            return None
        opened, segment = self._at_hand.get(digest), entry.value
        if opened is not None and not any(opened.head.holds(slot) for slot in slots):
            return None
        reading = Reading(segment.name, identity, slots, segment.verified, opened)
        return Errand(segment, segment.writes), reading

    def was_read(self, errand: Errand, job: Reading, result: Read) -> None:
        """Learn from what a thread has read."""
        segment, entry = errand.segment, self._policy.find(job.name.digest)
        if entry is None or entry.value is not segment:
            return
        if result.broken:
            if errand.writes == segment.writes and not segment.writes % 2:  # else it was read half written
                self._losses.broken += 1
                self._drop(entry)
            return
        segment.verified |= result.verified
        if result.opened is not None:
            self._keep(entry.key, self._at_hand.get(entry.key, result.opened))
        self._count(entry, result.verified)

    def write(self, identity: bytes, cells: dict[int, bytes], *, edge: bool) -> tuple[Errand, Writing] | None:
        """Make room for cells, and say what is to be done; None if they cannot fit."""
        digest = digest_of(identity)
        entry = self._policy.find(digest)
        weight = entry.weight if entry else HEAD + NAME_COST
        weight += BLOCK + sum(-(-len(data) // BLOCK) * BLOCK for data in cells.values())
        if weight > self._policy.capacity:
            return None
        segment = entry.value if entry else Segment(Name(digest, Queue.SMALL), ready=False)
        self._evict(self._policy.admit(digest, segment, weight, edge=edge))
        renames = self._renames(digest)
        segment.writes += 1
        job = Writing(
            self._take_doomed(),
            renames,
            segment.name,
            identity,
            cells,
            new=not segment.ready,
            opened=self._at_hand.get(digest),
        )
        return Errand(segment, segment.writes), job

    def clear(self) -> Writing:
        """The removals that are due, by themselves."""
        return Writing(self._take_doomed(), [])

    def was_written(self, errand: Errand, result: Written) -> None:
        """Learn from what a thread has written."""
        segment = errand.segment
        segment.writes += 1
        entry = self._policy.find(segment.name.digest)
        if entry is None or entry.value is not segment:
            return
        if result.opened is None:
            self._drop(entry)
            return
        segment.ready = True
        self._policy.reweigh(entry, result.allocated + NAME_COST)
        self._keep(entry.key, result.opened)
        self._evict(self._policy.trim())

    def _count(self, entry: Entry[bytes, Segment], slots: int) -> None:
        """A pass through the segment is one use, however many reads it takes."""
        segment = entry.value
        if not segment.seen or segment.seen & slots:
            self._policy.use(entry)
            segment.seen = slots
        else:
            segment.seen |= slots

    def _renames(self, digest: bytes) -> list[tuple[Name, Name]]:
        """The queue is part of the name, so that the next process knows it: names of those that moved."""
        moved = [entry for entry in self._policy.promoted if self._policy.find(entry.key) is entry]
        self._policy.promoted.clear()
        admitted = self._policy.find(digest)
        renames = []
        for entry in (*moved, *((admitted,) if admitted else ())):
            old = entry.value.name
            if old.queue is not entry.queue:
                entry.value.name = Name(entry.key, entry.queue)
                if entry.value.ready:
                    renames.append((old, entry.value.name))
        return renames

    def _keep(self, digest: bytes, opened: Opened) -> None:
        self._at_hand[digest] = opened
        self._at_hand.move_to_end(digest)
        if len(self._at_hand) > MAX_OPEN:
            self._at_hand.popitem(last=False)

    def _drop(self, entry: Entry[bytes, Segment]) -> None:
        self._policy.remove(entry.key)
        self._at_hand.pop(entry.key, None)
        self._doomed.append(entry.value.name)

    def _evict(self, entries: list[Entry[bytes, Segment]]) -> None:
        self._losses.evictions += len(entries)
        for entry in entries:
            self._at_hand.pop(entry.key, None)
            self._doomed.append(entry.value.name)

    def _take_doomed(self) -> list[Name]:
        doomed, self._doomed = self._doomed, []
        return doomed

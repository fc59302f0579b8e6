"""The index of the disk cache's segments; makes the jobs for threads and applies their results. No I/O.

Belongs to the event loop. A result is applied only if the segment is still the one that the job was made for: it may
have been dropped and created again meanwhile.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from streamvault.media.chunks import WINDOW
from streamvault.reading.cache.folder import FoundSegment
from streamvault.reading.cache.policy import Entry, Queue, S3Fifo
from streamvault.reading.cache.segment import HEAD, Name, digest_of
from streamvault.reading.cache.transfer import OpenSegment, ReadJob, ReadResult, WriteJob, WriteResult

MAX_OPEN = 64
"""Segments whose files are kept open."""

BLOCK = 4096
"""Bytes that disks allocate at a time, as far as estimates before a write go."""

NAME_COST = 128
"""Bytes that the directory entry of a segment is counted with."""


@dataclass(slots=True, eq=False)
class Segment:
    """A segment of the cache; `ready`: its file exists.

    `verified` and `seen` are bit sets of slots: those compared with their checksums, and those read in the current
    pass. `writes` is incremented when a write begins and when it ends, so it is odd while one is under way.
    """

    name: Name
    ready: bool = True
    writes: int = 0
    verified: int = 0
    seen: int = 0


@dataclass(slots=True)
class LossCounts:
    """Totals of segments that were evicted, and of those that were damaged."""

    evictions: int = 0
    broken: int = 0


@dataclass(frozen=True, slots=True)
class JobTarget:
    """The segment that a job was made for, and its `writes` at that time."""

    segment: Segment
    writes: int


class Index:
    """Segments that together take at most `capacity` bytes of disk."""

    def __init__(self, capacity: int, found: Iterable[FoundSegment] = (), *, losses: LossCounts) -> None:
        self._policy: S3Fifo[bytes, Segment] = S3Fifo(capacity, ghosts=capacity // WINDOW)
        self._open_segments: OrderedDict[bytes, OpenSegment] = OrderedDict()
        self._removals: list[Name] = []
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
    def has_removals(self) -> bool:
        """Whether files wait to be removed."""
        return bool(self._removals)

    @property
    def capacity(self) -> int:
        """Bytes that the segments may take at present."""
        return self._policy.capacity

    def resize(self, capacity: int) -> None:
        """Change the capacity, and evict what no longer fits."""
        self._policy.resize(capacity)
        self._evict(self._policy.trim())

    def holds(self, identity: bytes, slot: int) -> bool:
        """Whether the cell is known to be stored."""
        opened = self._open_segments.get(digest_of(identity))
        return opened is not None and opened.head.holds(slot)

    def read(self, identity: bytes, slots: range) -> tuple[JobTarget, ReadJob] | None:
        """The job that reads these slots; None if none of them is stored."""
        digest = digest_of(identity)
        entry = self._policy.find(digest)
        if entry is None or not entry.value.ready:
            return None
        opened, segment = self._open_segments.get(digest), entry.value
        if opened is not None and not any(opened.head.holds(slot) for slot in slots):
            return None
        reading = ReadJob(segment.name, identity, slots, segment.verified, opened)
        return JobTarget(segment, segment.writes), reading

    def apply_read(self, target: JobTarget, job: ReadJob, result: ReadResult) -> None:
        """Apply the result of a read job."""
        segment, entry = target.segment, self._policy.find(job.name.digest)
        if entry is None or entry.value is not segment:
            return
        if result.broken:
            if target.writes == segment.writes and not segment.writes % 2:  # else the read overlapped a write
                self._losses.broken += 1
                self._drop(entry)
            return
        segment.verified |= result.verified
        if result.opened is not None:
            self._keep(entry.key, self._open_segments.get(entry.key, result.opened))
        self._count(entry, result.verified)

    def write(self, identity: bytes, cells: dict[int, bytes], *, edge: bool) -> tuple[JobTarget, WriteJob] | None:
        """Make room for cells; the job that writes them, or None if they cannot fit."""
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
        job = WriteJob(
            self._take_removals(),
            renames,
            segment.name,
            identity,
            cells,
            new=not segment.ready,
            opened=self._open_segments.get(digest),
        )
        return JobTarget(segment, segment.writes), job

    def clear(self) -> WriteJob:
        """The job that only removes the files that are due."""
        return WriteJob(self._take_removals(), [])

    def apply_write(self, target: JobTarget, result: WriteResult) -> None:
        """Apply the result of a write job."""
        segment = target.segment
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
        """Count a pass through the segment as one use, however many reads it takes."""
        segment = entry.value
        if not segment.seen or segment.seen & slots:
            self._policy.use(entry)
            segment.seen = slots
        else:
            segment.seen |= slots

    def _renames(self, digest: bytes) -> list[tuple[Name, Name]]:
        """Old and new names of segments that moved to another queue; it is part of the name, for the next process."""
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

    def _keep(self, digest: bytes, opened: OpenSegment) -> None:
        self._open_segments[digest] = opened
        self._open_segments.move_to_end(digest)
        if len(self._open_segments) > MAX_OPEN:
            self._open_segments.popitem(last=False)

    def _drop(self, entry: Entry[bytes, Segment]) -> None:
        self._policy.remove(entry.key)
        self._open_segments.pop(entry.key, None)
        self._removals.append(entry.value.name)

    def _evict(self, entries: list[Entry[bytes, Segment]]) -> None:
        self._losses.evictions += len(entries)
        for entry in entries:
            self._open_segments.pop(entry.key, None)
            self._removals.append(entry.value.name)

    def _take_removals(self) -> list[Name]:
        has_removals, self._removals = self._removals, []
        return has_removals

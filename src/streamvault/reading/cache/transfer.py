"""The blocking work of the disk cache's threads: read cells of one segment, or write some.

These functions raise nothing: an error is part of the result, and the event loop acts on it.
"""

import contextlib
import errno
from dataclasses import dataclass, field

from streamvault.reading.cache.folder import File, Folder
from streamvault.reading.cache.segment import HEAD, Head, Name, offset_of
from streamvault.reading.cache.space import DiskSpace


@dataclass(slots=True)
class OpenSegment:
    """An open segment with its head. A write makes a new head; a head is never changed."""

    file: File
    head: Head


@dataclass(frozen=True, slots=True)
class ReadJob:
    """Read `slots` of a segment; those not in `verified` (a bit set) are compared with their checksums first."""

    name: Name
    identity: bytes
    slots: range
    verified: int
    opened: OpenSegment | None


@dataclass(slots=True)
class ReadResult:
    """`cells` in order, None for a missing one. `broken`: the segment is damaged, and none of it may be used."""

    cells: list[bytes | None]
    opened: OpenSegment | None = None
    verified: int = 0
    broken: bool = False
    error: OSError | None = None


@dataclass(frozen=True, slots=True)
class WriteJob:
    """Remove and rename some segments, then add `cells` (by slot) to one; `opened` if it is open already.

    `new`: it must be created. `name` None: there is nothing to add.
    """

    removals: list[Name]
    renames: list[tuple[Name, Name]]
    name: Name | None = None
    identity: bytes = b""
    cells: dict[int, bytes] = field(default_factory=dict)
    new: bool = False
    opened: OpenSegment | None = None


@dataclass(slots=True)
class WriteResult:
    """`opened` has the head that is on disk now; None if the segment is unusable.

    `began`: removals and renames were done. `allocated`: bytes of the segment on disk.
    """

    opened: OpenSegment | None = None
    began: bool = False
    allocated: int = 0
    error: OSError | None = None
    space: DiskSpace | None = None
    """The disk after the job; None where that cannot be told."""


def read_cells(folder: Folder, job: ReadJob) -> ReadResult:
    """Read cells; missing and damaged ones are None."""
    result = ReadResult([None] * len(job.slots), job.opened)
    try:
        result.opened = job.opened or _open(folder, job.name, job.identity, writable=False)
        if result.opened is None:
            result.broken = True
        else:
            _read_slots(result.opened, job, result)
    except FileNotFoundError:
        pass  # deleted, or being renamed at this moment: the next write finds out which
    except OSError as error:
        result.error = error.with_traceback(None)  # the traceback would keep the folder, and so its lock, alive
        result.broken = error.errno == errno.EIO
    if result.broken or result.error:
        result.cells, result.opened = [None] * len(job.slots), None
    return result


def write_cells(folder: Folder, job: WriteJob) -> WriteResult:
    """Write the cells first, then the head that lists them. A segment that cannot be created is removed again."""
    result = WriteResult()
    try:
        for name in job.removals:
            folder.remove(name)
        for old, new in job.renames:
            with contextlib.suppress(FileNotFoundError):
                folder.rename(old, new)
        result.began = True
        if job.name is not None:
            _write(folder, job, job.name, result)
    except OSError as error:
        result.error = error.with_traceback(None)
        if job.name is not None and job.new:
            result.opened = None
            with contextlib.suppress(OSError):
                folder.remove(job.name)
    with contextlib.suppress(OSError):
        result.space = folder.space()
    return result


def _read_slots(opened: OpenSegment, job: ReadJob, result: ReadResult) -> None:
    head = opened.head
    for index, slot in enumerate(job.slots):
        length = head.cells[slot][0]
        if not length:
            continue
        data = opened.file.read(length, offset_of(slot))
        if len(data) < length or not (job.verified >> slot & 1 or head.matches(slot, data)):
            result.broken = True
            return
        result.cells[index] = data
        result.verified |= 1 << slot


def _write(folder: Folder, job: WriteJob, name: Name, result: WriteResult) -> None:
    opened = _open_to_write(folder, job, name)
    if opened is None:
        return
    result.opened = opened
    try:
        head = opened.head
        for slot, data in job.cells.items():
            if not head.holds(slot):  # a slot is written once: another thread may be reading it
                opened.file.write(data, offset_of(slot))
                head = head.having(slot, data)
        if head is not opened.head:
            opened.file.write(head.pack(), 0)
        result.opened = OpenSegment(opened.file, head)
    finally:
        result.allocated = opened.file.allocated()


def _open_to_write(folder: Folder, job: WriteJob, name: Name) -> OpenSegment | None:
    if job.new:
        return OpenSegment(folder.create(name), Head(job.identity))
    if job.opened is not None and job.opened.file.writable:
        return job.opened
    try:
        return _open(folder, name, job.identity, writable=True)
    except FileNotFoundError:
        return None


def _open(folder: Folder, name: Name, identity: bytes, *, writable: bool) -> OpenSegment | None:
    file = folder.open(name, writable=writable)
    head = Head.unpack(file.read(HEAD, 0), identity)
    return OpenSegment(file, head) if head else None

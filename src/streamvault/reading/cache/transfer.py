"""What threads do for the disk cache: read cells of one segment, or write some. They decide nothing and raise nothing;
whatever went wrong is in the result, for the loop to act upon.
"""

import contextlib
import errno
from dataclasses import dataclass, field

from streamvault.reading.cache.folder import File, Folder
from streamvault.reading.cache.segment import HEAD, Head, Name, offset_of


@dataclass(slots=True)
class Opened:
    """A segment at hand. A new head takes the place of the old one; neither is ever changed."""

    file: File
    head: Head


@dataclass(frozen=True, slots=True)
class Reading:
    """Read `slots` of a segment; those not in `verified` (a set of bits) are compared with their checksums first."""

    name: Name
    identity: bytes
    slots: range
    verified: int
    opened: Opened | None


@dataclass(slots=True)
class Read:
    """`cells` in order. `broken`: something cannot be read as it was written, so all of the segment is in doubt."""

    cells: list[bytes | None]
    opened: Opened | None = None
    verified: int = 0
    broken: bool = False
    error: OSError | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    """Remove and rename some segments, then add `cells` (by slot) to one; `opened` if it is at hand.

    `new`: it is to be made. `name` None: there is nothing to add.
    """

    removals: list[Name]
    renames: list[tuple[Name, Name]]
    name: Name | None = None
    identity: bytes = b""
    cells: dict[int, bytes] = field(default_factory=dict)
    new: bool = False
    opened: Opened | None = None


@dataclass(slots=True)
class Written:
    """`opened` has the head that is on disk now; None if the segment is of no use.

    `began`: removals and renames were done.
    """

    opened: Opened | None = None
    began: bool = False
    allocated: int = 0
    error: OSError | None = None


def read_cells(folder: Folder, job: Reading) -> Read:
    """Cells that are not there, or not as they were written, are None."""
    result = Read([None] * len(job.slots), job.opened)
    try:
        result.opened = job.opened or _open(folder, job.name, job.identity, writable=False)
        if result.opened is None:
            result.broken = True
        else:
            _read_slots(result.opened, job, result)
    except FileNotFoundError:
        pass  # deleted, or just being renamed: the writer finds out which
    except OSError as error:
        result.error = error.with_traceback(None)  # it would hold on to the folder, and so to its lock
        result.broken = error.errno == errno.EIO
    if result.broken or result.error:
        result.cells, result.opened = [None] * len(job.slots), None
    return result


def write_cells(folder: Folder, job: Writing) -> Written:
    """Data first, then the head that names it. What cannot be finished is undone as far as possible."""
    result = Written()
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
    return result


def _read_slots(opened: Opened, job: Reading, result: Read) -> None:
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


def _write(folder: Folder, job: Writing, name: Name, result: Written) -> None:
    opened = _at_hand(folder, job, name)
    if opened is None:
        return
    result.opened = opened
    try:
        head = opened.head
        for slot, data in job.cells.items():
            if not head.holds(slot):  # a slot is written once, for somebody may be reading it
                opened.file.write(data, offset_of(slot))
                head = head.having(slot, data)
        if head is not opened.head:
            opened.file.write(head.pack(), 0)
        result.opened = Opened(opened.file, head)
    finally:
        result.allocated = opened.file.allocated()


def _at_hand(folder: Folder, job: Writing, name: Name) -> Opened | None:
    if job.new:
        return Opened(folder.create(name), Head(job.identity))
    if job.opened is not None and job.opened.file.writable:
        return job.opened
    try:
        return _open(folder, name, job.identity, writable=True)
    except FileNotFoundError:
        return None


def _open(folder: Folder, name: Name, identity: bytes, *, writable: bool) -> Opened | None:
    file = folder.open(name, writable=writable)
    head = Head.unpack(file.read(HEAD, 0), identity)
    return Opened(file, head) if head else None

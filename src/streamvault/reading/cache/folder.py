"""The folder of segments, as blocking operations: for threads, not for the event loop.

All operations are relative to the descriptor of the folder, which also carries the lock: if the folder is deleted and
another process creates it again, this process cannot write into the new one.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from streamvault.reading.cache.segment import Name, read_name
from streamvault.reading.cache.space import DiskSpace, space_of

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_CLOEXEC


class File:
    """An open segment. It is closed with its last reference, so no thread reads from a descriptor that was closed and
    reused for another file meanwhile.
    """

    def __init__(self, descriptor: int, *, writable: bool) -> None:
        self._descriptor = descriptor
        self.writable = writable

    def __del__(self) -> None:
        os.close(self._descriptor)

    def read(self, length: int, offset: int) -> bytes:
        """Fewer bytes than `length` only where the file ends."""
        data = os.pread(self._descriptor, length, offset)
        while len(data) < length and (more := os.pread(self._descriptor, length - len(data), offset + len(data))):
            data += more
        return data

    def write(self, data: bytes, offset: int) -> None:
        view = memoryview(data)
        while view:
            written = os.pwrite(self._descriptor, view, offset)
            view, offset = view[written:], offset + written

    def allocated(self) -> int:
        """Bytes on the disk."""
        return os.fstat(self._descriptor).st_blocks * 512


@dataclass(frozen=True, slots=True)
class FoundSegment:
    """A segment found by a scan, which does not open it."""

    name: Name
    allocated: int
    modified: int


class Folder:
    """A folder of segments, locked for this process until it is closed or its last reference is gone."""

    def __init__(self, path: Path) -> None:
        """Create the folder if it is missing, and lock it. Raises BlockingIOError if another process holds the lock."""
        self._descriptor = -1
        self._known: set[str] = set()
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
        self._descriptor = os.open(path, _FOLDER)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def __del__(self) -> None:
        self.close()

    def unlock(self) -> None:
        """Release the lock. Nothing may be written here any more; reading goes on."""
        with contextlib.suppress(OSError):
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Unlock and close; to be called when no thread works here any more."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def space(self) -> DiskSpace:
        """The file system that the folder lies on."""
        return space_of(self._descriptor)

    def scan(self) -> list[FoundSegment]:
        """Every segment, by the time of its last write. Removes segments of other versions."""
        found: dict[bytes, FoundSegment] = {}
        for entry in list(os.scandir(self._descriptor)):
            if len(entry.name) == 2 and entry.is_dir(follow_symlinks=False):
                for segment in self._scan_one(entry.name):
                    other = found.setdefault(segment.name.digest, segment)
                    if other is not segment:  # some file systems keep both names when a crash interrupts a rename
                        self.remove(segment.name)
        return sorted(found.values(), key=lambda segment: segment.modified)

    def open(self, name: Name, *, writable: bool) -> File:
        """Raises FileNotFoundError if it is not there."""
        flags = _FILE | (os.O_RDWR if writable else os.O_RDONLY)
        return File(os.open(name.path, flags, dir_fd=self._descriptor), writable=writable)

    def create(self, name: Name) -> File:
        """A new, empty segment."""
        if name.folder not in self._known:
            os.mkdir(name.folder, mode=0o700, dir_fd=self._descriptor)
            self._known.add(name.folder)
        flags = _FILE | os.O_RDWR | os.O_CREAT | os.O_EXCL
        return File(os.open(name.path, flags, 0o600, dir_fd=self._descriptor), writable=True)

    def rename(self, old: Name, new: Name) -> None:
        os.rename(old.path, new.path, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)

    def remove(self, name: Name) -> None:
        """Remove a segment; it may be gone already."""
        self._unlink(name.path)

    def _unlink(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path, dir_fd=self._descriptor)

    def _scan_one(self, folder: str) -> Iterator[FoundSegment]:
        with _opened(os.open(folder, _FOLDER | os.O_NOFOLLOW, dir_fd=self._descriptor)) as descriptor:
            self._known.add(folder)
            for entry in list(os.scandir(descriptor)):
                if not entry.is_file(follow_symlinks=False):
                    continue
                try:
                    name = read_name(folder, entry.name)
                except ValueError:
                    continue  # not a segment: neither counted nor removed
                if name is None:
                    self._unlink(f"{folder}/{entry.name}")
                    continue
                status = entry.stat(follow_symlinks=False)
                yield FoundSegment(name, status.st_blocks * 512, status.st_mtime_ns)


@contextlib.contextmanager
def _opened(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)

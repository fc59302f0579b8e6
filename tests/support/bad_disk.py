"""A folder of segments on a disk with faults: the real operations, of which some fail the way that disks do."""

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from streamvault.reading.cache.folder import File, Folder, FoundSegment
from streamvault.reading.cache.segment import Name


@dataclass
class Faults:
    """`failing`: operations (open, create, read, write, rename, remove, scan) and the errno that each ends with.

    A write that fails leaves half of its bytes. `crash_at`: the number of the operation that changes something which
    is the last, a write being half done by it; nothing changes from then on, as if the process had been killed.
    """

    failing: dict[str, int] = field(default_factory=dict)
    crash_at: int | None = None
    changes: int = 0
    done: Counter[str] = field(default_factory=Counter)

    def before(self, operation: str) -> None:
        self.done[operation] += 1
        if operation in ("create", "write", "rename", "remove"):
            self.changes += 1
            if self.crash_at is not None and self.changes > self.crash_at:
                raise OSError(5, "the process was killed")
        if operation in self.failing:
            raise OSError(self.failing[operation], os.strerror(self.failing[operation]))

    @property
    def halves_writes(self) -> bool:
        return "write" in self.failing or (self.crash_at is not None and self.changes + 1 == self.crash_at)


class BadFile(File):
    def __init__(self, file: File, faults: Faults) -> None:
        super().__init__(os.dup(file._descriptor), writable=file.writable)
        self._faults = faults

    def read(self, length: int, offset: int) -> bytes:
        self._faults.before("read")
        return super().read(length, offset)

    def write(self, data: bytes, offset: int) -> None:
        if self._faults.halves_writes:
            super().write(data[: len(data) // 2], offset)
            self._faults.before("write")
            return
        self._faults.before("write")
        super().write(data, offset)


class BadFolder(Folder):
    def __init__(self, path: Path, faults: Faults) -> None:
        self._faults = faults
        super().__init__(path)

    def scan(self) -> list[FoundSegment]:
        self._faults.before("scan")
        return super().scan()

    def open(self, name: Name, *, writable: bool) -> File:
        self._faults.before("open")
        return BadFile(super().open(name, writable=writable), self._faults)

    def create(self, name: Name) -> File:
        self._faults.before("create")
        return BadFile(super().create(name), self._faults)

    def rename(self, old: Name, new: Name) -> None:
        self._faults.before("rename")
        super().rename(old, new)

    def remove(self, name: Name) -> None:
        self._faults.before("remove")
        super().remove(name)

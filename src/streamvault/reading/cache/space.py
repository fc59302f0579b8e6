"""Free space that the disk cache leaves to the database, the sessions and the leases, which come first."""

import os
from dataclasses import dataclass
from pathlib import Path

SHARE, MOST, LEAST = 20, 256 << 20, 16 << 20
"""The reserve is the 20th part of a disk, at most 256 MiB; on a small disk 16 MiB, or a quarter of it."""


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """Bytes of a file system, and those that this process may still write."""

    total: int
    free: int

    @property
    def reserve(self) -> int:
        """Bytes that should stay free."""
        return max(min(self.total // SHARE, MOST), min(LEAST, self.total // 4))

    @property
    def spare(self) -> int:
        """Free bytes beyond the reserve; negative where the reserve is used."""
        return self.free - self.reserve


def space_of(place: Path | int) -> DiskSpace:
    """The file system of a path or of an open folder. Raises OSError."""
    found = os.statvfs(place)
    return DiskSpace(found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize)

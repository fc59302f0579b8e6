"""What the reading room wants of places that keep cells of files: memory, and the disk below it."""

from typing import Protocol

from streamvault.media.model import FileKey


class MemoryStore(Protocol):
    """Cells in memory: found or not at once. Forgets what it likes; never gives a wrong byte."""

    def get(self, key: FileKey, cell: int) -> bytes | None:
        """The cell, whole, or None."""
        ...

    def put(self, key: FileKey, cell: int, data: bytes, *, edge: bool) -> None:
        """Keep a whole cell. `edge`: it is the head or the tail of its file, which players probe; kept longer."""
        ...


class DiskStore(Protocol):
    """Cells on a disk. Whatever fails there is as if the cells were not kept; nothing is raised."""

    async def get(self, key: FileKey, first: int, count: int) -> list[bytes | None]:
        """Cells `[first, first + count)` in order, None for each that is not there.

        Each call goes to another thread and back, so whole windows are read fastest.
        """
        ...

    def put(self, key: FileKey, cell: int, data: bytes, *, edge: bool) -> None:
        """Keep a whole cell, as `MemoryStore.put`; written later, or dropped if the disk does not keep up.

        Never waits. A cell that is there already stays as it is: those of one file never change.
        """
        ...

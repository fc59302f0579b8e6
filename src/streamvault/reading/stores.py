"""The interfaces of the caches of cells: memory, and the disk below it; implemented by cache/."""

from typing import Protocol

from streamvault.media.model import FileKey


class MemoryStore(Protocol):
    """Cells in memory. It may evict any cell at any time, and never returns a wrong byte."""

    def get(self, key: FileKey, cell: int) -> bytes | None:
        """The whole cell, or None."""
        ...

    def put(self, key: FileKey, cell: int, data: bytes, *, edge: bool) -> None:
        """Store a whole cell. `edge`: it is of the head or the tail of its file, which players probe; kept longer."""
        ...


class DiskStore(Protocol):
    """Cells on a disk. A failing disk counts as a miss; nothing is raised."""

    async def get(self, key: FileKey, first: int, count: int) -> list[bytes | None]:
        """Cells `[first, first + count)` in order, None for each that is not there.

        Each call is a round trip to another thread, so reading whole windows is fastest.
        """
        ...

    def put(self, key: FileKey, cell: int, data: bytes, *, edge: bool) -> None:
        """Store a whole cell, as `MemoryStore.put`; written later, or dropped if the disk does not keep up.

        Never waits. A stored cell is not overwritten, because the cells of a file never change.
        """
        ...

    async def room(self) -> None:
        """Wait until more cells can be put without being dropped; not for a disk that stays behind for seconds."""
        ...

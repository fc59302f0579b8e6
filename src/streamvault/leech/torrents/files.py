"""A torrent's files on the disk: its own .torrent file, and a complete file as a Source."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from streamvault.errors import SourceFailed
from streamvault.leech.model import Described
from streamvault.leech.sources.base import Checkpoint, Opened, SourceChanged
from streamvault.leech.unpacking.model import Member
from streamvault.media.types import type_of

OUT = "out"
"""The folder in a job's room in which libtorrent writes."""
_TORRENT = "torrent"
_BLOCK = 1 << 20


def known_torrent(room: Path) -> bytes | None:
    """What `keep_torrent` has kept."""
    with suppress(OSError):
        return (room / _TORRENT).read_bytes() or None
    return None


def keep_torrent(room: Path, data: bytes) -> None:
    """Keep a .torrent file or a description, for the next worker."""
    new = room / f"{_TORRENT}.new"
    new.write_bytes(data)
    new.rename(room / _TORRENT)


def forget_torrent(room: Path) -> None:
    """It cannot be read."""
    (room / _TORRENT).unlink(missing_ok=True)


def path_of(index: int) -> str:
    """Where the file of this index is written: what it is called is nothing that a file system has to bear."""
    return f"files/{index}"


def prepare(room: Path, keep: Collection[int]) -> Path:
    """The folder in which libtorrent writes; of the files in it, those of other indexes are removed."""
    folder = room / OUT
    (folder / "files").mkdir(0o700, parents=True, exist_ok=True)
    kept = {Path(path_of(index)).name for index in keep}
    for path in (folder / "files").iterdir():
        if path.name not in kept:
            path.unlink() if not path.is_dir() or path.is_symlink() else shutil.rmtree(path)
    return folder


def clear(room: Path) -> None:
    """Remove what libtorrent wrote."""
    shutil.rmtree(room / OUT, ignore_errors=True)


class FetchedFile:
    """`member` of the torrent `id`, complete in `folder`, as a Source."""

    def __init__(self, folder: Path, id: str, member: Member) -> None:
        self._path, self._size = folder / path_of(member.number), member.entry.size
        self._state = {"torrent": id, "file": str(member.number)}
        self.described = Described(member.name, member.entry.size, type_of(member.name), resumable=True)

    @asynccontextmanager
    async def open(self, checkpoint: Checkpoint | None) -> AsyncIterator[Opened]:
        """See Source.open."""
        offset, state = 0, self._state
        if checkpoint is not None:
            known = checkpoint.state or {}
            if {name: known.get(name) for name in state} != state or checkpoint.described.size != self._size:
                raise SourceChanged
            offset, state = checkpoint.offset, {**known, **state}
        yield Opened(self.described, offset, self._blocks(offset), dict(state))

    async def _blocks(self, offset: int) -> AsyncIterator[bytes]:
        try:
            descriptor = await asyncio.to_thread(os.open, self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise SourceFailed(f"a file of the torrent cannot be read: {error.strerror}") from error
        with os.fdopen(descriptor, "rb") as file:
            await asyncio.to_thread(file.seek, offset)
            left = self._size - offset
            while left and (block := await asyncio.to_thread(file.read, min(_BLOCK, left))):
                left -= len(block)
                yield block
        if left:
            raise SourceFailed("a file of the torrent is shorter than it was")

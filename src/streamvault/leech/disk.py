"""DATA_DIR/leech: the disk of jobs that cannot go through memory alone, within LEECH_DISK and what the disk has.

A job reserves all that it may need before it writes anything, and has a folder of its own for as long as it holds the
reservation:

    async with disk.reserve(job.id, need) as room:
        ...  # write below room.path, no more than `need` bytes in all

While others have the room, `reserve` raises NoRoom: the worker lets go of the job, which waits without an attempt being
counted, and keeps its place in the line. What can never fit raises NeverFits at once: leave out what needs the disk, or
fail with its numbers. A process alone uses the folder, and empties it at its start; what it cannot remove counts.
"""

import asyncio
import contextlib
import errno
import fcntl
import logging
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from streamvault.errors import NeverFits, NoRoom
from streamvault.leech.budget import RETRY, Budget, Space

log = logging.getLogger(__name__)

_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})


class Room:
    """A reservation. `path`: its folder, in which everything is removed when the reservation ends."""

    def __init__(self, disk: "LeechDisk", key: str, path: Path) -> None:
        self.path = path
        self.outlives = False
        """Set to True: what is in the folder stays for the next reservation of this key, and counts until then."""
        self.wanted = 0
        """Bytes that were to be reserved instead, when that was last asked for."""
        self._disk, self._key = disk, key

    @property
    def size(self) -> int:
        """Bytes that are reserved."""
        return self._disk.budget.reserved(self._key)

    async def resize(self, need: int) -> None:
        """Reserve `need` bytes in all instead. Raises NoRoom and NeverFits, and keeps what was reserved then."""
        self.wanted = need
        await self._disk.take(self._key, need)

    async def used(self) -> int:
        """Bytes on the disk."""
        return await asyncio.to_thread(allocated, self.path)

    async def check(self) -> None:
        """To be called now and then where something else decides how much is written. Raises NeverFits when it is more
        than was reserved.
        """
        used = await self.used()
        if used > self.size:
            raise NeverFits(f"{used:,} bytes were written to the disk where {self.size:,} were expected")


class LeechDisk:
    """`folder` is made when it is needed; `total` is LEECH_DISK, in bytes. `space` tells of the folder's file system
    and raises OSError. `clock` returns seconds of any origin.
    """

    def __init__(
        self, folder: Path, total: int, *, space: Callable[[], Space], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.budget = Budget(total, clock)
        self._folder = folder
        self._space = space
        self._taking = asyncio.Lock()
        self._lock: int | None = None

    async def open(self, keep: Collection[str] = ()) -> None:
        """Remove what an earlier process left there, but for the folders of the keys to `keep`."""
        if self._folder.exists():
            await asyncio.to_thread(self._clear, frozenset(keep))

    def close(self) -> None:
        """Let another process use the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @asynccontextmanager
    async def reserve(self, key: str, need: int) -> AsyncIterator[Room]:
        """A folder, and `need` bytes for it. `key`: a name without a slash, in use once at a time; a job's id, say.

        Raises NoRoom and NeverFits.
        """
        if key in ("", ".", "..") or "/" in key or self.budget.reserved(key):
            raise ValueError(f"no reservation can be named {key!r}")
        await self.take(key, need)
        room = Room(self, key, self._folder / key)
        try:
            await asyncio.to_thread(room.path.mkdir, 0o700, exist_ok=True)
            yield room
        finally:
            self.budget.release(key)
            if not room.outlives:
                await asyncio.shield(asyncio.to_thread(self.remove, key))

    async def outlived(self) -> list[str]:
        """The keys whose folders have outlived their reservations."""
        try:
            names = await asyncio.to_thread(os.listdir, self._folder)
        except OSError:
            return []
        return [name for name in names if not self.budget.reserved(name)]

    def leave(self, key: str) -> None:
        """To be called for a job that no longer waits: it loses its place in the line."""
        self.budget.leave(key)

    def remove(self, key: str) -> None:
        """Remove what is in a folder that has outlived its reservation; nothing where there is none."""
        path = self._folder / key
        with contextlib.suppress(FileNotFoundError):
            try:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
            except OSError as error:
                log.warning("%s cannot be removed, and counts to LEECH_DISK until it is: %s", path, error)

    async def take(self, key: str, need: int) -> None:
        """See Room.resize."""
        async with self._taking:
            try:
                used, space = await asyncio.to_thread(self._measured)
            except OSError as error:
                raise NoRoom(f"DATA_DIR/leech cannot be used: {error.strerror}", retry_after=RETRY) from error
            self.budget.take(key, need, used=used, space=space)

    def _measured(self) -> tuple[dict[str, int], Space]:
        self._own()
        with os.scandir(self._folder) as entries:
            used = {entry.name: allocated(Path(entry.path)) for entry in entries}
        return used, self._space()

    def _clear(self, keep: frozenset[str]) -> None:
        try:
            self._own()
            left = [name for name in os.listdir(self._folder) if name not in keep]
        except (OSError, NoRoom) as error:
            log.warning("what an earlier worker left in %s is not removed: %s", self._folder, error)
            return
        for name in left:
            self.remove(name)

    def _own(self) -> None:
        """Make the folder, and lock it, also where it was deleted meanwhile. Raises OSError, and NoRoom while another
        process has it.
        """
        self._folder.mkdir(0o700, exist_ok=True)
        if self._lock is not None and os.path.samestat(os.fstat(self._lock), self._folder.stat()):
            return
        self.close()
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                os.close(descriptor)
                raise NoRoom("waits for room: another process uses DATA_DIR/leech", retry_after=RETRY) from error
        self._lock = descriptor


def allocated(path: Path) -> int:
    """Bytes on the disk of everything at and below a path, without following links; what vanishes counts nothing."""
    try:
        total = path.lstat().st_blocks * 512
        if path.is_dir() and not path.is_symlink():
            with os.scandir(path) as entries:
                total += sum(allocated(Path(entry.path)) for entry in entries)
    except FileNotFoundError:
        return 0
    return total

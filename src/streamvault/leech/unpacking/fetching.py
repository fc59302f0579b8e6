"""Fetching an archive to the disk: it goes on at its byte, and is refused as soon as it is none that is unpacked."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from streamvault.errors import SourceFailed
from streamvault.leech.disk import Room
from streamvault.leech.model import Described
from streamvault.leech.sources.base import TAIL, Checkpoint, Opened, Source, SourceChanged
from streamvault.leech.unpacking.kinds import LOOKED_AT, check_name, kind_of_archive
from streamvault.leech.unpacking.model import Kind

SPARE = 1 << 20
"""Bytes beside those of the archive."""
UNKNOWN = 64 << 20
"""Bytes that are reserved for an archive of unknown size at first."""
MOST_BEGUN = 5
_BLOCK = 1 << 20
_FILE, _MARK = "archive", "archive.json"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A complete archive. `digest`: the SHA-256 of its bytes, in hexadecimal."""

    path: Path
    kind: Kind
    described: Described
    size: int
    digest: str


class ArchiveFetching:
    """The file of `source` into `room`. `space`: bytes that may be reserved; `on_progress` is told the bytes that are
    there, and of how many.
    """

    def __init__(
        self, source: Source, room: Room, space: int, on_progress: Callable[[int, int | None], None]
    ) -> None:  # fmt: skip
        self._source, self._room, self._space, self._on_progress = source, room, space, on_progress
        self._path, self._mark = room.path / _FILE, room.path / _MARK

    async def run(self) -> Fetched:
        """Until it is complete. Raises what the source does, NoRoom, NeverFits, and SourceRefused for what is not
        unpacked.
        """
        for _ in range(MOST_BEGUN):
            known = await asyncio.to_thread(self._known)
            if isinstance(known, Fetched):
                return known
            try:
                return await self._fetch(known)
            except SourceChanged:
                await asyncio.to_thread(self._forget)
        raise SourceFailed("the file changed again and again while it was read")

    async def _fetch(self, known: Checkpoint | None) -> Fetched:
        async with self._source.open(known) as opened:
            if opened.offset != (known.offset if known else 0):
                raise SourceChanged
            check_name(opened.described.name)
            await self._reserve(opened.described.size, opened.offset)
            await asyncio.to_thread(self._note, opened)
            return await self._write(opened)

    async def _write(self, opened: Opened) -> Fetched:
        size, total = opened.offset, opened.described.size
        digest = await asyncio.to_thread(self._hashed)
        kept, looked = bytearray(), size >= LOOKED_AT
        with await asyncio.to_thread(self._path.open, "ab") as file:
            async for block in opened.blocks:
                kept += block
                size += len(block)
                if not looked and len(kept) >= LOOKED_AT:
                    kind_of_archive(bytes(kept[:LOOKED_AT]))
                    looked = True
                if len(kept) >= _BLOCK:
                    if total is None:
                        await self._reserve(None, size)
                    await asyncio.to_thread(_append, file, digest, kept)
                    self._on_progress(size, total)
            await asyncio.to_thread(_append, file, digest, kept)
        return await asyncio.to_thread(self._complete, opened, size, digest.hexdigest())

    async def _reserve(self, told: int | None, here: int) -> None:
        """Room for an archive of which `here` bytes are there: all that it needs, or for one of unknown size twice as
        much as it has, as far as there is as much.
        """
        if told is not None:
            await self._room.resize(max(told, here) + SPARE)
        elif here + SPARE > self._room.size or not here:
            await self._room.resize(max(here + SPARE, min(max(UNKNOWN, here * 2), self._space)))

    def _known(self) -> Fetched | Checkpoint | None:
        """What an earlier worker has written, if it can be gone on with."""
        noted = self._noted()
        if noted is None:
            self._forget()
            return None
        described, found = Described(**noted["described"]), self._path.stat()
        if "sha256" in noted:
            if (found.st_size, found.st_mtime_ns) == (noted["size"], noted["changed"]):
                return Fetched(self._path, self._kind(), described, found.st_size, noted["sha256"])
            self._forget()
            return None
        if not found.st_size or found.st_size == described.size:
            self._forget()  # what begins at the end cannot be asked for
            return None
        with self._path.open("rb") as file:
            file.seek(max(0, found.st_size - TAIL))
            tail = file.read()
        told = (len(tail), hashlib.sha256(tail).hexdigest())
        return Checkpoint(described, found.st_size, told, noted["state"])

    def _noted(self) -> dict[str, Any] | None:
        with suppress(OSError, ValueError):
            noted = json.loads(self._mark.read_text())
            if self._path.is_file() and isinstance(noted, dict):
                return noted
        return None

    def _note(self, opened: Opened, **more: object) -> None:
        noted = {"described": asdict(opened.described), "state": opened.state, **more}
        new = self._mark.with_suffix(".new")
        new.write_text(json.dumps(noted))
        new.rename(self._mark)

    def _complete(self, opened: Opened, size: int, digest: str) -> Fetched:
        found = self._path.stat()
        kind = self._kind()
        self._note(opened, sha256=digest, size=found.st_size, changed=found.st_mtime_ns)
        return Fetched(self._path, kind, opened.described, size, digest)

    def _kind(self) -> Kind:
        with self._path.open("rb") as file:
            return kind_of_archive(file.read(LOOKED_AT))

    def _hashed(self) -> "hashlib._Hash":
        digest = hashlib.sha256()
        with suppress(FileNotFoundError), self._path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        return digest

    def _forget(self) -> None:
        self._mark.unlink(missing_ok=True)
        self._path.unlink(missing_ok=True)


def _append(file: BinaryIO, digest: "hashlib._Hash", kept: bytearray) -> None:
    file.write(kept)
    file.flush()
    digest.update(kept)
    kept.clear()

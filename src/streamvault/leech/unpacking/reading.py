"""The entries of an archive on the disk, and their bytes; in threads, as disk and decompression take their time."""

import asyncio
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from streamvault.errors import SourceRefused
from streamvault.leech.model import Described
from streamvault.leech.sources.base import Checkpoint, Opened, SourceChanged
from streamvault.leech.unpacking.choosing import RATIO, SMALL
from streamvault.leech.unpacking.model import MOST_ENTRIES, Damaged, Entry, Kind, Member
from streamvault.leech.unpacking.streams import BLOCK, Reader, Region, bunzipped, gunzipped, inflated, unxzipped
from streamvault.leech.unpacking.tar_headers import BLOCK as HEADER
from streamvault.leech.unpacking.tar_headers import Headers, padded, read_header
from streamvault.leech.unpacking.zip_directory import read_directory
from streamvault.media.types import type_of

_STEP = 8 << 20
"""Bytes that are read before others get their turn."""
_MOST_HEADERS = 4 * MOST_ENTRIES
_LOCAL = 30
_STORED, _DEFLATED = 0, 8


class ArchiveFile:
    """An archive of `size` bytes. `most`: bytes of everything in it."""

    def __init__(self, path: Path, kind: Kind, size: int, *, most: int) -> None:
        self.kind, self.size = kind, size
        self._path, self._most = path, most
        self._tar: tuple[Reader, int] | None = None
        """The stream of a compressed tar, and how many bytes of it have been read."""

    async def entries(self) -> list[Entry]:
        """Raises SourceRefused where it is damaged, or made to be far larger than it is."""
        if self.kind == "zip":
            return await asyncio.to_thread(self._directory)
        found: list[Entry] = []
        steps = self._walk(found)
        while await asyncio.to_thread(next, steps, None) is not None:
            pass
        return found

    def blocks(self, entry: Entry, offset: int, *, verify: bool) -> AsyncGenerator[bytes, None]:
        """The bytes of a file from `offset` on. `verify`: they are compared with their CRC-32, for which those before
        are read, too. Raises Damaged.
        """
        return self._zipped(entry, offset, verify) if self.kind == "zip" else self._tarred(entry, offset)

    def _directory(self) -> list[Entry]:
        with self._path.open("rb") as file:

            def read(start: int, end: int) -> bytes:
                file.seek(start)
                return file.read(end - start)

            return read_directory(read, self.size)

    def _walk(self, found: list[Entry]) -> Iterator[int]:
        """Find the entries of a tar; yields now and then."""
        with self._path.open("rb") as file:
            tape = _Tape(file, self.size, self.kind, self._most)
            headers, count = Headers(), 0
            while (block := tape.take(HEADER)) and (header := read_header(block)) is not None:
                count += 1
                if len(found) >= MOST_ENTRIES or count > _MOST_HEADERS:
                    raise SourceRefused(f"this archive has more than {MOST_ENTRIES:,} entries: it is not unpacked")
                if headers.extended(header):
                    data = tape.take(padded(header.size))
                    headers.note(header, data[: header.size])
                    continue
                found.append(headers.entry(header, tape.position))
                yield from tape.skip(padded(found[-1].size))
        if not found:
            raise SourceRefused("there is no file in this archive")

    async def _zipped(self, entry: Entry, offset: int, verify: bool) -> AsyncGenerator[bytes, None]:
        with await asyncio.to_thread(self._path.open, "rb") as file:
            start = offset if entry.method == _STORED and not verify else 0
            reader = await asyncio.to_thread(_begun, file, entry, self.size, start)
            at, crc = start, 0
            while block := await asyncio.to_thread(reader.read, BLOCK):
                at, before = at + len(block), at
                if at > entry.size:
                    raise Damaged("it is larger than the archive says")
                crc = zlib.crc32(block, crc)
                if at > offset:
                    yield block[max(0, offset - before) :]
            if at < entry.size or (not start and crc != entry.crc):
                raise Damaged("its bytes are not those that were packed")

    async def _tarred(self, entry: Entry, offset: int) -> AsyncGenerator[bytes, None]:
        with await asyncio.to_thread(self._path.open, "rb") as file:
            first, end = entry.at + offset, entry.at + entry.size
            reader, at = self._stream_before(first, Region(file, first, self.size))
            while at < end:
                block = await asyncio.to_thread(reader.read, min(BLOCK, (end if at >= first else first) - at))
                if not block:
                    raise Damaged("the archive is cut off")
                at += len(block)
                if at > first:
                    yield block
            if self.kind != "tar":
                self._tar = (reader, at)

    def _stream_before(self, position: int, plain: Reader) -> tuple[Reader, int]:
        """`plain`, which begins there; of a compressed tar the stream at or before it, which nobody else has then."""
        if self.kind == "tar":
            return plain, position
        kept, self._tar = self._tar, None
        if kept is not None and kept[1] <= position:
            return kept
        return _unpacked(_OnDisk(self._path), self.kind), 0


class MemberSource:
    """A file of an archive as a Source."""

    def __init__(self, archive: ArchiveFile, member: Member) -> None:
        self._archive, self._member = archive, member
        self.described = Described(member.name, member.entry.size, type_of(member.name), resumable=True)

    @asynccontextmanager
    async def open(self, checkpoint: Checkpoint | None) -> AsyncIterator[Opened]:
        """See Source.open. What is read to be sent, and not to be looked at, is verified."""
        entry, offset = self._member.entry, 0
        state = {"member": str(self._member.number)}
        if checkpoint is not None:
            if checkpoint.described.size != entry.size or (checkpoint.state or state).get("member") != state["member"]:
                raise SourceChanged
            offset, state = checkpoint.offset, {**(checkpoint.state or {}), **state}
        verify = checkpoint is None or checkpoint.tail is not None
        async with aclosing(self._archive.blocks(entry, offset, verify=verify)) as blocks:
            yield Opened(self.described, offset, blocks, state)


class _Tape:
    """A tar from its start: `position` in the unpacked bytes. Raises SourceRefused, Damaged."""

    def __init__(self, file: BinaryIO, size: int, kind: Kind, most: int) -> None:
        self.position = 0
        self._file, self._size, self._kind = file, size, kind
        self._reader = _unpacked(Region(file, 0, size), kind)
        self._most = size if kind == "tar" else min(max(SMALL, size * RATIO), most + SMALL)

    def take(self, size: int) -> bytes:
        """The next bytes; none at the end. Raises Damaged where there are fewer."""
        data = bytearray()
        while len(data) < size and (block := self._reader.read(size - len(data))):
            data += block
        if 0 < len(data) < size:
            raise Damaged("this archive is cut off")
        self._count(len(data))
        return bytes(data)

    def skip(self, size: int) -> Iterator[int]:
        """Leave out the next bytes; yields now and then."""
        end = self.position + size
        if self._kind == "tar":
            if end > padded(self._size):
                raise Damaged("this archive is cut off")
            self._reader, self.position = Region(self._file, end, self._size), end
            return
        while self.position < end:
            block = self._reader.read(min(BLOCK, end - self.position))
            if not block:
                raise Damaged("this archive is cut off")
            self._count(len(block))
            if self.position % _STEP < len(block):
                yield self.position

    def _count(self, size: int) -> None:
        self.position += size
        if self.position > self._most:
            raise SourceRefused(
                f"this archive of {self._size:,} bytes holds more than {self._most:,}, as one that is made to fill "
                "disks does: it is not unpacked"
            )


class _OnDisk:
    """A file that is open while it is read."""

    def __init__(self, path: Path) -> None:
        self._path, self._at = path, 0

    def read(self, size: int) -> bytes:
        with self._path.open("rb") as file:
            file.seek(self._at)
            data = file.read(size)
        self._at += len(data)
        return data


def _unpacked(packed: Reader, kind: Kind) -> Reader:
    """The tar in a compressed one."""
    if kind == "tar.gz":
        return gunzipped(packed)
    if kind == "tar.bz2":
        return bunzipped(packed)
    return unxzipped(packed) if kind == "tar.xz" else packed


def _begun(file: BinaryIO, entry: Entry, size: int, start: int) -> Reader:
    """The bytes of a file in a ZIP archive; from `start` on where it is stored. Raises Damaged."""
    file.seek(entry.at)
    header = file.read(_LOCAL)
    if len(header) < _LOCAL or not header.startswith(b"PK\x03\x04"):
        raise Damaged("its header is wrong")
    at = entry.at + _LOCAL + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    if at + entry.packed > size:
        raise Damaged("it is cut off")
    region = Region(file, at + start, at + entry.packed)
    if entry.method == _STORED:
        return region
    return inflated(region) if entry.method == _DEFLATED else bunzipped(region)

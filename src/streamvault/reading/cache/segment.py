"""How the cells of one window of a file lie in a segment, a file on disk. Pure: bytes in, bytes out.

A segment is a head of HEAD bytes, then a slot of CELL bytes for each cell of the window. The head says whose cells
these are, and length and checksum of each that is there; it ends in a checksum of itself. The cells of a slot count
only once the head names them, and only while they match what it says: whatever a crash leaves behind, half a cell or
half a head, is recognised. The checksum of a cell is half of its XXH3: it guards against accidents, not against
somebody with access to the folder, and costs a tenth of CRC-32, which was one part in twenty of a stream.
"""

import hashlib
import re
import struct
import zlib
from dataclasses import dataclass

from xxhash import xxh3_64_intdigest

from streamvault.media.cells import CELL, PER_WINDOW
from streamvault.media.model import FileKey
from streamvault.reading.cache.policy import Queue

HEAD = 4096
"""Bytes before the first slot: one page, so that cells are aligned."""

VERSION = 2

_MAGIC = b"SVcells\x01"
_FIXED = struct.Struct("<8sQHH")  # magic, window, bytes of the id, bytes of the thumbnail's letters
_CELLS = struct.Struct(f"<{2 * PER_WINDOW}I")  # length and checksum of each slot; no length, no cell
_CHECK = struct.Struct("<I")
_IDENTITY = HEAD - _CELLS.size - _CHECK.size
_NAME = re.compile(r"(?P<digest>[0-9a-f]{32})\.(?P<queue>[a-z])(?P<version>[0-9]{1,4})")


def identity_of(key: FileKey, window: int) -> bytes | None:
    """What the head of a window's segment begins with; None if the key is too long for it."""
    file_id, size = (text.encode("utf-8", "surrogatepass") for text in (key.file_unique_id, key.thumb_size))
    if _FIXED.size + len(file_id) + len(size) > _IDENTITY:
        return None
    return _FIXED.pack(_MAGIC, window, len(file_id), len(size)) + file_id + size


def digest_of(identity: bytes) -> bytes:
    """What a segment is known by, in its name and in memory."""
    return hashlib.blake2b(identity, digest_size=16).digest()


def offset_of(slot: int) -> int:
    """Bytes."""
    return HEAD + slot * CELL


@dataclass(frozen=True, slots=True)
class Head:
    """`cells` holds (length, checksum) of each slot; length 0 where there is no cell."""

    identity: bytes
    cells: tuple[tuple[int, int], ...] = ((0, 0),) * PER_WINDOW

    def holds(self, slot: int) -> bool:
        return self.cells[slot][0] > 0

    def having(self, slot: int, data: bytes) -> "Head":
        """This head with one more cell."""
        entry = (len(data), self.checksum(slot, data))
        return Head(self.identity, (*self.cells[:slot], entry, *self.cells[slot + 1 :]))

    def matches(self, slot: int, data: bytes) -> bool:
        """Whether these are the bytes that were put there."""
        return self.cells[slot] == (len(data), self.checksum(slot, data))

    def checksum(self, slot: int, data: bytes) -> int:
        """Depends on the place too: right bytes in a wrong place are wrong bytes."""
        return xxh3_64_intdigest(data, zlib.crc32(self.identity, slot)) & 0xFFFFFFFF

    def pack(self) -> bytes:
        body = self.identity.ljust(_IDENTITY, b"\0") + _CELLS.pack(
            *(number for entry in self.cells for number in entry)
        )
        return body + _CHECK.pack(zlib.crc32(body))

    @classmethod
    def unpack(cls, raw: bytes, identity: bytes) -> "Head | None":
        """The head in `raw`, or None if that is none, or one of another segment."""
        if len(raw) != HEAD or not raw.startswith(identity):
            return None
        if _CHECK.unpack_from(raw, HEAD - _CHECK.size)[0] != zlib.crc32(raw[: -_CHECK.size]):
            return None
        numbers = _CELLS.unpack_from(raw, _IDENTITY)
        cells = tuple(zip(numbers[::2], numbers[1::2], strict=True))
        return cls(identity, cells) if all(length <= CELL for length, _ in cells) else None


@dataclass(frozen=True, slots=True)
class Name:
    """What a segment's file is called: a digest of its place, and the queue that it stands in."""

    digest: bytes
    queue: Queue

    @property
    def folder(self) -> str:
        return self.digest.hex()[:2]

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.digest.hex()}.{self.queue}{VERSION}"


def read_name(folder: str, name: str) -> Name | None:
    """The segment that a file in `folder` is. None: it is one that we would have made, but of no use any more.

    Raises ValueError if it is no file of ours at all.
    """
    match = _NAME.fullmatch(name)
    if match is None or not name.startswith(folder):
        raise ValueError(name)
    if int(match["version"]) != VERSION or match["queue"] not in frozenset(Queue):
        return None
    return Name(bytes.fromhex(match["digest"]), Queue(match["queue"]))

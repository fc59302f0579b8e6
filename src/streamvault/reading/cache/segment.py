"""The format of a segment: a file on disk with the cells of one window of a file. Pure: bytes in, bytes out.

A segment is a head of HEAD bytes, then a slot of CELL bytes for each cell of the window. The head holds the identity
of the file and the window, the length and checksum of each stored cell, and a checksum of itself. A cell counts only if
the head lists it and it matches that checksum, so a half-written cell or head after a crash is recognised. The checksum
of a cell is half of its XXH3: it detects accidents, not manipulation by somebody with access to the folder, and takes
a tenth of the time of CRC-32, which took 5 % of a stream's time.
"""

import hashlib
import re
import struct
import zlib
from collections.abc import Iterator
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
    """The first bytes of the head of a window's segment; None if the key is too long for it."""
    file_id, size = (text.encode("utf-8", "surrogatepass") for text in (key.file_unique_id, key.thumb_size))
    if _FIXED.size + len(file_id) + len(size) > _IDENTITY:
        return None
    return _FIXED.pack(_MAGIC, window, len(file_id), len(size)) + file_id + size


def digest_of(identity: bytes) -> bytes:
    """The key of a segment, in its file name and in memory."""
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
        """Whether `data` has the length and checksum of the stored cell."""
        return self.cells[slot] == (len(data), self.checksum(slot, data))

    def checksum(self, slot: int, data: bytes) -> int:
        """Seeded with identity and slot, so that the bytes of another cell do not match."""
        return xxh3_64_intdigest(data, zlib.crc32(self.identity, slot)) & 0xFFFFFFFF

    def pack(self) -> bytes:
        body = self.identity.ljust(_IDENTITY, b"\0") + _CELLS.pack(
            *(number for entry in self.cells for number in entry)
        )
        return body + _CHECK.pack(zlib.crc32(body))

    @classmethod
    def unpack(cls, raw: bytes, identity: bytes) -> "Head | None":
        """The head in `raw`; None if it is damaged or of another segment."""
        if len(raw) != HEAD or not raw.startswith(identity):
            return None
        if _CHECK.unpack_from(raw, HEAD - _CHECK.size)[0] != zlib.crc32(raw[: -_CHECK.size]):
            return None
        numbers = _CELLS.unpack_from(raw, _IDENTITY)
        cells = tuple(zip(numbers[::2], numbers[1::2], strict=True))
        return cls(identity, cells) if all(length <= CELL for length, _ in cells) else None


@dataclass(frozen=True, slots=True)
class Name:
    """The file name of a segment: the digest of its identity, and the eviction queue that it is in."""

    digest: bytes
    queue: Queue

    @property
    def folder(self) -> str:
        return self.digest.hex()[:2]

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.digest.hex()}.{self.queue}{VERSION}"


def read_name(folder: str, name: str) -> Name | None:
    """The segment that a file in `folder` is. None: it is a segment of another version, to be removed.

    Raises ValueError if the name is not that of a segment.
    """
    match = _NAME.fullmatch(name)
    if match is None or not name.startswith(folder):
        raise ValueError(name)
    if int(match["version"]) != VERSION or match["queue"] not in frozenset(Queue):
        return None
    return Name(bytes.fromhex(match["digest"]), Queue(match["queue"]))


def by_window(first: int, count: int) -> Iterator[tuple[int, range]]:
    """Each window that holds some of the cells, and their slots in it."""
    stop = first + count
    while first < stop:
        window, slot = divmod(first, PER_WINDOW)
        length = min(stop - first, PER_WINDOW - slot)
        yield window, range(slot, slot + length)
        first += length

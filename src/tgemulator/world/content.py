"""The bytes of stored files: from memory, from disk, or computed.

SyntheticContent makes files of any size without disk: block `i` of a seed is a slice of one fixed
random pool, from an offset chosen by a hash of (seed, i), with that hash and `i` written over its
first bytes. Reading costs a memory copy, is O(1) in the offset, and no two blocks are equal, so any
range can be verified and a shifted or swapped range is always detected.
"""

import hashlib
import os
import struct
from functools import cache
from pathlib import Path
from typing import Protocol

_BLOCK = 64 * 1024
_POOL = 4 * 1024 * 1024
_STAMP = struct.Struct("<16sQ")


class Content(Protocol):
    """The bytes of a stored file."""

    @property
    def size(self) -> int:
        """Length in bytes."""
        ...

    def read(self, offset: int, limit: int) -> bytes:
        """The bytes of `[offset, offset + limit)`, cut at the end of the content; empty beyond it."""
        ...


class BytesContent:
    """Content held in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self._data)

    def read(self, offset: int, limit: int) -> bytes:
        """See Content.read."""
        return self._data[offset : offset + limit]


class DiskContent:
    """Content of a file on disk, which must not change while it is served. OSError when it cannot be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = path.stat().st_size

    @property
    def size(self) -> int:
        """Length in bytes, as it was when the content was made."""
        return self._size

    def read(self, offset: int, limit: int) -> bytes:
        """See Content.read. Opened for each read, so that nothing has to be closed."""
        descriptor = os.open(self._path, os.O_RDONLY)
        try:
            return os.pread(descriptor, max(0, min(limit, self._size - offset)), offset)
        finally:
            os.close(descriptor)


class SyntheticContent:
    """`size` bytes determined by `seed` (0 <= seed < 2**64) and their offset alone."""

    def __init__(self, size: int, seed: int) -> None:
        self._size = size
        self.seed = seed

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self._size

    def read(self, offset: int, limit: int) -> bytes:
        """See Content.read."""
        return synthetic_bytes(self.seed, offset, max(0, min(limit, self._size - offset)))


def synthetic_bytes(seed: int, offset: int, length: int) -> bytes:
    """The bytes `[offset, offset + length)` of the unlimited synthetic stream of `seed`."""
    if length <= 0:
        return b""
    first, last = offset // _BLOCK, (offset + length - 1) // _BLOCK
    pieces: list[bytes | memoryview] = []
    for index in range(first, last + 1):
        start = max(offset - index * _BLOCK, 0)
        stop = min(offset + length - index * _BLOCK, _BLOCK)
        pieces += _block_pieces(seed, index, span=(start, stop))
    return b"".join(pieces)


def _block_pieces(seed: int, index: int, *, span: tuple[int, int]) -> list[bytes | memoryview]:
    """`[start, stop)` of one block: the rest of the stamp, then a slice of the pool."""
    start, stop = span
    digest = hashlib.blake2b(struct.pack("<QQ", seed, index), digest_size=16).digest()
    stamp = _STAMP.pack(digest, index)
    at = int.from_bytes(digest[:8], "little") % _POOL
    return [stamp[start:stop], _pool()[at + max(start, len(stamp)) : at + stop]]


@cache
def _pool() -> memoryview:
    """Pseudo-random bytes that never change; a whole block fits after any offset below _POOL."""
    return memoryview(hashlib.shake_128(b"tgemulator synthetic content").digest(_POOL + _BLOCK))


def sha256_of(content: Content, *, piece: int = 1 << 20) -> str:
    """The hexadecimal SHA-256 of the whole content, read piece by piece."""
    digest = hashlib.sha256()
    for offset in range(0, content.size, piece):
        digest.update(content.read(offset, piece))
    return digest.hexdigest()

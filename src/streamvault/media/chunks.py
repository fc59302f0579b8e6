"""Which upload.getFile requests cover a byte range, under Telegram's alignment rules.

Source of the rules: core.telegram.org/api/files#downloading-files.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from streamvault.media.byterange import ByteRange

WINDOW = 1024 * 1024
"""Bytes of the aligned window that one request must not cross, and the largest limit."""

ALIGNMENT = 4096
"""What offset and limit are multiples of, without `precise`."""

PRECISE_ALIGNMENT = 1024
"""What offset and limit are multiples of, with `precise`."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One request and the part of its answer that is wanted: `answer[skip:skip + take]`, in bytes.

    `limit` may reach beyond the end of the file, where Telegram answers with fewer bytes.
    """

    offset: int
    limit: int
    skip: int
    take: int

    def expected(self, size: int) -> int:
        """Bytes that the answer holds if the file has `size` bytes."""
        return min(self.limit, size - self.offset)


def is_legal(offset: int, limit: int, *, precise: bool = False) -> bool:
    """Whether upload.getFile accepts the request."""
    if offset < 0 or not 0 < limit <= WINDOW:
        return False
    alignment = PRECISE_ALIGNMENT if precise else ALIGNMENT
    aligned = offset % alignment == 0 and limit % alignment == 0
    divides = precise or WINDOW % limit == 0
    return aligned and divides and offset // WINDOW == (offset + limit - 1) // WINDOW


def plan(byte_range: ByteRange, *, chunk_size: int = WINDOW) -> Iterator[Chunk]:
    """The chunks that hold `byte_range`, in order; their wanted parts tile it exactly.

    Chunks lie on multiples of `chunk_size`, so that every reader of a file asks for the same ones.
    Raises ValueError if `chunk_size` is not a legal limit.
    """
    if not is_legal(0, chunk_size):
        raise ValueError(f"not a legal limit for upload.getFile: {chunk_size}")
    return _tile(byte_range, chunk_size)


def _tile(byte_range: ByteRange, chunk_size: int) -> Iterator[Chunk]:
    first = byte_range.start // chunk_size * chunk_size
    for offset in range(first, byte_range.stop, chunk_size):
        begin = max(byte_range.start, offset)
        end = min(byte_range.stop, offset + chunk_size)
        if begin < end:
            yield Chunk(offset, chunk_size, skip=begin - offset, take=end - begin)

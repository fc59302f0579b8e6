"""What SHA-256 digests of a file's ranges prove of its chunks.

Source of the rules: core.telegram.org/api/files#verifying-downloaded-chunks and core.telegram.org/cdn#verifying-files.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from streamvault.media.chunks import WINDOW

HASHED = 128 * 1024
"""Bytes that Telegram makes one digest of, but at the end of a file."""


@dataclass(frozen=True, slots=True)
class Digest:
    """The SHA-256 of the bytes [start, stop) of a file."""

    start: int
    stop: int
    sha256: bytes


def widened(offset: int, limit: int) -> tuple[int, int]:
    """Offset and limit of the smallest legal request that holds the given one, and digests' ranges as a whole.

    The given one is legal (see media/chunks.py); so is the other, and it lies in the same window.
    """
    first = offset - offset % HASHED
    size = HASHED
    while first + size < offset + limit:
        size *= 2
    last = (offset // WINDOW + 1) * WINDOW - size
    return min(first, last), size


def reach(digests: Iterable[Digest], start: int, stop: int) -> int:
    """Up to where [start, stop) is covered by digests without a gap; `start` if none covers it."""
    for digest in sorted(digests, key=lambda digest: digest.start):
        if digest.start > start or start >= stop:
            break
        start = max(start, digest.stop)
    return min(start, stop)


def differs(data: bytes, offset: int, digests: Iterable[Digest]) -> bool:
    """Whether a digest refutes `data`, which begins at `offset`; those of which it holds only a part say nothing."""
    view = memoryview(data)
    return any(
        hashlib.sha256(view[digest.start - offset : digest.stop - offset]).digest() != digest.sha256
        for digest in digests
        if offset <= digest.start and digest.stop <= offset + len(data)
    )

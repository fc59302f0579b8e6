"""Checks chunks against the SHA-256 digests that Telegram gives of a file's ranges.

Source of the rules: core.telegram.org/api/files#verifying-downloaded-chunks and core.telegram.org/cdn#verifying-files.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from streamvault.media.chunks import WINDOW

HASHED = 128 * 1024
"""Bytes that one digest covers; fewer at the end of a file."""


@dataclass(frozen=True, slots=True)
class Digest:
    """The SHA-256 of the bytes [start, stop) of a file."""

    start: int
    stop: int
    sha256: bytes


def widened(offset: int, limit: int) -> tuple[int, int]:
    """Offset and limit of the smallest legal request that contains the given one and only whole digest ranges.

    The given request must be legal (see media/chunks.py); the result is legal too and lies in the same window.
    """
    first = offset - offset % HASHED
    size = HASHED
    while first + size < offset + limit:
        size *= 2
    last = (offset // WINDOW + 1) * WINDOW - size
    return min(first, last), size


def reach(digests: Iterable[Digest], start: int, stop: int) -> int:
    """The offset up to which digests cover [start, stop) without a gap; `start` if none covers it."""
    for digest in sorted(digests, key=lambda digest: digest.start):
        if digest.start > start or start >= stop:
            break
        start = max(start, digest.stop)
    return min(start, stop)


def differs(data: bytes, offset: int, digests: Iterable[Digest]) -> bool:
    """Whether `data`, which begins at `offset`, contradicts a digest; only ranges wholly in it are compared."""
    view = memoryview(data)
    return any(
        hashlib.sha256(view[digest.start - offset : digest.stop - offset]).digest() != digest.sha256
        for digest in digests
        if offset <= digest.start and digest.stop <= offset + len(data)
    )

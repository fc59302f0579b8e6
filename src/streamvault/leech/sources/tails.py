"""The last bytes of what was read, by which a file is known again."""

import hashlib
from collections import deque

from streamvault.leech.sources.base import TAIL


class Tail:
    """Keeps the last TAIL bytes."""

    def __init__(self) -> None:
        self._blocks: deque[bytes] = deque()
        self._size = 0

    def add(self, block: bytes) -> None:
        """Bytes that follow."""
        self._blocks.append(block[-TAIL:])
        self._size += len(self._blocks[-1])
        while self._size - len(self._blocks[0]) >= TAIL:
            self._size -= len(self._blocks.popleft())

    def mark(self, most: int = TAIL) -> tuple[int, str] | None:
        """How many bytes, `most` at most, and their SHA-256 (hexadecimal), as in Checkpoint.tail; None for none."""
        last = b"".join(self._blocks)[-most:]
        return (len(last), hashlib.sha256(last).hexdigest()) if last else None

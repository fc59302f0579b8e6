"""Boxes inside a box of an MP4 file, in memory."""

from collections.abc import Iterator

MOST_BOXES = 10_000


def inner(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(type, content) of the boxes inside a box."""
    at = 0
    for _ in range(MOST_BOXES):
        if at + 8 > len(content):
            return
        size, head = int.from_bytes(content[at : at + 4], "big"), 8
        if size == 1:
            size, head = int.from_bytes(content[at + 8 : at + 16], "big"), 16
        end = len(content) if size == 0 else at + size
        if end < at + head or end > len(content):
            return
        yield content[at + 4 : at + 8], content[at + head : end]
        at = end


def find(content: bytes, *path: bytes) -> bytes:
    """The content of the first box on this path of types, b"" without one."""
    for wanted in path:
        content = next((data for kind, data in inner(content) if kind == wanted), b"")
    return content

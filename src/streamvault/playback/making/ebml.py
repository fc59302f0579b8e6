"""Elements of EBML (RFC 8794), the syntax of Matroska and WebM."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from streamvault.playback.making.reading import BadFile, read_at
from streamvault.reading.sandbox.model import BoundedFile

HEAD = 12
"""Bytes of the longest head of an element: an ID of 4, a size of 8."""

MOST_ELEMENTS = 200_000
"""Elements of one master element at most."""


@dataclass(frozen=True, slots=True)
class Element:
    """`start` is where its head begins, `data` where its content does; `size` of the content, None when unknown."""

    id: int
    start: int
    data: int
    size: int | None

    @property
    def end(self) -> int | None:
        return None if self.size is None else self.data + self.size


def parse_head(data: bytes, at: int, *, base: int = 0) -> Element | None:
    """The head at `at` of `data`, which begins at `base` of the file; None if it is none, or cut off."""
    if at >= len(data) or not data[at]:
        return None
    length = 9 - data[at].bit_length()
    size_at = at + length
    if length > 4 or size_at >= len(data) or not data[size_at]:
        return None
    size_length = 9 - data[size_at].bit_length()
    if size_at + size_length > len(data):
        return None
    mask = (1 << 7 * size_length) - 1
    size = int.from_bytes(data[size_at : size_at + size_length], "big") & mask
    identity = int.from_bytes(data[at:size_at], "big")
    return Element(identity, base + at, base + size_at + size_length, None if size == mask else size)


def element_at(file: BoundedFile, position: int) -> Element | None:
    """The element whose head is at `position` of the file."""
    return parse_head(read_at(file, position, HEAD), 0, base=position)


def children(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(ID, content) of the elements inside a master element; an element that is cut off ends them."""
    at = 0
    for _ in range(MOST_ELEMENTS):
        if at >= len(content):
            return
        element = parse_head(content, at)
        if element is None or element.end is None or element.end > len(content):
            return
        yield element.id, content[element.data : element.end]
        at = element.end
    raise BadFile("an element of the Matroska file holds too many others")


def first(content: bytes, identity: int, default: bytes = b"") -> bytes:
    """The content of the first child with this ID."""
    return next((data for found, data in children(content) if found == identity), default)


def unsigned(data: bytes, default: int = 0) -> int:
    """The value of an unsigned integer element."""
    return int.from_bytes(data[:8], "big") if data else default


def floating(data: bytes) -> float | None:
    """The value of a float element, None for an invalid one."""
    if len(data) == 4:
        return float(struct.unpack(">f", data)[0])
    return float(struct.unpack(">d", data)[0]) if len(data) == 8 else None


def text(data: bytes) -> str:
    """The value of a string element."""
    return data.split(b"\0")[0].decode("utf-8", "replace")


def pack(identity: int, content: bytes) -> bytes:
    """An element."""
    name = identity.to_bytes((identity.bit_length() + 7) // 8, "big")
    return name + (len(content) | 1 << 56).to_bytes(8, "big") + content

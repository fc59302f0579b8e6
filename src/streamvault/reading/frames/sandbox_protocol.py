"""The protocol between the server and its sandboxed child over two pipes; pure, and bounded on both sides.

The child sends requests for runs of cells, and at the end a result: a picture, or that there is none. The server
answers each request with the bytes, and sends nothing else.
"""

import struct
from dataclasses import dataclass
from typing import Literal

from streamvault.media.cells import CELL, PER_WINDOW

MOST_READ = 8 << 20
"""Bytes of a file that may be read for its picture."""

MOST_CELLS = MOST_READ // CELL

LARGEST = 128 << 10
"""Bytes of a picture at most; one of 320 pixels has 10 to 40 KiB."""

LARGEST_TINY = 2 << 10
"""Bytes of the placeholder picture at most."""

_MESSAGE = struct.Struct("<cQI")
_ANSWER = struct.Struct("<I")
MESSAGE_HEADER, ANSWER_HEADER = _MESSAGE.size, _ANSWER.size
"""Bytes of the headers of the child's messages and of the server's answers."""


@dataclass(frozen=True, slots=True)
class CellRequest:
    """A request for cells `[first, first + count)`, at most a window of them."""

    first: int
    count: int


@dataclass(frozen=True, slots=True)
class ResultHeader:
    """The result: so many bytes of a placeholder (40 pixels) follow, then of the picture; 0, 0 if there is none."""

    tiny: int
    picture: int


def pack_message(message: CellRequest | ResultHeader) -> bytes:
    """The header of a message of the child."""
    if isinstance(message, CellRequest):
        return _MESSAGE.pack(b"R", message.first, message.count)
    return _MESSAGE.pack(b"P", message.tiny, message.picture)


def unpack_message(header: bytes) -> CellRequest | ResultHeader | None:
    """The message; None for an invalid one, since a file may have taken over the child."""
    kind: Literal[b"R", b"P"]
    kind, first, second = _MESSAGE.unpack(header)
    if kind == b"R" and 0 < second <= PER_WINDOW:
        return CellRequest(first, second)
    if kind == b"P" and first <= LARGEST_TINY and second <= LARGEST:
        return ResultHeader(first, second)
    return None


def pack_answer(data: bytes) -> bytes:
    """An answer: the bytes of the cells, preceded by their length."""
    return _ANSWER.pack(len(data)) + data


def answer_length(header: bytes) -> int:
    """The number of bytes that follow the header of an answer."""
    length: int = _ANSWER.unpack(header)[0]
    return length

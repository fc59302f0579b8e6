"""What parent and child say to each other over two pipes; pure, and bounded on both sides.

The child asks for runs of cells, and ends with a picture or with the word that there is none. The parent answers
each question with its bytes, and says nothing else.
"""

import struct
from dataclasses import dataclass
from typing import Literal

from streamvault.media.cells import CELL, PER_WINDOW

MOST_READ = 8 << 20
"""Bytes of a file that are read for its picture."""

MOST_CELLS = MOST_READ // CELL

LARGEST = 128 << 10
"""Bytes of a picture; one of 320 pixels has 10 to 40 KiB."""

LARGEST_TINY = 2 << 10
"""Bytes of the tiny picture beside it."""

_SAID = struct.Struct("<cQI")
_ANSWER = struct.Struct("<I")
SAID, ANSWER = _SAID.size, _ANSWER.size
"""Bytes of the heads of what child and parent say."""


@dataclass(frozen=True, slots=True)
class Asking:
    """The child wants cells `[first, first + count)`, at most a window of them."""

    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Answering:
    """The child is done: so many bytes of a tiny picture (40 pixels) follow, then of the picture; 0, 0 if none."""

    tiny: int
    picture: int


def pack(said: Asking | Answering) -> bytes:
    """The head of what the child says."""
    if isinstance(said, Asking):
        return _SAID.pack(b"R", said.first, said.count)
    return _SAID.pack(b"P", said.tiny, said.picture)


def unpack(head: bytes) -> Asking | Answering | None:
    """What the child says; None for nonsense, since it may have gone mad over a file."""
    kind: Literal[b"R", b"P"]
    kind, first, second = _SAID.unpack(head)
    if kind == b"R" and 0 < second <= PER_WINDOW:
        return Asking(first, second)
    if kind == b"P" and first <= LARGEST_TINY and second <= LARGEST:
        return Answering(first, second)
    return None


def pack_answer(data: bytes) -> bytes:
    """The bytes of the cells, with their length before them."""
    return _ANSWER.pack(len(data)) + data


def answer_length(head: bytes) -> int:
    """Bytes that follow."""
    length: int = _ANSWER.unpack(head)[0]
    return length

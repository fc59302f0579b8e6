"""The boxes of an MP4 file at its top level, as far as their headers are known; pure."""

from collections.abc import Iterator
from dataclasses import dataclass

HEADER = 16
"""Bytes that hold the header of any box."""
_FIRST = frozenset({b"ftyp", b"wide", b"free", b"skip", b"mdat", b"pnot"})


class BadAtoms(Exception):
    """The boxes are not as the standard wants them, or in no way that is known here; the text says which."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A box: its type, where it begins, and the bytes of its header and of all of it."""

    kind: bytes
    start: int
    header: int
    size: int

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.start + self.size


def atom_at(data: bytes | memoryview, at: int, start: int, end: int) -> Atom | None:
    """The box whose header is at `data[at:]`, and which begins at `start` of what ends at `end`; None where more bytes
    are needed. Raises BadAtoms for one that does not fit.
    """
    if len(data) - at < 8:
        return None
    size, kind, header = int.from_bytes(data[at : at + 4], "big"), bytes(data[at + 4 : at + 8]), 8
    if size == 1:
        if len(data) - at < HEADER:
            return None
        size, header = int.from_bytes(data[at + 8 : at + 16], "big"), HEADER
    elif size == 0:
        size = end - start
    if size < header or start + size > end:
        raise BadAtoms(f"the box {kind!r} at {start:,} does not fit into the file")
    return Atom(kind, start, header, size)


def leading(head: bytes, size: int) -> Iterator[Atom]:
    """The boxes of a file of `size` bytes that begins with `head`, as far as it has their headers. Raises BadAtoms."""
    at = 0
    while at < size:
        atom = atom_at(head, at, at, size) if at < len(head) else None
        if atom is None:
            return
        yield atom
        at = atom.end


def may_be_late(head: bytes) -> bool:
    """Whether a file that begins so (8 bytes are enough) may be an MP4 whose index comes late."""
    return head[4:8] in _FIRST


def late_after(head: bytes, size: int) -> tuple[int, int] | None:
    """Of a file whose media come before its index: where the index belongs, and where the boxes behind the media
    begin. None for other files, and where `head` is too short to tell. Raises BadAtoms.
    """
    front = 0
    for number, atom in enumerate(leading(head, size)):
        if atom.kind in (b"moov", b"moof", b"sidx", b"meta"):
            return None
        if not number and atom.kind == b"ftyp":
            front = atom.end
        if atom.kind == b"mdat":
            return (front, atom.end) if atom.end < size else None
    return None


def is_told(head: bytes, size: int) -> bool:
    """Whether `head` is long enough for late_after. Raises BadAtoms."""
    atoms = list(leading(head, size))
    decided = any(atom.kind in (b"moov", b"moof", b"sidx", b"meta", b"mdat") for atom in atoms)
    return decided or (bool(atoms) and atoms[-1].end >= size)

"""The index of an MP4 file for another place in the file: its chunk offsets, changed; pure.

Offsets of 32 bits that would become too large get 64 bits, by which the index grows and moves all others again. An
index that refers to places in the file in any other way is refused: it could not be put right.
"""

import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from streamvault.leech.mp4.atoms import Atom, BadAtoms, atom_at

_PARENTS = {
    b"trak": b"moov", b"mdia": b"trak", b"minf": b"mdia", b"dinf": b"minf", b"stbl": b"minf", b"dref": b"dinf",
    b"stco": b"stbl", b"co64": b"stbl",
}  # fmt: skip
_CONTAINERS = frozenset({b"moov", *_PARENTS.values()})
_REFUSED = {
    b"cmov": "it is compressed",
    b"mvex": "the film is in fragments",
    b"saio": "it says where data of an encryption are",
    b"rmra": "it refers to other files",
}
_MOST_ATOMS = 20_000
_MOST_32 = 0xFFFF_FFFF
_OFFSET_SIZE = {b"stco": 4, b"co64": 8}


@dataclass(frozen=True, slots=True)
class Move:
    """The index of `size` bytes at `start` goes to `front`, where it has `length`."""

    front: int
    start: int
    size: int
    length: int

    def __call__(self, offset: int) -> int:
        """Where the byte at `offset` is afterwards; one of the index has no place."""
        if offset < self.front:
            return offset
        return offset + self.length - (0 if offset < self.start else self.size)

    def holds(self, offset: int) -> bool:
        """Whether it is a byte of the index."""
        return self.start <= offset < self.start + self.size


@dataclass(frozen=True, slots=True)
class _Table:
    """Chunk offsets of a track; `at`: where they are in the index."""

    atom: Atom
    at: int
    offsets: "array[int]"

    @property
    def end(self) -> int:
        return self.at + len(self.offsets) * _OFFSET_SIZE[self.atom.kind]


def moved(moov: bytes, *, front: int, start: int) -> bytes:
    """The index, a whole box that was at `start` of its file, for the place `front` before all media.

    Raises BadAtoms.
    """
    view = memoryview(moov)
    tables = {atom.start: _table(view, atom) for atom in _walk(view) if atom.kind in _OFFSET_SIZE}
    move, widened = Move(front, start, len(moov), len(moov)), set[int]()
    if any(move.holds(offset) for table in tables.values() for offset in table.offsets):
        raise BadAtoms("the index refers to itself as media")
    while more := {at for at, table in tables.items() if at not in widened and _is_too_large(table, move)}:
        widened |= more
        growth = sum(4 * len(tables[at].offsets) for at in widened)
        move = Move(front, start, len(moov), len(moov) + growth)
    return b"".join(_rebuilt(view, (0, len(moov)), tables, move, widened, parent=b""))


def _walk(view: memoryview) -> Iterator[Atom]:
    """The boxes on the way to chunk offsets, and those beside it. Raises BadAtoms."""
    pending, count = [(0, len(view), b"")], 0
    while pending:
        at, end, parent = pending.pop()
        for atom in _children(view, at, end):
            count += 1
            if atom.kind in _REFUSED or count > _MOST_ATOMS:
                raise BadAtoms(f"it cannot be moved: {_REFUSED.get(atom.kind, 'it has too many boxes')}")
            if atom.kind == b"meta" and bytes(view[atom.start : atom.end]).find(b"iloc") >= 0:
                raise BadAtoms("it cannot be moved: it says where items are")
            if _PARENTS.get(atom.kind, b"") != parent:
                continue
            if atom.kind == b"dref":
                _check_references(view, atom)
            yield atom
            if atom.kind in _CONTAINERS:
                pending.append((atom.start + atom.header, atom.end, atom.kind))


def _children(view: memoryview, at: int, end: int) -> Iterator[Atom]:
    while at < end:
        if view[at : at + 4] == bytes(4):
            raise BadAtoms("a box in it has no size")
        atom = atom_at(view[:end], at, at, end)
        if atom is None:
            raise BadAtoms("a box in it is cut off")
        yield atom
        at = atom.end


def _check_references(view: memoryview, atom: Atom) -> None:
    """Media have to be in this file (flag 1 of each entry)."""
    for entry in _children(view, atom.start + atom.header + 8, atom.end):
        if entry.size < entry.header + 4 or not view[entry.start + entry.header + 3] & 1:
            raise BadAtoms("it cannot be moved: media of it are in another file")


def _table(view: memoryview, atom: Atom) -> _Table:
    at = atom.start + atom.header + 8
    count = int.from_bytes(view[at - 4 : at], "big")
    end = at + count * _OFFSET_SIZE[atom.kind]
    if at > atom.end or end > atom.end:
        raise BadAtoms("a table of chunk offsets in it is longer than its box")
    offsets = array("Q" if atom.kind == b"co64" else "I", bytes(view[at:end]))
    if sys.byteorder == "little":
        offsets.byteswap()
    return _Table(atom, at, offsets)


def _is_too_large(table: _Table, move: Move) -> bool:
    """Whether its offsets need more than the 32 bits that they have; what was behind stays behind, so one tells."""
    return table.atom.kind == b"stco" and bool(table.offsets) and move(max(table.offsets)) > _MOST_32


def _rebuilt(
    view: memoryview, span: tuple[int, int], tables: dict[int, _Table], move: Move, widened: set[int], *, parent: bytes
) -> Iterator[bytes]:
    for atom in _children(view, *span):
        inside = (atom.start + atom.header, atom.end)
        on_the_way = _PARENTS.get(atom.kind, b"") == parent
        if on_the_way and atom.start in tables:
            table = tables[atom.start]
            kind = b"co64" if atom.start in widened else atom.kind
            before, rest = bytes(view[inside[0] : table.at]), bytes(view[table.end : atom.end])
            yield _boxed(atom, kind, before + _written(table.offsets, kind, move) + rest)
        elif on_the_way and atom.kind in _CONTAINERS:
            yield _boxed(atom, atom.kind, b"".join(_rebuilt(view, inside, tables, move, widened, parent=atom.kind)))
        else:
            yield bytes(view[atom.start : atom.end])


def _written(offsets: "array[int]", kind: bytes, move: Move) -> bytes:
    numbers = array("Q" if kind == b"co64" else "I", map(move, offsets))
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers.tobytes()


def _boxed(atom: Atom, kind: bytes, content: bytes) -> bytes:
    """A box with a header of the length that it had."""
    size = atom.header + len(content)
    if atom.header == 8:
        return size.to_bytes(4, "big") + kind + content
    return (1).to_bytes(4, "big") + kind + size.to_bytes(8, "big") + content

"""Reads what stands behind the media of an MP4 file, from a source that answers ranges."""

from collections.abc import AsyncIterator

from streamvault.leech.mp4.atoms import HEADER, Atom, BadAtoms, atom_at
from streamvault.leech.sources.base import Checkpoint, Source, SourceChanged

MOST_INDEX = 16 << 20
"""Bytes of an index that is moved: that of a film of six hours with two sound tracks has ten MiB."""
_NEAR = 1 << 20
"""Bytes of a box that is read over; behind a larger one the source is asked again."""
_MOST_ASKED = 8
_REFUSED = frozenset({b"moof", b"mfra", b"sidx", b"ssix", b"meta"})


class Ahead:
    """The bytes of blocks, in portions."""

    def __init__(self, blocks: AsyncIterator[bytes]) -> None:
        self._blocks = blocks
        self._held = bytearray()

    async def peek(self, count: int) -> bytes:
        """The next bytes, which stay; fewer at the end of the file."""
        while len(self._held) < count and (block := await anext(self._blocks, b"")):
            self._held += block
        with memoryview(self._held) as held:
            return bytes(held[:count])

    async def take(self, count: int) -> bytes:
        """The next bytes; fewer at the end of the file."""
        taken = await self.peek(count)
        del self._held[:count]
        return taken

    async def rest(self) -> AsyncIterator[bytes]:
        """All further bytes, in blocks."""
        held, self._held = bytes(self._held), bytearray()
        if held:
            yield held
        async for block in self._blocks:
            yield block


async def read_range(source: Source, begun: Checkpoint, count: int) -> bytes:
    """`count` bytes from a checkpoint on. Raises what Source.open does, and SourceChanged where there are fewer."""
    async with source.open(begun) as opened:
        if opened.offset != begun.offset:
            raise SourceChanged
        data = await Ahead(opened.blocks).take(count)
    if len(data) < count:
        raise SourceChanged
    return data


async def index_behind(source: Source, begun: Checkpoint) -> tuple[int, bytes]:
    """The index in the boxes from a checkpoint on, where the first of them begins, and its place in the file.

    Raises BadAtoms where it cannot be moved, and what Source.open does.
    """
    assert begun.described.size is not None
    found: tuple[int, bytes] | None = None
    at, size = begun.offset, begun.described.size
    for _ in range(_MOST_ASKED):
        async with source.open(Checkpoint(begun.described, at, None, begun.state)) as opened:
            if opened.offset != at:
                raise SourceChanged
            ahead = Ahead(opened.blocks)
            while at < size:
                atom = _accepted(await ahead.peek(HEADER), at, size)
                at = atom.end
                if atom.kind == b"moov":
                    if found is not None:
                        raise BadAtoms("there are two of them")
                    found = (atom.start, await _whole(ahead, atom))
                elif atom.size > _NEAR:
                    break
                else:
                    await _whole(ahead, atom)
        if at >= size:
            break
    if found is None or at < size:
        raise BadAtoms("it was not found behind the media")
    return found


def _accepted(head: bytes, at: int, size: int) -> Atom:
    atom = atom_at(head, 0, at, size)
    if atom is None:
        raise BadAtoms(f"the box at {at:,} is cut off")
    if atom.kind in _REFUSED:
        raise BadAtoms(f"there is a box {atom.kind.decode()}, which says where other bytes are")
    if atom.kind == b"moov" and atom.size > MOST_INDEX:
        raise BadAtoms(f"it has {atom.size:,} bytes, and {MOST_INDEX:,} are moved at most")
    return atom


async def _whole(ahead: Ahead, atom: Atom) -> bytes:
    data = await ahead.take(atom.size)
    if len(data) < atom.size:
        raise BadAtoms(f"the box at {atom.start:,} is cut off")
    return data

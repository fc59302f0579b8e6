"""Reads whole cells at once, in a given lane, for callers that are not viewers (prewarm, manifests, frames)."""

from collections.abc import Hashable

from streamvault.media.layout import FileLayout
from streamvault.media.model import MediaFile
from streamvault.media.parts import piece
from streamvault.reading.cells import Cells, Flight
from streamvault.reading.lanes import Lane


async def read_whole_cells(cells: Cells, file: MediaFile, wanted: range, *, lane: Lane, client: Hashable) -> bytes:
    """The bytes of these cells of `file` (numbered as in FileLayout), joined; from the caches, else from Telegram.

    Raises as ChunkSource.fetch. Cancelling abandons only the wait.
    """
    found: list[tuple[int, bytes | Flight]] = []
    try:
        for number, run in FileLayout(file).runs(wanted):
            found += zip(run.cells, cells.take(piece(file, number), run, lane=lane, client=client), strict=True)
        return b"".join([await _cell_bytes(one, cell) for cell, one in found])
    finally:
        for cell, one in found:
            if isinstance(one, Flight):
                cells.leave(one, cell)


async def _cell_bytes(one: bytes | Flight, cell: int) -> bytes:
    if isinstance(one, bytes):
        return one
    await one.done.wait()
    return one.result(cell)

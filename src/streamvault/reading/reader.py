"""Reads one byte range of one file in order, a window of cells ahead of its viewer, and counts what it hands out.

A file that was cut is one row of cells like any other (media/track.py): the window reaches across its seams.
"""

import asyncio
from dataclasses import dataclass
from typing import Self

from streamvault.errors import StreamVaultError
from streamvault.media.byterange import ByteRange
from streamvault.media.cells import CELL, runs
from streamvault.media.layout import CellPosition, FileLayout
from streamvault.media.model import MediaFile
from streamvault.media.parts import piece
from streamvault.media.readahead import Window
from streamvault.reading.cells import Cells, Flight
from streamvault.reading.lanes import Lane
from streamvault.reading.retry import Clock, LoopClock, with_retries

PIECE = 64 * 1024
"""Bytes handed out at a time, so that a slow consumer holds back the window."""

FAST = 32 << 20
"""Bytes a second from which on a viewer gets whole cells."""

PAUSE = 3.0
"""Seconds without asking for more, after which a viewer has paused."""


TIERS = ("memory", "disk", "telegram")
"""Where bytes come from, the nearest first."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds that the source may take: to the first cell, and without progress afterwards."""

    start: float = 15.0
    stall: float = 60.0


class FileReader:
    """The bytes of `byte_range`, in order, from whoever has them.

    Time that the consumer takes counts towards no bound, and costs nothing: while it pauses, nothing is asked for, and
    what lay ready is let go. Cancelling `open` or the iteration abandons only the wait. The file stays the one that it
    began with.
    """

    def __init__(
        self,
        cells: Cells,
        file: MediaFile,
        *,
        byte_range: ByteRange,
        bounds: Bounds,
        clock: Clock | None = None,
    ) -> None:
        """Raises ValueError if `byte_range` (bytes of `file`) reaches beyond its end."""
        if byte_range.stop > file.size:
            raise ValueError(f"{byte_range} reaches beyond the {file.size} bytes of the file")
        self._cells = cells
        self._file = file
        self._bounds = bounds
        self._clock = clock or LoopClock()
        self._at, self._stop = byte_range.start, byte_range.stop
        self._track = FileLayout(file)
        cells_of_range = self._track.cells(byte_range)
        self._frontier, self._end = cells_of_range.start, cells_of_range.stop
        self._ahead: dict[int, bytes | Flight] = {}
        self._held: bytes | None = None
        self._held_from = 0
        self._moved = asyncio.Event()
        self._window = Window(began=self._clock.time())
        self._look_at, self._fast = 0, False
        self._served_at: float | None = None
        self.tier = "memory"
        """Where the bytes handed out last came from, one of TIERS."""
        self.delivered = 0
        """Bytes of the range handed out so far."""

    async def open(self, *, within: float | None = None) -> None:
        """Have the first cell, within `within` seconds (`bounds.start` if None).

        Raises FileGone, SourceBusy, SourceUnavailable, ShortRead or SourceError.
        """
        if self._held is None and self._at < self._stop:
            self._held = await self._next(self._bounds.start if within is None else within)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes | memoryview:
        """The next bytes of the range.

        Raises as `open` does, when a cell has not come within `bounds.stall` for all retries; asking again then asks
        for the same cell, so that no byte is ever skipped.
        """
        if self._at >= self._stop:
            raise StopAsyncIteration
        if self._held is None:
            self._held = await self._next(self._bounds.stall)
        return self._piece(self._held)

    def release_if_paused(self) -> None:
        """Let go of everything that lies ready if the viewer has asked for nothing lately; it is asked for again."""
        if self._served_at is not None and self._clock.time() - self._served_at > PAUSE:
            self._held = None
            self._give_back()

    def close(self) -> None:
        """Let go of everything; nothing more is fetched for this reader."""
        self._cells.unwatch(self)
        self._held = None
        self._give_back()
        self._at = self._stop

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _piece(self, held: bytes) -> bytes | memoryview:
        now = self._clock.time()
        skip = self._at - self._held_from
        size = CELL if self._fast else PIECE
        take = min(size, len(held) - skip, self._stop - self._at)
        part = held if take == len(held) else memoryview(held)[skip : skip + take]
        self._at += take
        self._served_at = now
        self.delivered += take
        self._window.took(take, now)
        if skip + take == len(held) or self._at == self._stop:
            self._held = None
        return part

    async def _next(self, bound: float) -> bytes:
        """The cell that holds `_at`, which nobody else keeps for this reader then."""
        self._served_at = None
        cell = self._cell
        if cell >= self._look_at or cell not in self._ahead:
            self._cells.watch(self)
            self._fill()
        found = self._ahead[cell]
        self.tier = "memory"
        if isinstance(found, Flight):
            landed = found.landed.is_set() and found.error is None
            if not landed:
                self._window.waited(self._clock.time())
            found = self._unload(found) if landed else await with_retries(self._attempt, bound, clock=self._clock)
        taken = self._ahead.pop(cell, None)
        if isinstance(taken, Flight):
            self._cells.leave(taken, self._track.place(cell).cell)
        self._held_from = self._track.start(cell)
        return found

    async def _attempt(self) -> bytes:
        """Wait for the flight with the next cell. If it fails, the window begins anew: each try asks for little."""
        cell = self._cell
        if cell not in self._ahead:
            self._fill()
        found = self._ahead[cell]
        if not isinstance(found, Flight):
            return found
        self._cells.promote(found)
        while not found.landed.is_set():
            self._moved.clear()
            await self._moved.wait()
            self._fill()  # what has landed behind it has made room
        try:
            return self._unload(found)
        except StreamVaultError:
            self._give_back()
            self._window.failed()
            raise

    def _unload(self, flight: Flight) -> bytes:
        """The next cell out of a flight that has landed. Raises what it failed with."""
        data = flight.result(self._track.place(self._cell).cell)
        self.tier = flight.tier
        if flight.seconds is not None:
            self._window.answered(flight.seconds)
        return data

    def _fill(self) -> None:
        """Ask for what the window has room for, in requests that grow with it and end on multiples of their size."""
        now, position = self._clock.time(), self._cell
        depth, most = self._window.depth(now, limit=self._cells.ahead), self._window.under_way(now)
        size = self._window.request(depth, under_way=most)
        limit = self._cells.under_way
        room = (limit if most is None else min(limit, most)) - self._under_way()
        self._look_at = position + max(1, size // 2)
        self._fast = self._window.rate(now) > FAST
        while self._frontier < self._end:
            place = self._track.place(self._frontier)
            count = min(size - place.cell % size, place.left, self._end - self._frontier)
            beyond = (self._frontier + count - position) * CELL > depth or count * CELL > room
            if self._frontier > position and beyond:
                return
            room -= count * CELL
            self._take(place, count)

    def _under_way(self) -> int:
        """Bytes that were asked for and have not come."""
        return CELL * sum(isinstance(one, Flight) and not one.landed.is_set() for one in self._ahead.values())

    def _take(self, place: CellPosition, count: int) -> None:
        lane = Lane.PLAYBACK if self._frontier == self._cell else Lane.READAHEAD
        file = piece(self._file, place.piece)
        for run in runs(range(place.cell, place.cell + count)):
            taken = self._cells.take(file, run, lane=lane, client=id(self))
            for cell, one in enumerate(taken, start=self._frontier):
                self._ahead[cell] = one
                if isinstance(one, Flight):
                    one.told.add(self._moved)
            self._frontier += run.count

    def _give_back(self) -> None:
        for cell, found in self._ahead.items():
            if isinstance(found, Flight):
                self._cells.leave(found, self._track.place(cell).cell)
        self._ahead.clear()
        self._frontier = self._look_at = self._cell

    @property
    def _cell(self) -> int:
        """The cell that holds `_at`."""
        return self._track.cell_at(self._at)

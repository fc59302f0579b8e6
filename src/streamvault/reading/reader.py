"""Reads one byte range of one file in order, with a window of cells ahead of its viewer.

This is where a byte range becomes cells (media/layout.py), which `Cells` then finds or fetches. A file that was cut
into pieces is one sequence of cells, so the window crosses the borders of pieces.

The first chunk before the status line: `open` waits for the first cell, so a failure before it can still become an HTTP
status. After it a failure raises from the iteration, and the caller aborts the connection: a body never ends early
without an error.
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
"""Bytes returned at a time, so that the window follows a slow consumer."""

FAST = 32 << 20
"""Bytes a second above which the reader returns whole cells."""

PAUSE = 3.0
"""Seconds without a request for more after which the viewer counts as paused."""

TIERS = ("memory", "disk", "telegram")
"""Where bytes come from, the fastest first."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds that the source may take: for the first cell (`start`), and for each later one (`stall`)."""

    start: float = 15.0
    stall: float = 60.0


class FileReader:
    """The bytes of `byte_range`, in order, from the nearest tier that has them.

    Time that the consumer takes counts towards no bound. While it pauses, nothing is requested, and the cells held
    ahead are released. Cancelling `open` or the iteration abandons only the wait. `file` stays the same until the end,
    even if its message is edited.
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
        self._layout = FileLayout(file)
        cells_of_range = self._layout.cells(byte_range)
        self._frontier, self._end = cells_of_range.start, cells_of_range.stop
        self._ahead: dict[int, bytes | Flight] = {}
        self._held: bytes | None = None
        self._held_from = 0
        self._progress = asyncio.Event()
        self._window = Window(began=self._clock.time())
        self._look_at, self._fast = 0, False
        self._served_at: float | None = None
        self.tier = "memory"
        """Where the bytes returned last came from, one of TIERS."""
        self.delivered = 0
        """Bytes of the range returned so far."""

    async def open(self, *, within: float | None = None) -> None:
        """Wait for the first cell, for `within` seconds at most (`bounds.start` if None).

        Raises FileGone, SourceBusy, SourceUnavailable, ShortRead or SourceError.
        """
        if self._held is None and self._at < self._stop:
            self._held = await self._next(self._bounds.start if within is None else within)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes | memoryview:
        """The next bytes of the range.

        Raises as `open` does if a cell has not arrived within `bounds.stall` seconds, retries included. The next call
        asks for the same cell again, so no byte is skipped.
        """
        if self._at >= self._stop:
            raise StopAsyncIteration
        if self._held is None:
            self._held = await self._next(self._bounds.stall)
        return self._piece(self._held)

    def release_if_paused(self) -> None:
        """Release the cells held ahead if the viewer has taken nothing for PAUSE seconds; it can go on later."""
        if self._served_at is not None and self._clock.time() - self._served_at > PAUSE:
            self._held = None
            self._release()

    def close(self) -> None:
        """Release everything; nothing more is fetched for this reader."""
        self._cells.unwatch(self)
        self._held = None
        self._release()
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
        """The cell that holds `_at`; it is taken out of the window."""
        self._served_at = None
        cell = self._cell
        if cell >= self._look_at or cell not in self._ahead:
            self._cells.watch(self)
            self._fill()
        found = self._ahead[cell]
        self.tier = "memory"
        if isinstance(found, Flight):
            ready = found.done.is_set() and found.error is None
            if not ready:
                self._window.waited(self._clock.time())
            found = self._cell_from(found) if ready else await with_retries(self._attempt, bound, clock=self._clock)
        taken = self._ahead.pop(cell, None)
        if isinstance(taken, Flight):
            self._cells.leave(taken, self._layout.position(cell).cell)
        self._held_from = self._layout.start(cell)
        return found

    async def _attempt(self) -> bytes:
        """Wait for the flight with the next cell. If it fails, the window starts again, so a retry asks for little."""
        cell = self._cell
        if cell not in self._ahead:
            self._fill()
        found = self._ahead[cell]
        if not isinstance(found, Flight):
            return found
        self._cells.promote(found)
        while not found.done.is_set():
            self._progress.clear()
            await self._progress.wait()
            self._fill(late=True)  # flights that have finished behind it have made room
        try:
            return self._cell_from(found)
        except StreamVaultError:
            self._release()
            self._window.failed()
            raise

    def _cell_from(self, flight: Flight) -> bytes:
        """The next cell, out of a flight that is done. Raises the error with which it failed."""
        data = flight.result(self._layout.position(self._cell).cell)
        self.tier = flight.tier
        if flight.seconds is not None:
            self._window.answered(flight.seconds)
        return data

    def _fill(self, *, late: bool = False) -> None:
        """Take cells until the window is full, in requests that grow with it and end on multiples of their size.

        `late`: the next cell is waited for, so that what has arrived behind it does not count. A viewer that has cells
        to take, or a proxy that fills its buffers and then takes no more, needs no more than may be on its way.
        """
        now, current = self._clock.time(), self._cell
        limit = self._cells.ahead if late else min(self._cells.ahead, self._cells.under_way)
        depth, most = self._window.depth(now, limit=limit), self._window.under_way(now)
        size = self._window.request(depth, under_way=most)
        limit = self._cells.under_way
        room = (limit if most is None else min(limit, most)) - self._under_way()
        self._look_at = current + max(1, size // 2)
        self._fast = self._window.rate(now) > FAST
        while self._frontier < self._end:
            position = self._layout.position(self._frontier)
            count = min(size - position.cell % size, position.left, self._end - self._frontier)
            beyond = (self._frontier + count - current) * CELL > depth or count * CELL > room
            if self._frontier > current and beyond:
                return
            room -= count * CELL
            self._take(position, count)

    def _under_way(self) -> int:
        """Bytes that were requested and have not arrived."""
        return CELL * sum(isinstance(one, Flight) and not one.done.is_set() for one in self._ahead.values())

    def _take(self, position: CellPosition, count: int) -> None:
        lane = Lane.PLAYBACK if self._frontier == self._cell else Lane.READAHEAD
        file = piece(self._file, position.piece)
        for run in runs(range(position.cell, position.cell + count)):
            taken = self._cells.take(file, run, lane=lane, client=id(self))
            for cell, one in enumerate(taken, start=self._frontier):
                self._ahead[cell] = one
                if isinstance(one, Flight):
                    one.listeners.add(self._progress)
            self._frontier += run.count

    def _release(self) -> None:
        for cell, found in self._ahead.items():
            if isinstance(found, Flight):
                self._cells.leave(found, self._layout.position(cell).cell)
        self._ahead.clear()
        self._frontier = self._look_at = self._cell

    @property
    def _cell(self) -> int:
        """The cell that holds `_at`."""
        return self._layout.cell_at(self._at)

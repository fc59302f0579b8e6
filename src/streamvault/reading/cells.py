"""Cells of files, each fetched once for all who want it: in memory, else on its way, else on disk, else in Telegram.

What is on its way is a flight: one task for one run of cells, which belongs to nobody and is shared by everybody. While
it still waits for its turn it ends with the last who wants it; once it has been asked for it is paid for, so it may
land within GRACE, and its cells go into the caches.
"""

import asyncio
import weakref
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Protocol

from streamvault.errors import ShortRead, SourceUnavailable
from streamvault.media.cells import CELL, Run, runs
from streamvault.media.model import FileKey, MediaFile
from streamvault.reading.cache.allocation import give_back_memory
from streamvault.reading.lanes import Lane, Lanes, Ticket
from streamvault.reading.source import ChunkSource
from streamvault.reading.stores import DiskStore, MemoryStore

EDGE = 2 << 20
"""Bytes at the head and at the tail of a file that players probe, kept longer than what lies between."""

GRACE = 5.0
"""Seconds for which an answer that nobody wants any more is still waited for."""

SWEEP = 1.0
"""Seconds between two looks for readers whose viewers have paused."""

READY = 2
"""Times what may be on its way that a reader may be ahead: the rest lies ready, behind an answer that is late."""

SHARED_AHEAD = 128 << 20
"""Bytes that all readers together may hold ahead, beside the caches; each gets at least its window's least."""


class Pausable(Protocol):
    """A reader, as the sweep sees it."""

    def release_if_paused(self) -> None:
        """Let go of what lies ready, if the viewer has paused."""
        ...


@dataclass(slots=True)
class Counts:
    """What happened so far; cells by where they were found, flights by what became of them."""

    memory: int = 0
    disk: int = 0
    telegram: int = 0
    coalesced: int = 0
    promoted: int = 0
    cancelled: int = 0

    @property
    def taken(self) -> int:
        """Cells that were found anywhere."""
        return self.memory + self.disk + self.telegram


class Flight:
    """One run of cells on its way. `wanted` counts who waits for one of them."""

    __slots__ = (
        "cells",
        "client",
        "error",
        "file",
        "landed",
        "lane",
        "run",
        "seconds",
        "task",
        "ticket",
        "tier",
        "told",
        "wanted",
    )  # fmt: skip

    def __init__(self, file: MediaFile, run: Run, *, lane: Lane, client: Hashable) -> None:
        self.file = file
        self.run = run
        self.lane = lane
        self.client = client
        self.wanted: Counter[int] = Counter()
        self.ticket: Ticket | None = None
        self.task: asyncio.Task[None] | None = None
        self.landed = asyncio.Event()
        self.told: set[asyncio.Event] = set()
        """Whom it tells that it has landed, beside who waits for it."""
        self.cells: dict[int, bytes] = {}
        self.error: BaseException | None = None
        self.seconds: float | None = None
        """How long Telegram took for it, once it has."""
        self.tier = "telegram"

    def result(self, cell: int) -> bytes:
        """The cell, once it has landed. Raises what the flight failed with."""
        if self.error is not None:
            raise self.error.with_traceback(None)
        return self.cells[cell]


class Cells:
    """What all readers of one server share; an async context manager."""

    def __init__(
        self,
        source: ChunkSource,
        *,
        memory: MemoryStore,
        disk: DiskStore | None = None,
        capacity: Callable[[], int] = lambda: 24,
        under_way: int = 16 << 20,
        grace: float = GRACE,
    ) -> None:
        """`capacity()`: requests to one data centre at once. `under_way`: bytes on their way for one reader at most."""
        self.counts = Counts()
        self._source = source
        self._memory = memory
        self._disk = disk
        self._capacity = capacity
        self.under_way = under_way
        self._grace = grace
        self._lanes: dict[int, Lanes] = {}
        self._flights: dict[tuple[FileKey, int], Flight] = {}
        self._readers: weakref.WeakSet[Pausable] = weakref.WeakSet()
        self._sweeper: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Cells":
        self._sweeper = asyncio.create_task(self._sweep(), name="pauses")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End all flights; their waiters are told SourceUnavailable."""
        tasks = [*self._tasks, *([self._sweeper] if self._sweeper else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def ahead(self) -> int:
        """Bytes that a reader may be ahead now, given how many there are."""
        return min(READY * self.under_way, SHARED_AHEAD // max(1, len(self._readers)))

    @property
    def in_flight(self) -> int:
        """Requests that wait for Telegram's answer."""
        return sum(lanes.in_flight for lanes in self._lanes.values())

    @property
    def waiting(self) -> int:
        """Requests that wait for their turn."""
        return sum(lanes.waiting for lanes in self._lanes.values())

    def lanes(self, dc_id: int) -> Lanes:
        """The limiter of a data centre."""
        lanes = self._lanes.get(dc_id)
        if lanes is None:
            lanes = self._lanes[dc_id] = Lanes(self._capacity)
        return lanes

    def watch(self, reader: Pausable) -> None:
        """Count a reader as active until `unwatch`, and relax it when its viewer pauses."""
        self._readers.add(reader)

    def unwatch(self, reader: Pausable) -> None:
        """Twice is harmless."""
        self._readers.discard(reader)

    def take(self, file: MediaFile, run: Run, *, lane: Lane, client: Hashable) -> list[bytes | Flight]:
        """Each cell of `run`: what memory holds, or the flight that brings it, which the caller has to `leave`."""
        taken: list[bytes | Flight | None] = [self._find(file.key, cell) for cell in run.cells]
        missing = [cell for cell, found in zip(run.cells, taken, strict=True) if found is None]
        for part in runs(missing):
            flight = self._launch(file, part, lane=lane, client=client)
            for cell in part.cells:
                taken[cell - run.first] = flight
        for cell, one in zip(run.cells, taken, strict=True):
            if isinstance(one, Flight):
                one.wanted[cell] += 1
        return [one for one in taken if one is not None]

    def leave(self, flight: Flight, cell: int) -> None:
        """Once per cell that was taken: the caller has it, or wants it no more."""
        flight.wanted[cell] -= 1
        if flight.wanted[cell]:
            return
        del flight.wanted[cell]
        if flight.landed.is_set():
            flight.cells.pop(cell, None)  # the other cells may be wanted for long
        if not flight.wanted and not flight.landed.is_set():
            asked = flight.ticket is not None and flight.ticket.held
            if asked:
                asyncio.get_running_loop().call_later(self._grace, self._end, flight)
            else:
                self._end(flight)

    def promote(self, flight: Flight) -> None:
        """A viewer waits for it now: it is no read-ahead any more."""
        if flight.lane <= Lane.PLAYBACK:
            return
        flight.lane = Lane.PLAYBACK
        if flight.ticket is not None and self.lanes(flight.file.dc_id).promote(flight.ticket, Lane.PLAYBACK):
            self.counts.promoted += 1

    def _end(self, flight: Flight) -> None:
        """Cancel a flight that nobody wants."""
        if flight.wanted or flight.landed.is_set() or flight.task is None:
            return
        self.counts.cancelled += 1
        self._forget(flight)
        flight.task.cancel()

    def _find(self, key: FileKey, cell: int) -> bytes | Flight | None:
        flight = self._flights.get((key, cell))
        if flight is not None:
            self.counts.coalesced += 1
            return flight
        held = self._memory.get(key, cell)
        if held is not None:
            self.counts.memory += 1
        return held

    def _launch(self, file: MediaFile, run: Run, *, lane: Lane, client: Hashable) -> Flight:
        flight = Flight(file, run, lane=lane, client=client)
        for cell in run.cells:
            self._flights[file.key, cell] = flight
        flight.task = asyncio.create_task(self._fly(flight))
        self._tasks.add(flight.task)
        flight.task.add_done_callback(lambda task: self._land(flight, task))
        return flight

    def _land(self, flight: Flight, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        flight.error = SourceUnavailable("the reading was ended") if task.cancelled() else task.exception()
        self._forget(flight)
        flight.cells = {cell: data for cell, data in flight.cells.items() if cell in flight.wanted}
        flight.landed.set()
        for moved in flight.told:
            moved.set()

    def _forget(self, flight: Flight) -> None:
        for cell in flight.run.cells:
            if self._flights.get((flight.file.key, cell)) is flight:
                del self._flights[flight.file.key, cell]

    async def _fly(self, flight: Flight) -> None:
        run, key = flight.run, flight.file.key
        if self._disk is not None:
            for cell, data in enumerate(await self._disk.get(key, run.first, run.count), start=run.first):
                if data is not None:
                    self.counts.disk += 1
                    flight.cells[cell] = data
                    self._memory.put(key, cell, data, edge=_is_edge(flight.file, cell))
        missing = [cell for cell in run.cells if cell not in flight.cells]
        flight.tier = "telegram" if missing else "disk"
        for part in runs(missing):
            await self._fetch(flight, part)

    async def _fetch(self, flight: Flight, part: Run) -> None:
        file, lanes = flight.file, self.lanes(flight.file.dc_id)
        flight.ticket = ticket = lanes.enter(flight.lane, flight.client)
        try:
            await ticket.granted.wait()
            began = asyncio.get_running_loop().time()
            data = await self._source.fetch(file, part.offset, part.limit)
            flight.seconds = asyncio.get_running_loop().time() - began
        finally:
            lanes.leave(ticket)
        expected = min(part.limit, file.size - part.offset)
        if len(data) != expected:
            raise ShortRead(f"{len(data)} bytes instead of {expected} at offset {part.offset}")
        self._keep(flight, part, data)

    def _keep(self, flight: Flight, part: Run, data: bytes) -> None:
        for index, cell in enumerate(part.cells):
            piece = data[index * CELL : (index + 1) * CELL]
            if not piece:
                return  # the run reaches beyond the file's last cell
            self.counts.telegram += 1
            flight.cells[cell] = piece
            edge = _is_edge(flight.file, cell)
            self._memory.put(flight.file.key, cell, piece, edge=edge)
            if self._disk is not None:
                self._disk.put(flight.file.key, cell, piece, edge=edge)

    async def _sweep(self) -> None:
        busy = False
        while True:
            await asyncio.sleep(SWEEP)
            for reader in list(self._readers):
                reader.release_if_paused()
            if busy and not self._readers:
                await asyncio.to_thread(give_back_memory)
            busy = bool(self._readers)


def _is_edge(file: MediaFile, cell: int) -> bool:
    return cell * CELL < EDGE or (cell + 1) * CELL > file.size - EDGE

"""Cells of files, each fetched once for all readers: from memory, a flight under way, the disk, or Telegram.

A flight (as in single-flight) is one task that fetches one run of cells and is shared by all readers that wait for one
of them. While it waits for a slot of the limiter it is cancelled when its last reader leaves. Once the request has been
sent it may finish within GRACE seconds, and its cells go into the caches.
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
from streamvault.reading import tasks
from streamvault.reading.cache.allocation import give_back_memory
from streamvault.reading.lanes import Lane, Lanes, Ticket
from streamvault.reading.source import ChunkSource
from streamvault.reading.stores import DiskStore, MemoryStore

EDGE = 2 << 20
"""Bytes at the head and at the tail of a file that players probe; the caches keep them longer than the rest."""

GRACE = 5.0
"""Seconds that a request may take after its last reader has left."""

SWEEP = 1.0
"""Seconds between two checks for readers whose viewers have paused."""

READY = 2
"""How far a reader may be ahead, as a multiple of the bytes on their way: as much again may lie ready, so that one late
answer does not leave the other connections without requests."""

SHARED_AHEAD = 128 << 20
"""Bytes that all readers together may hold ahead, beside the caches; each gets at least its window's minimum."""


class Pausable(Protocol):
    """The part of a reader that the sweep needs."""

    def release_if_paused(self) -> None:
        """Release the cells held ahead if the viewer has paused."""
        ...


@dataclass(slots=True)
class Counts:
    """Totals since the start: cells by where they were found, flights that were promoted or cancelled."""

    memory: int = 0
    disk: int = 0
    telegram: int = 0
    coalesced: int = 0
    promoted: int = 0
    cancelled: int = 0

    @property
    def taken(self) -> int:
        """All cells that readers took."""
        return self.memory + self.disk + self.telegram


class Flight:
    """One run of cells being fetched. `wanted` counts the readers that wait for each cell."""

    __slots__ = (
        "cells", "client", "done", "error", "file", "lane", "listeners", "run", "seconds", "task", "ticket", "tier",
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
        self.done = asyncio.Event()
        self.listeners: set[asyncio.Event] = set()
        """Events that are set, too, when it is done."""
        self.cells: dict[int, bytes] = {}
        self.error: BaseException | None = None
        self.seconds: float | None = None
        """Seconds that Telegram took, once it has answered."""
        self.tier = "telegram"

    def result(self, cell: int) -> bytes:
        """The cell, once the flight is done. Raises the error with which the flight failed."""
        if self.error is not None:
            raise self.error.with_traceback(None)
        return self.cells[cell]


class Cells:
    """The cells that all readers of one server share; an async context manager."""

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
        self._sweeper = asyncio.create_task(self._sweep(), name="pause sweep")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Cancel all flights; whoever waits for one gets SourceUnavailable."""
        await tasks.end([*self._tasks, *([self._sweeper] if self._sweeper else [])])

    @property
    def ahead(self) -> int:
        """Bytes that each reader may be ahead, given the number of active readers."""
        return min(READY * self.under_way, SHARED_AHEAD // max(1, len(self._readers)))

    @property
    def in_flight(self) -> int:
        """Requests sent to Telegram and not answered yet."""
        return sum(lanes.in_flight for lanes in self._lanes.values())

    @property
    def waiting(self) -> int:
        """Requests that wait for a slot of the limiter."""
        return sum(lanes.waiting for lanes in self._lanes.values())

    def lanes(self, dc_id: int) -> Lanes:
        """The limiter of a data centre."""
        lanes = self._lanes.get(dc_id)
        if lanes is None:
            lanes = self._lanes[dc_id] = Lanes(self._capacity)
        return lanes

    def watch(self, reader: Pausable) -> None:
        """Count a reader as active until `unwatch`, and check it for pauses."""
        self._readers.add(reader)

    def unwatch(self, reader: Pausable) -> None:
        """Undo `watch`; may be called twice."""
        self._readers.discard(reader)

    def take(self, file: MediaFile, run: Run, *, lane: Lane, client: Hashable) -> list[bytes | Flight]:
        """Each cell of `run`: its bytes from memory, or the flight that fetches it, which the caller must `leave`."""
        taken: list[bytes | Flight | None] = [self._find(file.key, cell) for cell in run.cells]
        missing = [cell for cell, found in zip(run.cells, taken, strict=True) if found is None]
        for part in runs(missing):
            flight = self._start_flight(file, part, lane=lane, client=client)
            for cell in part.cells:
                taken[cell - run.first] = flight
        for cell, one in zip(run.cells, taken, strict=True):
            if isinstance(one, Flight):
                one.wanted[cell] += 1
        return [one for one in taken if one is not None]

    def leave(self, flight: Flight, cell: int) -> None:
        """Call once per cell that `take` gave as a flight: the caller has it, or does not want it any more."""
        flight.wanted[cell] -= 1
        if flight.wanted[cell]:
            return
        del flight.wanted[cell]
        if flight.done.is_set():
            flight.cells.pop(cell, None)  # others may wait for the other cells for long
        if not flight.wanted and not flight.done.is_set():
            asked = flight.ticket is not None and flight.ticket.held
            if asked:
                asyncio.get_running_loop().call_later(self._grace, self._end, flight)
            else:
                self._end(flight)

    def promote(self, flight: Flight) -> None:
        """A viewer waits for this read-ahead now: move it to the playback lane."""
        if flight.lane <= Lane.PLAYBACK:
            return
        flight.lane = Lane.PLAYBACK
        if flight.ticket is not None and self.lanes(flight.file.dc_id).promote(flight.ticket, Lane.PLAYBACK):
            self.counts.promoted += 1

    def _end(self, flight: Flight) -> None:
        """Cancel a flight that nobody waits for."""
        if flight.wanted or flight.done.is_set() or flight.task is None:
            return
        self.counts.cancelled += 1
        self._unregister(flight)
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

    def _start_flight(self, file: MediaFile, run: Run, *, lane: Lane, client: Hashable) -> Flight:
        flight = Flight(file, run, lane=lane, client=client)
        for cell in run.cells:
            self._flights[file.key, cell] = flight
        flight.task = asyncio.create_task(self._run_flight(flight))
        self._tasks.add(flight.task)
        flight.task.add_done_callback(lambda task: self._finish_flight(flight, task))
        return flight

    def _finish_flight(self, flight: Flight, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        flight.error = SourceUnavailable("the read was cancelled") if task.cancelled() else task.exception()
        self._unregister(flight)
        flight.cells = {cell: data for cell, data in flight.cells.items() if cell in flight.wanted}
        flight.done.set()
        for listener in flight.listeners:
            listener.set()

    def _unregister(self, flight: Flight) -> None:
        for cell in flight.run.cells:
            if self._flights.get((flight.file.key, cell)) is flight:
                del self._flights[flight.file.key, cell]

    async def _run_flight(self, flight: Flight) -> None:
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
            if self._disk is not None and flight.lane > Lane.PLAYBACK:
                await self._disk.room()
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

"""Adds up what several processes have counted for their limits, and keeps the bytes of a day across restarts.

Streams at once are told to the others in the same way, for STREAMS_LAST seconds each time: those of a process that
died end by themselves.

Requests are counted in memory. Once in INTERVAL seconds what is new goes to the database, and the totals of the same
keys come back: a limit may be exceeded by what other processes count within that time. While the database is away,
each process goes on with what it knows.
"""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from streamvault.access.counters import WindowCounters
from streamvault.access.limits import Limits
from streamvault.errors import CatalogError

log = logging.getLogger(__name__)

INTERVAL = 1.0
"""Seconds between two exchanges."""

BATCH = 500
"""Keys of each counter in one exchange."""

STREAMS_LAST = 10.0
"""Seconds for which others count the streams of a process that says nothing more."""

PURGE_EVERY = 300
"""Exchanges after which ended windows are deleted."""

LASTING = "bytes"
"""The counter that is kept in a database that no other process uses."""


class UsageStore(Protocol):
    """Counts by counter, window and key. Every method raises CatalogError when the database fails."""

    shared: bool
    """Whether other processes count in the same database."""

    async def add(self, counter: str, window: int, counts: Mapping[str, int]) -> dict[str, int]:
        """Add to the counts of these keys; their totals."""
        ...

    async def load(self, counter: str, window: int, *, most: int) -> dict[str, int]:
        """The highest counts of a window, at most `most`."""
        ...

    async def streams(self, node: str, counts: Mapping[str, int], *, now: float) -> dict[str, int]:
        """Say how many streams of each key a process (`node`) has at `now`, Unix seconds; those of all others."""
        ...

    async def purge(self, windows: Mapping[str, int]) -> None:
        """Delete the windows of each counter that are before this one."""
        ...


class Usage:
    """Exchanges what `limits` count with the store; `clock` gives Unix seconds."""

    def __init__(self, store: UsageStore, limits: Limits, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._counters = {name: one for name, one in limits.counters.items() if store.shared or name == LASTING}
        self._slots = limits.slots
        self._node = secrets.token_hex(8)
        self._clock = clock

    async def load(self) -> None:
        """Learn what was counted in this day before. Raises CatalogError."""
        lasting = self._counters.get(LASTING)
        if lasting is not None:
            lasting.learn(await self._store.load(LASTING, lasting.number, most=lasting.most))

    async def run(self) -> None:
        """Exchange until cancelled, and then once more."""
        try:
            await self._go_on()
        finally:
            with contextlib.suppress(CatalogError, TimeoutError):
                async with asyncio.timeout(INTERVAL):
                    await self.exchange()

    async def _go_on(self) -> None:
        number = 0
        while True:
            try:
                await self.exchange()
                if number % PURGE_EVERY == 0:
                    await self._store.purge({name: counters.number for name, counters in self._counters.items()})
                number += 1
            except CatalogError as error:
                log.debug("what was counted for limits is not shared: %s", error)
            await asyncio.sleep(INTERVAL)

    async def exchange(self) -> None:
        """Add what is new, and learn the totals. Raises CatalogError."""
        try:
            for name, counters in self._counters.items():
                await self._exchange(name, counters)
            if self._store.shared:
                self._slots.elsewhere = await self._store.streams(self._node, self._slots.open, now=self._clock())
        except CatalogError:
            self._slots.elsewhere = {}
            raise

    async def _exchange(self, name: str, counters: WindowCounters) -> None:
        window = counters.number
        counts = counters.take_unshared(BATCH)
        if not counts:
            return
        try:
            totals = await self._store.add(name, window, counts)
        except CatalogError:
            if counters.number == window:
                counters.give_back(counts)
            raise
        if counters.number == window:
            counters.learn(totals)

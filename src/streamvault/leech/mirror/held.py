"""A mirror that a worker holds: every write renews its lease, and fails when another worker has it."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from streamvault.errors import CatalogError
from streamvault.leech.mirror.model import Copy, Lease, Mirror
from streamvault.leech.mirror.store.base import MirrorStore

LEASE = 60.0
"""Seconds for which a worker has a mirror after each write."""
RETRY_PAUSE = 1.0
"""Seconds between two tries of a write while the database is away."""
Sleep = Callable[[float], Any]


class LeaseLost(Exception):
    """Another worker has the mirror, or it was removed."""


class HeldMirror:
    """`mirror` as it was stored last. `on_change` is called with it after each write."""

    def __init__(
        self, store: MirrorStore, mirror: Mirror, *, worker: str, clock: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep, on_change: Callable[[Mirror], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self.mirror = mirror
        self.store = store
        self.clock = clock
        self._worker, self._sleep, self._on_change = worker, sleep, on_change
        self._writing = asyncio.Lock()

    @property
    def source(self) -> int:
        """The chat that is copied."""
        return self.mirror.source

    async def write(self, *, copies: Sequence[Copy] = (), release: bool = False, **changes: Any) -> None:
        """Store the mirror with these fields, and copies with it; `release`: and let it go. Raises LeaseLost."""
        async with self._writing:
            while True:
                now = self.clock()
                lease = None if release else Lease(self._worker, now + LEASE)
                new = replace(self.mirror, lease=lease, updated=now, **changes)
                try:
                    if await self.store.record(new, copies):
                        self.mirror = replace(new, version=new.version + 1)
                        self._on_change(self.mirror)
                        return
                    await self._read_again()
                except CatalogError as error:
                    if self._expired():
                        raise LeaseLost from error
                    await self._sleep(RETRY_PAUSE)

    async def renew(self) -> None:
        """Keep the mirror. Raises LeaseLost."""
        await self.write()

    async def refresh(self) -> None:
        """Read what others have asked for. Raises LeaseLost, CatalogError."""
        async with self._writing:
            await self._read_again()

    async def _read_again(self) -> None:
        """Somebody has written to it, who may only have asked for something."""
        found = await self.store.get(self.mirror.id)
        if found is None or found.lease is None or found.lease.worker != self._worker:
            raise LeaseLost
        self.mirror = found

    def _expired(self) -> bool:
        return self.mirror.lease is None or self.clock() >= self.mirror.lease.until


async def claimed(
    store: MirrorStore, mirror: Mirror, *, worker: str, clock: Callable[[], float] = time.time,
    on_change: Callable[[Mirror], None] = lambda _: None,
) -> HeldMirror | None:  # fmt: skip
    """The mirror, held from now on; None where another worker was faster. Raises CatalogError."""
    now = clock()
    taken = replace(mirror, lease=Lease(worker, now + LEASE), updated=now)
    if not await store.record(taken):
        return None
    taken = replace(taken, version=mirror.version + 1)
    return HeldMirror(store, taken, worker=worker, clock=clock, on_change=on_change)

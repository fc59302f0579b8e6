"""Magnet links that are being looked up: beside the jobs, which wait for it and let others go on.

A few at a time. While others wait for a place, those that have had theirs for the longest take turns with them. A look
ends with its job, and after some minutes without an answer in all.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from streamvault.errors import NotYet, SourceFailed
from streamvault.leech.torrents.lines import Progress

MOST = 4
"""Looks at a time."""
SECONDS = 600.0
"""For one of them: finding the first peers by the DHT takes minutes."""
PATIENCE = 2.0
"""Seconds for which a job waits for its look before it lets others go on ..."""
AGAIN = 3.0
"""... and after which it asks again."""
TURN = 10.0
"""Seconds after which a job asks again for which there was no place."""
AT_LEAST = 60.0
"""Seconds for which a place is kept in any case."""
KEPT = 300.0
"""Seconds for which an answer is kept for a job that does not ask for it."""

REMEMBERED = 1000
"""Jobs of which the time is remembered that they have had."""

IsWanted = Callable[[str], Awaitable[bool]]
"""Whether the job of this id still waits for its look. Raises CatalogError."""


class Looking(Protocol):
    """See process.Torrents."""

    def look(self, magnet: str, *, private: bool) -> AsyncGenerator[Progress | bytes, None]:
        """See process.Torrents.look."""
        ...


@dataclass
class _Look:
    begun: float
    said: str = ""
    task: "asyncio.Task[bytes] | None" = None

    @property
    def is_over(self) -> bool:
        """Whether there is an answer."""
        return self.task is not None and self.task.done()


class Lookups:
    """`seconds`, `patience`, `at_least`: as SECONDS, PATIENCE, AT_LEAST. `clock`: seconds of any origin."""

    def __init__(
        self, torrents: Looking, is_wanted: IsWanted, *, most: int = MOST, seconds: float = SECONDS,
        patience: float = PATIENCE, at_least: float = AT_LEAST, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._torrents, self._is_wanted = torrents, is_wanted
        self._most, self._seconds, self._patience, self._at_least = most, seconds, patience, at_least
        self._clock = clock
        self._looks: dict[str, _Look] = {}
        self._spent: dict[str, float] = {}
        """Seconds that looks have had which gave up their places."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Lookups"]:
        """Looks end with this context."""
        try:
            yield self
        finally:
            tasks = [look.task for look in self._looks.values() if look.task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def description(self, job: str, magnet: str, *, private: bool) -> bytes:
        """What the peers of a magnet link say that it describes. Raises NotYet while they are asked, or others are;
        SourceFailed, SourceRefused.
        """
        self._forget()
        look = self._looks.get(job)
        if look is None:
            await self._make_place()
            look = self._looks[job] = self._begin(job, magnet, private=private)
        assert look.task is not None
        await asyncio.wait({look.task}, timeout=self._patience)
        if not look.task.done():
            raise NotYet(look.said, retry_after=AGAIN)
        self._looks.pop(job, None)
        if look.task.cancelled():
            raise NotYet("waits for its turn", retry_after=TURN)
        self._spent.pop(job, None)
        return look.task.result()

    async def _make_place(self) -> None:
        """Raises NotYet while others need theirs."""
        looks = {job: look for job, look in self._looks.items() if not look.is_over}
        if len(looks) < self._most:
            return
        oldest = min(looks, key=lambda job: looks[job].begun)
        look, now = self._looks[oldest], self._clock()
        if now - look.begun < self._at_least or look.task is None:
            raise NotYet(f"waits for its turn: {len(looks)} other magnet links are looked up", retry_after=TURN)
        del self._looks[oldest]
        self._spent[oldest] = self._spent.get(oldest, 0.0) + now - look.begun
        look.task.cancel()
        await asyncio.gather(look.task, return_exceptions=True)

    def _begin(self, job: str, magnet: str, *, private: bool) -> _Look:
        look = _Look(self._clock(), "asks for what this magnet link describes")
        work = self._look(job, magnet, look, private=private)
        look.task = asyncio.create_task(work, name=f"magnet link of job {job}")
        return look

    async def _look(self, job: str, magnet: str, look: _Look, *, private: bool) -> bytes:
        left, found = max(1.0, self._seconds - self._spent.get(job, 0.0)), "no peer was found"
        try:
            async with asyncio.timeout(left), aclosing(self._torrents.look(magnet, private=private)) as lines:
                async for one in lines:
                    if isinstance(one, bytes):
                        return one
                    found = peers_text(one)
                    look.said = f"asks for what this magnet link describes: {found}"
                    if not await self._is_wanted(job):
                        raise NotYet("was paused or cancelled", retry_after=AGAIN)
        except TimeoutError:
            pass
        minutes = self._seconds / 60
        raise SourceFailed(f"nobody told within {minutes:.0f} minutes what this magnet link describes ({found})")

    def _forget(self) -> None:
        oldest = self._clock() - self._seconds - KEPT
        for job in [job for job, look in self._looks.items() if look.begun < oldest and look.is_over]:
            task = self._looks.pop(job).task
            assert task is not None
            if not task.cancelled():
                task.exception()  # nobody asked for it
        while len(self._spent) > REMEMBERED:
            del self._spent[next(iter(self._spent))]


def peers_text(progress: Progress) -> str:
    """How many peers there are."""
    if not progress.known and not progress.peers:
        return "no peer was found"
    return f"{progress.peers} of {max(progress.known, progress.peers)} peers are connected"

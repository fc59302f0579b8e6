"""Magnet links that are being looked up: beside the jobs, which wait for it and let others go on.

A few at a time, whatever becomes of them. A look ends with its job, and after some minutes without an answer.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

from streamvault.errors import LeechError, NotYet, SourceFailed
from streamvault.leech.torrents.lines import Progress
from streamvault.leech.torrents.process import Torrents

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
KEPT = 300.0
"""Seconds for which an answer is kept for a job that does not ask for it."""

IsWanted = Callable[[str], Awaitable[bool]]
"""Whether the job of this id still waits for its look. Raises CatalogError."""


@dataclass
class _Look:
    task: "asyncio.Task[bytes]"
    begun: float
    said: list[str] = field(default_factory=list)


class Lookups:
    """`seconds`, `patience`: as SECONDS, PATIENCE. `clock`: seconds of any origin."""

    def __init__(
        self, torrents: Torrents, is_wanted: IsWanted, *, most: int = MOST, seconds: float = SECONDS,
        patience: float = PATIENCE, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._torrents, self._is_wanted = torrents, is_wanted
        self._most, self._seconds, self._patience, self._clock = most, seconds, patience, clock
        self._looks: dict[str, _Look] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Lookups"]:
        """Looks end with this context."""
        try:
            yield self
        finally:
            tasks = [look.task for look in self._looks.values()]
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
            asked = sum(not one.task.done() for one in self._looks.values())
            if asked >= self._most:
                raise NotYet(f"waits for its turn: {asked} other magnet links are looked up", retry_after=TURN)
            look = self._looks[job] = self._begin(job, magnet, private=private)
        await asyncio.wait({look.task}, timeout=self._patience)
        if not look.task.done():
            raise NotYet(look.said[-1], retry_after=AGAIN)
        del self._looks[job]
        return look.task.result()

    def _begin(self, job: str, magnet: str, *, private: bool) -> _Look:
        said = ["asks for what this magnet link describes"]
        task = asyncio.create_task(self._look(job, magnet, said, private=private), name=f"magnet link of job {job}")
        return _Look(task, self._clock(), said)

    async def _look(self, job: str, magnet: str, said: list[str], *, private: bool) -> bytes:
        try:
            async with asyncio.timeout(self._seconds), aclosing(self._torrents.look(magnet, private=private)) as found:
                async for one in found:
                    if isinstance(one, bytes):
                        return one
                    said[:] = [f"asks for what this magnet link describes: {peers_text(one)}"]
                    if not await self._is_wanted(job):
                        break
        except TimeoutError:
            pass
        minutes = self._seconds / 60
        what = said[-1].partition(": ")[2] or "no peer was found"
        raise SourceFailed(f"nobody told within {minutes:.0f} minutes what this magnet link describes ({what})")

    def _forget(self) -> None:
        oldest = self._clock() - self._seconds - KEPT
        for job in [job for job, look in self._looks.items() if look.begun < oldest and look.task.done()]:
            failure = self._looks.pop(job).task.exception()
            assert failure is None or isinstance(failure, LeechError)


def peers_text(progress: Progress) -> str:
    """How many peers there are."""
    if not progress.known and not progress.peers:
        return "no peer was found"
    return f"{progress.peers} of {max(progress.known, progress.peers)} peers are connected"

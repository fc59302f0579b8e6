"""Who may have films repackaged, and in which order: few jobs at once, fair among viewers, everything bounded."""

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager

from streamvault.errors import NotPlayable, TooBusy
from streamvault.reading.retry import Clock, LoopClock

HOLD = 15.0
"""Seconds for which a viewer keeps its place after its latest job; players ask for a segment every 4 to 6 s."""

VIEWERS = 5
"""Viewers per slot: copying a film with a new sound track takes far less than its own length."""

WAITING = 8
"""Jobs of one viewer that may wait; a player asks for picture and sound, one or two segments ahead."""

OFF = "the server does not repackage films (PLAYBACK_SLOTS=0); a player such as VLC or mpv plays the file as it is"


class Slots:
    """`count` jobs run at once (0: none ever), of `count` x VIEWERS viewers at most.

    `observe` is told seconds by stage: "queue", waited for a slot, and "job", for which a slot was held.
    """

    def __init__(
        self, count: int, *, clock: Clock | None = None, observe: Callable[[str, float], None] | None = None
    ) -> None:
        self.count = count
        self.used = 0
        self._clock = clock or LoopClock()
        self._observe = observe or (lambda stage, seconds: None)
        self._queues: dict[Hashable, deque[asyncio.Future[None]]] = {}
        self._latest: dict[Hashable, float] = {}
        """When each viewer with a place last had or wanted a slot, the latest at the end."""
        self._jobs: dict[Hashable, int] = {}
        """Jobs of each viewer that run or wait."""

    @property
    def waiting(self) -> int:
        """How many jobs wait for a slot."""
        return sum(map(len, self._queues.values()))

    @property
    def viewers(self) -> int:
        """How many viewers hold a place."""
        self._forget()
        return len(self._latest)

    def check(self) -> None:
        """Raise NotPlayable when there are no slots."""
        if not self.count:
            raise NotPlayable(OFF)

    def admit(self, viewer: Hashable) -> None:
        """Give a viewer a place, or keep its own for HOLD seconds more; for what is served without a job, too.

        Raises TooBusy when every place is taken, and NotPlayable when there are none.
        """
        self.check()
        self._forget()
        if viewer not in self._latest and len(self._latest) >= self.count * VIEWERS:
            raise TooBusy(self._next_place())
        self._touch(viewer)

    @asynccontextmanager
    async def turn(self, viewer: Hashable) -> AsyncIterator[None]:
        """Hold a slot for a job of `viewer`, once it is its turn: one job of each viewer that waits, then the next.

        Raises as `admit`, and TooBusy when too many jobs of this viewer wait.
        """
        self.admit(viewer)
        queue = self._queues.get(viewer, ())
        if len(queue) >= WAITING:
            raise TooBusy(1.0, "too many segments are asked for at once")
        self._jobs[viewer] = self._jobs.get(viewer, 0) + 1
        try:
            async with self._slot(viewer):
                yield
        finally:
            self._jobs[viewer] -= 1
            if not self._jobs[viewer]:
                del self._jobs[viewer]
            self._touch(viewer)

    @asynccontextmanager
    async def _slot(self, viewer: Hashable) -> AsyncIterator[None]:
        began = self._clock.time()
        await self._acquire(viewer)
        entered = self._clock.time()
        self._observe("queue", entered - began)
        try:
            yield
        finally:
            self._observe("job", self._clock.time() - entered)
            self._release()

    async def _acquire(self, viewer: Hashable) -> None:
        if self.used < self.count:  # then nobody waits
            self.used += 1
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._queues.setdefault(viewer, deque())
        waiting.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if not mine.cancelled():
                self._release()  # its turn had come
            elif mine in waiting:
                waiting.remove(mine)
            raise

    def _release(self) -> None:
        """Hand the slot to the next that waits."""
        while (following := self._following()) is not None:
            if not following.cancelled():
                following.set_result(None)
                return
        self.used -= 1

    def _following(self) -> asyncio.Future[None] | None:
        while self._queues:
            viewer = next(iter(self._queues))
            queue = self._queues.pop(viewer)
            if not queue:
                continue
            first = queue.popleft()
            if queue:
                self._queues[viewer] = queue  # behind all others
            return first
        return None

    def _touch(self, viewer: Hashable) -> None:
        self._latest.pop(viewer, None)
        self._latest[viewer] = self._clock.time()

    def _forget(self) -> None:
        """Free the places of viewers who have had no job for HOLD seconds."""
        long_ago = self._clock.time() - HOLD
        for viewer, when in list(self._latest.items()):
            if when > long_ago:
                return
            if viewer not in self._jobs:
                del self._latest[viewer]

    def _next_place(self) -> float:
        """Seconds until the first place may become free; whole ones, as Retry-After has them."""
        now = self._clock.time()
        free = (when + HOLD - now for viewer, when in self._latest.items() if viewer not in self._jobs)
        return float(math.ceil(max(1.0, min(free, default=HOLD))))

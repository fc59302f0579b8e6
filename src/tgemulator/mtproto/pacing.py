"""Bytes on their way through one direction of one connection: latency, bandwidth, stalls.

Packets travel at the same time: each one is due `latency` after the line has taken it, so that many in
flight cost the latency once, as on a real link. While the link is clear, nothing waits and no task runs.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

_SLICE = 0.02  # seconds of bandwidth that pass at once
_MIN_SLICE = 1024


class Link(Protocol):
    """What links.Link tells: see there."""

    latency: float
    bandwidth: float | None
    stalled: bool
    half_open: bool
    changed: asyncio.Event

    def carries(self) -> None: ...


class Lane:
    """One direction. `deliver` gets the bytes in order, when they arrive; `spawn` runs the task that waits."""

    def __init__(
        self,
        link: Link,
        deliver: Callable[[bytes], None],
        *,
        close: Callable[[], None],
        spawn: Callable[["Lane"], asyncio.Task[None]],
    ) -> None:
        self._link = link
        self._deliver = deliver
        self._close = close
        self._spawn = spawn
        self._queue: deque[tuple[float, memoryview | None]] = deque()
        self._free_at = 0.0  # when the line has taken all that was delivered
        self._pump: asyncio.Task[None] | None = None
        self.pending = 0
        self.dead = False

    def push(self, data: bytes) -> None:
        """Send bytes on their way; on a half-open link they vanish, and all later ones with them."""
        self._link.carries()
        if self._link.half_open:
            self.dead = True
        if self.dead:
            return
        link = self._link
        if self._pump is None and not link.latency and link.bandwidth is None and not link.stalled:
            self._deliver(data)
            return
        self.pending += len(data)
        self._enter(memoryview(data))

    def finish(self) -> None:
        """Close the connection behind everything pushed so far."""
        if self._pump is None:
            self._close()
        else:
            self._enter(None)

    def stop(self) -> None:
        """The connection is gone: forget what is under way."""
        self._queue.clear()
        self.dead = True
        if self._pump is not None:
            self._pump.cancel()

    def _enter(self, data: memoryview | None) -> None:
        self._queue.append((asyncio.get_running_loop().time(), data))
        if self._pump is None:
            self._pump = self._spawn(self)

    async def run(self) -> None:
        """Move the queue until it is empty; one task at a time does this."""
        try:
            while self._queue:
                await self._step()
        finally:
            self._pump = None

    async def _step(self) -> None:
        """Deliver the next slice if it is due; else wait until then, or until the link changes."""
        loop, link = asyncio.get_running_loop(), self._link
        if link.stalled:
            await link.changed.wait()
            self._free_at = loop.time()
            return
        entered, data = self._queue[0]
        piece = self._slice(data)
        finish = max(entered, self._free_at) + (len(piece) / link.bandwidth if link.bandwidth else 0.0)
        delay = finish + link.latency - loop.time()
        if delay > 0:
            await _wait(link.changed, delay)
            return
        self._free_at = finish
        self._advance(entered, data, size=len(piece))

    def _slice(self, data: memoryview | None) -> memoryview | bytes:
        if data is None:
            return b""
        bandwidth = self._link.bandwidth
        return data if bandwidth is None else data[: max(_MIN_SLICE, int(bandwidth * _SLICE))]

    def _advance(self, entered: float, data: memoryview | None, *, size: int) -> None:
        if data is None:
            self._queue.popleft()
            self._close()
            return
        if size < len(data):
            self._queue[0] = (entered, data[size:])
        else:
            self._queue.popleft()
        self.pending -= size
        self._deliver(bytes(data[:size]))


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return

"""Delays the bytes of one direction of a connection: latency, bandwidth, stalls.

Each packet is due `latency` after the bandwidth has let it through, so that many packets in flight cost the latency
once, as on a real network. Without faults bytes are delivered at once and no task runs.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from tgemulator.faults.conditions import Conditions

_SLICE = 0.02  # seconds of bandwidth that are delivered at once
_MIN_SLICE = 1024


class PacedStream:
    """One direction. `deliver` gets the bytes in order, when they arrive; `spawn` runs the task that waits.

    `pending`: bytes pushed and not delivered. `dead`: all further bytes are discarded.
    """

    def __init__(
        self,
        conditions: Conditions,
        deliver: Callable[[bytes], None],
        *,
        close: Callable[[], None],
        spawn: Callable[["PacedStream"], asyncio.Task[None]],
    ) -> None:
        self._conditions = conditions
        self._deliver = deliver
        self._close = close
        self._spawn = spawn
        self._queue: deque[tuple[float, memoryview | None]] = deque()
        self._free_at = 0.0  # when the bandwidth has let all delivered bytes through
        self._task: asyncio.Task[None] | None = None
        self.pending = 0
        self.dead = False

    def push(self, data: bytes) -> None:
        """Send bytes; on a half-open connection these and all later ones are discarded."""
        now = self._conditions
        now.packet_seen()
        if now.half_open:
            self.dead = True
        if self.dead:
            return
        if self._task is None and not now.latency and now.bandwidth is None and not now.stalled:
            self._deliver(data)
            return
        self.pending += len(data)
        self._enter(memoryview(data))

    def finish(self) -> None:
        """Close the connection after everything pushed so far has been delivered."""
        if self._task is None:
            self._close()
        else:
            self._enter(None)

    def stop(self) -> None:
        """The connection has closed: discard what is not delivered."""
        self._queue.clear()
        self.dead = True
        if self._task is not None:
            self._task.cancel()

    def _enter(self, data: memoryview | None) -> None:
        self._queue.append((asyncio.get_running_loop().time(), data))
        if self._task is None:
            self._task = self._spawn(self)

    async def run(self) -> None:
        """Deliver the queue until it is empty; one task at a time does this."""
        try:
            while self._queue:
                await self._step()
        finally:
            self._task = None

    async def _step(self) -> None:
        """Deliver the next slice if it is due; else wait until then, or until the conditions change."""
        loop, now = asyncio.get_running_loop(), self._conditions
        if now.stalled:
            await now.changed.wait()
            self._free_at = loop.time()
            return
        entered, data = self._queue[0]
        piece = self._slice(data)
        finish = max(entered, self._free_at) + (len(piece) / now.bandwidth if now.bandwidth else 0.0)
        delay = finish + now.latency - loop.time()
        if delay > 0:
            await _wait(now.changed, delay)
            return
        self._free_at = finish
        self._advance(entered, data, size=len(piece))

    def _slice(self, data: memoryview | None) -> memoryview | bytes:
        if data is None:
            return b""
        bandwidth = self._conditions.bandwidth
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

"""How far ahead of a reader to fetch, from its rate, the delay of answers and what it has taken so far; pure.

The bytes on their way have a bound of their own, in seconds of the reader's rate, because a depth computed from the
delay would grow without end on a narrow connection, where the depth itself lengthens the delay. Only answers that came
over the network count; a cache has no delay.
"""

import math

from streamvault.media.cells import CELL, PER_WINDOW

LEAST = 2 * CELL
"""Bytes ahead of a new reader: one cell for the first answer, one to follow."""

EAGER = 3 << 19
"""Bytes ahead at most until the reader has taken STAYED (SETTLED if the delay is short): it may still leave early."""

STAYED, SETTLED = 2 << 20, 8 << 20
NEAR = 0.06
"""Seconds of delay below which the delay counts as short: a narrow window is about as fast as a wide one."""

UNDER_WAY, ROUNDS = 0.5, 3.0
"""Bytes on their way at most: what the reader takes in UNDER_WAY seconds, or in ROUNDS times the shortest delay.

Requests are not cut off, so after a seek on a narrow connection the reader waits until these bytes have arrived.
"""

OPENING = 4.0
"""Factor on that bound while the delay is near its shortest, that is, while nothing queues in the network."""

STARVED = 1.0
"""Seconds for which a reader that had to wait counts as limited by the network."""

SEVERAL = 8
"""Requests on their way at once for a reader limited by the network, so that every connection has some."""

CUSHION = 1.0
"""Seconds of playback kept ready beside the bytes on their way, to bridge the loss of a connection."""

_MEMORY = 2.0  # seconds after which a reader's rate counts for 1/e


class Window:
    """One reader's window. Times in seconds from any origin, sizes in bytes.

    It widens with what the reader has taken, so that leaving early costs little; its limit is what the reader's rate
    needs over the measured delay of an answer, so that a slow reader holds little; it shrinks while nothing is taken.
    """

    def __init__(self, *, began: float) -> None:
        self._began = self._last = began
        self._taken = 0
        self._decayed = 0.0
        self._delay = 0.0
        self._shortest = math.inf
        self._waited = -math.inf

    def took(self, count: int, now: float) -> None:
        """The reader took `count` bytes."""
        self._decayed = self._decayed_bytes(now) + count
        self._last = now
        self._taken += count

    def answered(self, seconds: float) -> None:
        """An answer for this reader took `seconds`, from the request to its last byte."""
        self._delay = max(seconds, 0.8 * self._delay + 0.2 * seconds)
        self._shortest = min(seconds, self._shortest)

    def failed(self) -> None:
        """A request failed: start again with a narrow window."""
        self._taken = 0

    def rate(self, now: float) -> float:
        """Bytes a second that the reader has taken recently."""
        seen = _MEMORY * (1.0 - math.exp(-max(now - self._began, 1e-3) / _MEMORY))
        return self._decayed_bytes(now) / seen

    def depth(self, now: float, *, limit: int) -> int:
        """Bytes to have ready or on their way, at most `limit` but at least LEAST."""
        wanted = min(self.rate(now) * (2 * self._delay + CUSHION), self._allowed)
        return max(LEAST, min(int(wanted), limit))

    def waited(self, now: float) -> None:
        """The reader waits for a cell that has not arrived yet."""
        self._waited = now

    def under_way(self, now: float) -> int | None:
        """Bytes that may be on their way, at least a cell for each of SEVERAL requests.

        None (no bound) for a reader that has not had to wait recently, since the network is faster than it reads, and
        for one that has received nothing over the network.
        """
        if now - self._waited > STARVED or self._shortest == math.inf:
            return None
        seconds = max(UNDER_WAY, ROUNDS * self._shortest) * (OPENING if self._delay <= 2 * self._shortest else 1.0)
        return max(SEVERAL * CELL, int(self.rate(now) * seconds))

    def request(self, depth: int, *, under_way: int | None = None) -> int:
        """Cells that one request should cover in a window of `depth` bytes: a power of two.

        Two or more requests fill the window; four or more while it widens, so that every connection gets some.
        `under_way` is the result of that method, if it gave a bound: SEVERAL requests fill it.
        """
        share = 4 if depth >= self._allowed else 2
        cells = max(1, min(PER_WINDOW, depth // (share * CELL)))
        if under_way is not None:
            cells = max(1, min(cells, under_way // (SEVERAL * CELL)))
        return 1 << (cells.bit_length() - 1)

    @property
    def _allowed(self) -> int:
        """Bytes that the window may have after what was taken so far."""
        if self._taken < (SETTLED if self._delay < NEAR else STAYED):
            return min(LEAST + 2 * self._taken, EAGER)
        return LEAST + 8 * self._taken

    def _decayed_bytes(self, now: float) -> float:
        return self._decayed * math.exp(-max(now - self._last, 0.0) / _MEMORY)

"""How far ahead of a reader to fetch, as a function of what it has taken so far; pure."""

import math

from streamvault.media.cells import CELL, PER_WINDOW

LEAST = 2 * CELL
"""Bytes ahead of a reader of whom nothing is known: one cell to answer it with, one to follow."""

EAGER = 3 << 19
"""Bytes ahead of a reader who may be gone in a moment: until it has taken STAYED, or SETTLED on a short line."""

STAYED, SETTLED = 2 << 20, 8 << 20
NEAR = 0.06
"""Seconds of delay below which a narrow window is about as fast as a wide one."""

UNDER_WAY, ROUNDS = 0.5, 3.0
"""What may be on its way at once: as much as the reader takes in so many seconds, or in so many of the shortest delay.

All of it comes, even if the reader leaves: who seeks on a narrow line waits behind it.
"""

OPENING = 4.0
"""Times as much while answers come about as fast as they ever did: nothing queues up on the line yet."""

STARVED = 1.0
"""Seconds for which a reader who had to wait counts as held up by the line."""

SEVERAL = 8
"""Requests that are on their way at once where the line is what holds a reader up, so that each connection has some."""

CUSHION = 1.0
"""Seconds of playing that lie ready beside what is on its way, for a connection that is lost meanwhile."""

_MEMORY = 2.0  # seconds after which a reader's rate counts for 1/e


class Window:
    """One reader's window. Times in seconds from any origin, sizes in bytes.

    It opens with what the reader has taken, so that one who leaves early has cost little; ends at what its rate needs
    over the measured delay of an answer, so that a slow one holds little; and shrinks while the reader takes nothing.
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
        self._decayed = self._fading(now) + count
        self._last = now
        self._taken += count

    def answered(self, seconds: float) -> None:
        """An answer that the reader wanted took so long, from asking to its last byte."""
        self._delay = max(seconds, 0.8 * self._delay + 0.2 * seconds)
        self._shortest = min(seconds, self._shortest)

    def failed(self) -> None:
        """An answer did not come: begin shallow again."""
        self._taken = 0

    def rate(self, now: float) -> float:
        """Bytes a second that the reader takes lately."""
        seen = _MEMORY * (1.0 - math.exp(-max(now - self._began, 1e-3) / _MEMORY))
        return self._fading(now) / seen

    def depth(self, now: float, *, limit: int) -> int:
        """Bytes to have ready or on their way, at most `limit` but at least LEAST."""
        wanted = min(self.rate(now) * (2 * self._delay + CUSHION), self._allowed)
        return max(LEAST, min(int(wanted), limit))

    def waited(self, now: float) -> None:
        """The reader wants a cell that has not come yet."""
        self._waited = now

    def under_way(self, now: float) -> int | None:
        """Bytes that may be on their way, at least a cell for each of SEVERAL requests.

        None for a reader who has not had to wait lately, since the line gives more than it takes; and for one whom
        nothing has reached over a line.
        """
        if now - self._waited > STARVED or self._shortest == math.inf:
            return None
        seconds = max(UNDER_WAY, ROUNDS * self._shortest) * (OPENING if self._delay <= 2 * self._shortest else 1.0)
        return max(SEVERAL * CELL, int(self.rate(now) * seconds))

    def request(self, depth: int, *, under_way: int | None = None) -> int:
        """Cells that one request should cover in a window of `depth` bytes: a power of two.

        Two or more requests fill the window; more while it opens, so that every connection gets its share. `under_way`
        is what the method of that name says: SEVERAL requests fill it.
        """
        share = 4 if depth >= self._allowed else 2
        cells = max(1, min(PER_WINDOW, depth // (share * CELL)))
        if under_way is not None:
            cells = max(1, min(cells, under_way // (SEVERAL * CELL)))
        return 1 << (cells.bit_length() - 1)

    @property
    def _allowed(self) -> int:
        """How wide the window may be after what was taken."""
        if self._taken < (SETTLED if self._delay < NEAR else STAYED):
            return min(LEAST + 2 * self._taken, EAGER)
        return LEAST + 8 * self._taken

    def _fading(self, now: float) -> float:
        return self._decayed * math.exp(-max(now - self._last, 0.0) / _MEMORY)

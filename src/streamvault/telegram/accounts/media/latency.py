"""How long chunks take lately, by account and data centre, scaled by their size."""

import time
from collections import deque
from collections.abc import Callable

WINDOW = 60.0
"""Seconds after which a measurement no longer counts."""
ENOUGH = 20
"""Measurements below which nothing is said about what is slow."""
_KEPT = 256
_STEP = 16  # measurements that may come before what is known is worked out anew


class Latencies:
    """The latest measurements."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._measured: deque[tuple[float, float, int]] = deque(maxlen=_KEPT)
        self._known: dict[tuple[float, int], float] = {}
        self._new = 0

    def note(self, seconds: float, size: int) -> None:
        """A chunk of `size` bytes took so long."""
        self._measured.append((self._clock(), seconds, size))
        self._new += 1
        if self._new >= _STEP or len(self._measured) <= ENOUGH:
            self._new = 0
            self._known.clear()

    def quantile(self, part: float, size: int) -> float | None:
        """Seconds within which this part (0 to 1) of the chunks of `size` bytes comes; None: nothing was measured.

        A larger chunk takes longer in proportion; a smaller one may take as long, since most of it is the way.
        """
        horizon = self._clock() - WINDOW
        while self._measured and self._measured[0][0] < horizon:
            self._measured.popleft()
            self._known.clear()
        if not self._measured:
            return None
        known = self._known.get((part, size))
        if known is None:
            scaled = sorted(seconds * max(1.0, size / of) for _, seconds, of in self._measured)
            known = self._known[part, size] = scaled[min(len(scaled) - 1, int(len(scaled) * part))]
        return known

    def late(self, size: int) -> float | None:
        """Seconds after which a chunk of `size` bytes is slower than 95 in 100; None while too little is known."""
        p95 = self.quantile(0.95, size)
        return p95 if len(self._measured) >= ENOUGH else None

"""Recent durations of chunk requests of one account at one data centre, scaled by size."""

import time
from collections import deque
from collections.abc import Callable

WINDOW = 60.0
"""Seconds for which a measurement counts."""
ENOUGH = 20
"""Measurements needed before `slow_after` gives a value."""
_KEPT = 256
_STEP = 16  # new measurements after which cached quantiles are computed again


class Latencies:
    """The latest measurements and their quantiles."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._measured: deque[tuple[float, float, int]] = deque(maxlen=_KEPT)
        self._known: dict[tuple[float, int], float] = {}
        self._new = 0

    def note(self, seconds: float, size: int) -> None:
        """Add a measurement: a chunk of `size` bytes took so many seconds."""
        self._measured.append((self._clock(), seconds, size))
        self._new += 1
        if self._new >= _STEP or len(self._measured) <= ENOUGH:
            self._new = 0
            self._known.clear()

    def quantile(self, part: float, size: int) -> float | None:
        """Seconds within which the fraction `part` of chunks of `size` bytes arrive; None without measurements.

        Measurements of smaller chunks are scaled up in proportion; those of larger ones count as they are, since the
        round trip dominates.
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

    def slow_after(self, size: int) -> float | None:
        """Seconds after which a chunk of `size` bytes is slow (p95); None with fewer than ENOUGH measurements."""
        p95 = self.quantile(0.95, size)
        return p95 if len(self._measured) >= ENOUGH else None

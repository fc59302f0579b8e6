"""Samples a server while a row runs: its memory, and the time of a small request."""

import http.client
import statistics
import threading
import time
from types import TracebackType
from typing import Self

from benchmarks.streaming.process import rss
from benchmarks.streaming.table import percentile
from benchmarks.streaming.testbed import Server

_LAG = "streamvault_loop_lag_seconds"


class Monitor:
    """Samples in threads of the row's process for the duration of its block.

    `memory` holds (seconds since the start, bytes), `answers` the seconds that each GET /healthz took: an upper bound
    of the event loop's lag, since it includes the request's own work and other processes of the machine.
    """

    def __init__(self, server: Server, *, memory_every: float = 0.1, ask_every: float | None = 0.05) -> None:
        self._server = server
        self._pauses = (memory_every, ask_every)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._lag_before: dict[str, float] = {}
        self.memory: list[tuple[float, int]] = []
        self.answers: list[float] = []
        self.lag: float | None = None
        """p99 of the loop's lag from the server's metrics (a bucket's upper bound); None if it has none."""

    def __enter__(self) -> Self:
        self._lag_before = self._server.samples(f"{_LAG}_bucket")
        began = time.monotonic()
        memory_every, ask_every = self._pauses
        self._threads = [threading.Thread(target=self._sample, args=(began, memory_every))]
        if ask_every is not None:
            self._threads.append(threading.Thread(target=self._ask, args=(ask_every,)))
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if kind is None:
            self.lag = self._lag_p99()

    @property
    def peak(self) -> int:
        """The largest sample of memory, in bytes."""
        return max((size for _, size in self.memory), default=0)

    def loop_lag(self) -> tuple[float, str]:
        """p99 in seconds, and its source."""
        if self.lag is not None:
            return self.lag, f"from /metrics; /healthz answered within {percentile(self.answers, 0.99) * 1e3:.0f} ms"
        return percentile(self.answers, 0.99), "upper bound: time of GET /healthz, every 50 ms"

    def growth(self) -> float:
        """Bytes by which the median of the last tenth exceeds that of the second tenth, when caches were filled."""
        tenth = max(1, len(self.memory) // 10)
        sizes = [size for _, size in self.memory]
        return statistics.median(sizes[-tenth:]) - statistics.median(sizes[tenth : 2 * tenth])

    def _sample(self, began: float, pause: float) -> None:
        while not self._stop.wait(pause):
            self.memory.append((time.monotonic() - began, rss(self._server.pid)))

    def _ask(self, pause: float) -> None:
        connection = http.client.HTTPConnection(*self._server.address, timeout=30)
        try:
            while not self._stop.wait(pause):
                began = time.monotonic()
                connection.request("GET", "/healthz")
                connection.getresponse().read()
                self.answers.append(time.monotonic() - began)
        finally:
            connection.close()

    def _lag_p99(self) -> float | None:
        """The upper bound of the first bucket with 99 % of the observations of the block."""
        after = self._server.samples(f"{_LAG}_bucket")
        grown = {label: value - self._lag_before.get(label, 0.0) for label, value in after.items()}
        bounds = sorted((float(label.partition('le="')[2].partition('"')[0]), count) for label, count in grown.items())
        if not bounds or bounds[-1][1] <= 0:
            return None
        return next(bound for bound, count in bounds if count >= 0.99 * bounds[-1][1])

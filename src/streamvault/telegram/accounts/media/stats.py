"""Figures of each account at each data centre, for /metrics and /api/stats."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from streamvault.telegram.accounts.media.latency import Latencies
from streamvault.telegram.config import TelegramMetrics
from streamvault.telegram.mtproto.keepalive import AnswerDelays

_MIB = 1 << 20
Reason = Literal["lost", "silent", "account", "origin", "corrupt", "cdn"]
"""Why a chunk was requested again: its connection was lost or silent; its account, message or CDN failed; its bytes did
not match Telegram's hashes."""


@dataclass(frozen=True, slots=True)
class DcStats:
    """Figures of one account at one data centre.

    `p50` and `p95` are recent seconds per chunk of 1 MiB, or None. `connections` and `in_flight` are current, the rest
    counts since the start: `hedged` requests were slow and sent again elsewhere, `lost` and `silent` ones moved to
    another connection, `silences` is how often a connection fell silent.
    """

    account: str
    dc_id: int
    connections: int
    in_flight: int
    p50: float | None
    p95: float | None
    chunks: int
    hedged: int
    lost: int
    silent: int
    silences: int
    reference_refreshes: int
    key_rebuilds: int


@dataclass(slots=True, eq=False)
class Flight:
    """A chunk request in flight; `began` is in seconds of RequestStats' clock."""

    began: float
    size: int


class RequestStats:
    """Counts the requests of one account at one data centre.

    `latencies` decides when a chunk is slow there, `answer_delays` when a connection counts as silent.
    """

    def __init__(
        self, account: str, dc_id: int, metrics: TelegramMetrics, *, answer_delays: AnswerDelays | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.account, self.dc_id = account, dc_id
        self.latencies, self.answer_delays = Latencies(clock=clock), answer_delays or AnswerDelays()
        self.flights: dict[Flight, None] = {}
        self.connections: Callable[[], int] = lambda: 0
        self._metrics = metrics
        self._seconds: Any = metrics.chunk_seconds.labels(dc=str(dc_id), account=account)
        self._clock = clock
        self._chunks = self._hedged = self._lost = self._silent = self._silences = self._refreshes = self._rebuilds = 0

    @contextmanager
    def flight(self, size: int) -> Iterator[Flight]:
        """Use around the request of a chunk of `size` bytes; measures its duration if it succeeds."""
        flight = Flight(self._clock(), size)
        self.flights[flight] = None
        try:
            yield flight
            seconds = self._clock() - flight.began
            self.latencies.note(seconds, size)
            self._seconds.observe(seconds)
            self._chunks += 1
        finally:
            del self.flights[flight]

    def hedged(self) -> None:
        """Count a slow request that was sent again elsewhere."""
        self._hedged += 1
        self._metrics.hedged_total.inc()

    def failed_over(self, reason: Reason) -> None:
        """Count a request that was sent again for `reason`."""
        self._lost += reason == "lost"
        self._silent += reason == "silent"
        self._metrics.failovers_total.labels(reason=reason).inc()

    def fell_silent(self) -> None:
        """Count a connection that fell silent."""
        self._silences += 1

    def refreshed(self) -> None:
        """Count an expired file reference."""
        self._refreshes += 1
        self._metrics.reference_refreshes_total.inc()

    def rebuilt(self) -> None:
        """Count a rejected auth key."""
        self._rebuilds += 1
        self._metrics.key_rebuilds_total.inc()

    def snapshot(self) -> DcStats:
        """The current figures."""
        return DcStats(
            account=self.account,
            dc_id=self.dc_id,
            connections=self.connections(),
            in_flight=len(self.flights),
            p50=self.latencies.quantile(0.5, _MIB),
            p95=self.latencies.quantile(0.95, _MIB),
            chunks=self._chunks,
            hedged=self._hedged,
            lost=self._lost,
            silent=self._silent,
            silences=self._silences,
            reference_refreshes=self._refreshes,
            key_rebuilds=self._rebuilds,
        )

"""What is counted of each account at each data centre, for /metrics and for pages that show it."""

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
"""Why a chunk was asked for again: its connection broke, or said nothing; its account, message or CDN failed; its
bytes were not those that Telegram has hashed."""


@dataclass(frozen=True, slots=True)
class DcStats:
    """One account at one data centre. `p50` and `p95` are seconds per chunk of 1 MiB lately, None if there was none.

    `in_flight` is now, the rest since the start: `hedged` requests were slow and asked for again elsewhere, `lost`
    and `silent` ones moved to another connection, `silences` is how often a connection fell silent.
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
    """A chunk that has been asked for; `began` by the tally's clock."""

    began: float
    size: int


class RequestStats:
    """The counts of one account at one data centre; `pace` says what is slow there, `answer_delays` what is silent."""

    def __init__(
        self, account: str, dc_id: int, metrics: TelegramMetrics, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.account, self.dc_id = account, dc_id
        self.pace, self.answer_delays = Latencies(clock=clock), AnswerDelays()
        self.flights: dict[Flight, None] = {}
        self.connections: Callable[[], int] = lambda: 0
        self._metrics = metrics
        self._seconds: Any = metrics.chunk_seconds.labels(dc=str(dc_id), account=account)
        self._clock = clock
        self._chunks = self._hedged = self._lost = self._silent = self._silences = self._refreshes = self._rebuilds = 0

    @contextmanager
    def flight(self, size: int) -> Iterator[Flight]:
        """Around one chunk's request; its time is noted when it comes."""
        flight = Flight(self._clock(), size)
        self.flights[flight] = None
        try:
            yield flight
            seconds = self._clock() - flight.began
            self.pace.note(seconds, size)
            self._seconds.observe(seconds)
            self._chunks += 1
        finally:
            del self.flights[flight]

    def hedged(self) -> None:
        """A slow request was asked again elsewhere."""
        self._hedged += 1
        self._metrics.hedged_total.inc()

    def failed_over(self, reason: Reason) -> None:
        """A request was asked again over another connection."""
        self._lost += reason == "lost"
        self._silent += reason == "silent"
        self._metrics.failovers_total.labels(reason=reason).inc()

    def fell_silent(self) -> None:
        """A connection says nothing although it should."""
        self._silences += 1

    def refreshed(self) -> None:
        """A file reference was no longer good."""
        self._refreshes += 1
        self._metrics.reference_refreshes_total.inc()

    def rebuilt(self) -> None:
        """The data centre did not know its key any more."""
        self._rebuilds += 1
        self._metrics.key_rebuilds_total.inc()

    def snapshot(self) -> DcStats:
        """The figures as they are now."""
        return DcStats(
            account=self.account,
            dc_id=self.dc_id,
            connections=self.connections(),
            in_flight=len(self.flights),
            p50=self.pace.quantile(0.5, _MIB),
            p95=self.pace.quantile(0.95, _MIB),
            chunks=self._chunks,
            hedged=self._hedged,
            lost=self._lost,
            silent=self._silent,
            silences=self._silences,
            reference_refreshes=self._refreshes,
            key_rebuilds=self._rebuilds,
        )

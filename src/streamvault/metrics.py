"""The Prometheus metrics of one process, in a registry of their own; names as users' dashboards know them."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class Recent:
    """The latest values of something, for quantiles that a histogram's buckets are too coarse for."""

    def __init__(self, size: int = 512) -> None:
        self._values: deque[float] = deque(maxlen=size)

    def add(self, value: float) -> None:
        self._values.append(value)

    def quantiles(self) -> tuple[float | None, float | None]:
        """The median and the 95th percentile, None without values."""
        ordered = sorted(self._values)
        if not ordered:
            return None, None
        return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]


class _Counted(Collector):
    """Figures that somebody counts for himself, read when they are asked for."""

    def __init__(self) -> None:
        self.sources: list[Callable[[], Iterator[Metric]]] = []

    def collect(self) -> Iterator[Metric]:
        for source in self.sources:
            yield from source()


class Metrics:
    """One object per server, so that two servers in one process (tests, the demo) never mix their figures."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._counted = _Counted()
        self.registry.register(self._counted)
        self.first_bytes = Recent()
        """Seconds to the first byte of the latest streams."""
        self.loop_lag_seconds = Histogram(
            "streamvault_loop_lag_seconds",
            "Seconds that the event loop runs late",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1),
            registry=self.registry,
        )
        self.streams_active = Gauge(
            "streamvault_streams_active", "Streams being sent right now", registry=self.registry
        )
        self.streams_aborted_total = Counter(
            "streamvault_streams_aborted_total",
            "Streams whose connection was aborted because Telegram failed after the status line",
            registry=self.registry,
        )
        self.first_byte_seconds = Histogram(
            "streamvault_first_byte_seconds",
            "Seconds from a request to its first body byte",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15),
            registry=self.registry,
        )
        self.chunks_total = Counter(
            "streamvault_chunks_total", "Chunks asked of Telegram, by result", ["result"], registry=self.registry
        )
        self.bytes_total = Counter(
            "streamvault_bytes_total", "Body bytes sent to viewers, by where they came from", ["tier"],
            registry=self.registry,
        )  # fmt: skip
        self.auth_keys_created_total = Counter(
            "streamvault_auth_keys_created_total", "MTProto auth keys made", registry=self.registry
        )
        self.exports_total = Counter(
            "streamvault_exports_total", "auth.exportAuthorization calls", registry=self.registry
        )
        self.logins_total = Counter("streamvault_logins_total", "Logins sent to Telegram", registry=self.registry)
        self.flood_wait_seconds = Gauge(
            "streamvault_flood_wait_seconds",
            "Length of the account's latest flood wait",
            ["account"],
            registry=self.registry,
        )
        self.hedged_total = Counter(
            "streamvault_hedged_total",
            "Chunks asked for again elsewhere because they were slow",
            registry=self.registry,
        )
        self.failovers_total = Counter(
            "streamvault_failovers_total",
            "Chunks asked for again elsewhere because of a lost or silent connection, an account or a message",
            ["reason"],
            registry=self.registry,
        )
        self.reference_refreshes_total = Counter(
            "streamvault_reference_refreshes_total",
            "File references found to be no longer good",
            registry=self.registry,
        )
        self.key_rebuilds_total = Counter(
            "streamvault_key_rebuilds_total", "Auth keys that a data centre no longer knew", registry=self.registry
        )
        self.chunk_seconds = Histogram(
            "streamvault_chunk_seconds",
            "Seconds that a chunk took from one account at one data centre",
            ["dc", "account"],
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
            registry=self.registry,
        )

    def count(self, name: str, documentation: str, *, label: str, values: Callable[[], Mapping[str, float]]) -> None:
        """Show what somebody counts for himself as a counter, one time series per value of `label`."""

        def collect() -> Iterator[Metric]:
            family = CounterMetricFamily(f"streamvault_{name}", documentation, labels=[label])
            for value, number in values().items():
                family.add_metric([value], number)
            yield family

        self._counted.sources.append(collect)

    def gauge(self, name: str, documentation: str, value: Callable[[], float]) -> None:
        """Show a figure as a gauge, read when it is asked for."""
        self._counted.sources.append(
            lambda: iter([GaugeMetricFamily(f"streamvault_{name}", documentation, value=value())])
        )

    def value(self, name: str) -> int:
        """A counter or gauge without labels."""
        return int(self.registry.get_sample_value(f"streamvault_{name}") or 0)

    def first_byte(self, seconds: float) -> None:
        """A stream's first byte was there after so long."""
        self.first_byte_seconds.observe(seconds)
        self.first_bytes.add(seconds)

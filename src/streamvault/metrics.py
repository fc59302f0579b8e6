"""The Prometheus metrics of one server, in a registry of their own. Their names never change: dashboards use them."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class Recent:
    """The latest values of a quantity, for quantiles that are finer than a histogram's buckets."""

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


class _Callbacks(Collector):
    """Figures that other objects count, read when the metrics are requested."""

    def __init__(self) -> None:
        self.callbacks: list[Callable[[], Iterator[Metric]]] = []

    def collect(self) -> Iterator[Metric]:
        for callback in self.callbacks:
            yield from callback()


class Metrics:
    """The metrics of one server; two servers in one process (tests, the demo) have one object each."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._callbacks = _Callbacks()
        self.registry.register(self._callbacks)
        self.first_bytes = Recent()
        """Seconds to the first byte of the latest streams."""
        self._make_streams()
        self._make_playback()
        self._make_accounts()
        self._make_chunks()

    def _make_streams(self) -> None:
        self.streams_active = self._gauge("streams_active", "Streams being sent right now")
        self.streams_aborted_total = self._counter(
            "streams_aborted_total",
            "Streams whose connection was aborted because Telegram failed after the status line",
        )
        self.first_byte_seconds = self._histogram(
            "first_byte_seconds", "Seconds from a request to its first body byte",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15),
        )  # fmt: skip
        self.bytes_total = self._counter("bytes_total", "Body bytes sent to viewers, by where they came from", "tier")
        self.requests_limited_total = self._counter(
            "requests_limited_total", "Requests refused and connections closed for a limit", "why"
        )
        self.loop_lag_seconds = self._histogram(
            "loop_lag_seconds", "Seconds that the event loop runs late",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.25, 0.5, 1),
        )  # fmt: skip

    def _make_playback(self) -> None:
        self.playback_seconds = self._histogram(
            "playback_seconds", "Seconds of repackaging films: waiting for a slot (queue), holding one (job)", "stage",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
        )  # fmt: skip

    def _make_accounts(self) -> None:
        self.auth_keys_created_total = self._counter("auth_keys_created_total", "MTProto auth keys made")
        self.exports_total = self._counter("exports_total", "auth.exportAuthorization calls")
        self.logins_total = self._counter("logins_total", "Logins sent to Telegram")
        self.flood_wait_seconds = self._gauge(
            "flood_wait_seconds", "Length of the account's latest flood wait", "account"
        )
        self.key_rebuilds_total = self._counter("key_rebuilds_total", "Auth keys that a data centre no longer knew")
        self.reference_refreshes_total = self._counter(
            "reference_refreshes_total", "File references found to be no longer good"
        )

    def _make_chunks(self) -> None:
        self.chunks_total = self._counter("chunks_total", "Chunks asked of Telegram, by result", "result")
        self.chunk_seconds = self._histogram(
            "chunk_seconds", "Seconds that a chunk took from one account at one data centre", "dc", "account",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
        )  # fmt: skip
        self.hedged_total = self._counter("hedged_total", "Chunks asked for again elsewhere because they were slow")
        self.failovers_total = self._counter(
            "failovers_total",
            "Chunks asked for again: lost or silent connections, accounts, messages or CDNs that failed, wrong bytes",
            "reason",
        )

    def _counter(self, name: str, documentation: str, *labels: str) -> Counter:
        return Counter(f"streamvault_{name}", documentation, labels, registry=self.registry)

    def _gauge(self, name: str, documentation: str, *labels: str) -> Gauge:
        return Gauge(f"streamvault_{name}", documentation, labels, registry=self.registry)

    def _histogram(self, name: str, documentation: str, *labels: str, buckets: Sequence[float]) -> Histogram:
        return Histogram(f"streamvault_{name}", documentation, labels, buckets=buckets, registry=self.registry)

    def count(self, name: str, documentation: str, *, label: str, values: Callable[[], Mapping[str, float]]) -> None:
        """Add a counter whose `values` are read on request, one time series per value of `label`."""

        def collect() -> Iterator[Metric]:
            family = CounterMetricFamily(f"streamvault_{name}", documentation, labels=[label])
            for value, number in values().items():
                family.add_metric([value], number)
            yield family

        self._callbacks.callbacks.append(collect)

    def gauge(self, name: str, documentation: str, value: Callable[[], float]) -> None:
        """Add a gauge whose `value` is read on request."""
        self._callbacks.callbacks.append(
            lambda: iter([GaugeMetricFamily(f"streamvault_{name}", documentation, value=value())])
        )

    def gauges(self, name: str, documentation: str, *, label: str, values: Callable[[], Mapping[str, float]]) -> None:
        """Add a gauge whose `values` are read on request, one time series per value of `label`."""

        def collect() -> Iterator[Metric]:
            family = GaugeMetricFamily(f"streamvault_{name}", documentation, labels=[label])
            for value, number in values().items():
                family.add_metric([value], number)
            yield family

        self._callbacks.callbacks.append(collect)

    def value(self, name: str) -> int:
        """The value of a counter or gauge without labels."""
        return int(self.registry.get_sample_value(f"streamvault_{name}") or 0)

    @property
    def bytes_sent(self) -> int:
        """Body bytes sent to viewers, of all tiers."""
        samples = (sample for metric in self.bytes_total.collect() for sample in metric.samples)
        return int(sum(sample.value for sample in samples if sample.name.endswith("_total")))

    def first_byte(self, seconds: float) -> None:
        """Observe the seconds to a stream's first byte."""
        self.first_byte_seconds.observe(seconds)
        self.first_bytes.add(seconds)

"""The Prometheus metrics of one process, in a registry of their own; names as users' dashboards know them."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """One object per server, so that two servers in one process (tests, the demo) never mix their figures."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
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

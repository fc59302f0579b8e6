"""Metrics read by callbacks, and quantiles of the latest values."""

from prometheus_client import generate_latest

from streamvault.metrics import Metrics, Recent


def test_quantiles_are_those_of_the_latest_values() -> None:
    recent = Recent(size=100)
    assert recent.quantiles() == (None, None)
    for value in range(1000):
        recent.add(float(value))
    assert recent.quantiles() == (950.0, 995.0)


def test_callbacks_are_read_when_metrics_are_requested() -> None:
    metrics, counts = Metrics(), {"memory": 1.0, "disk": 2.0}
    metrics.count("cells", "Cells", label="tier", values=lambda: counts)
    metrics.gauge("waiting", "Waiting", lambda: 7)
    counts["memory"] = 5.0
    text = generate_latest(metrics.registry).decode()
    assert 'streamvault_cells_total{tier="memory"} 5.0' in text
    assert 'streamvault_cells_total{tier="disk"} 2.0' in text
    assert "streamvault_waiting 7.0" in text


def test_a_first_byte_is_counted_in_both_ways() -> None:
    metrics = Metrics()
    metrics.first_byte(0.3)
    assert metrics.first_bytes.quantiles() == (0.3, 0.3)
    assert metrics.registry.get_sample_value("streamvault_first_byte_seconds_count") == 1

"""Metrics of the services."""

from prometheus_client import generate_latest

from streamvault.metrics import Metrics
from streamvault.server.figures import measured_slots


async def test_slots_for_playback_are_measured() -> None:
    metrics = Metrics()
    slots = measured_slots(3, metrics)
    async with slots.turn("a"):
        held = generate_latest(metrics.registry).decode()
    text = generate_latest(metrics.registry).decode()
    assert slots.count == 3
    assert "streamvault_playback_slots_used 1.0" in held
    assert "streamvault_playback_slots_used 0.0" in text
    assert 'streamvault_playback_seconds_count{stage="queue"} 1.0' in text
    assert 'streamvault_playback_seconds_count{stage="job"} 1.0' in text

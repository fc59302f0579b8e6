"""Metrics of the services."""

from pathlib import Path

import pytest
from prometheus_client import generate_latest

from streamvault.access.usage_sqlite import SqliteUsage
from streamvault.errors import CatalogError
from streamvault.leech.model import Job, State
from streamvault.leech.traffic import Traffic
from streamvault.metrics import Metrics
from streamvault.server.figures import JobFigures, measured_slots
from tests.support.job_store import MemoryJobs


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


async def test_jobs_of_workers_elsewhere_are_counted(tmp_path: Path) -> None:
    metrics, jobs = Metrics(), MemoryJobs()
    async with SqliteUsage(tmp_path / "catalog.db") as totals:
        figures = JobFigures(jobs, totals, metrics)
        assert "streamvault_jobs{" not in generate_latest(metrics.registry).decode()
        for number, state in enumerate((State.DONE, State.DONE, State.PAUSED)):
            await jobs.add(Job(f"{number:016x}", "https://example.org/", -1001, 1.0, state=state))
        for _ in range(2):  # two workers, or one that was started again
            traffic = Traffic()
            traffic.downloaded(700)
            traffic.uploaded(500)
            await traffic.store(totals)
            await traffic.store(totals)
        await figures.refresh()
        text = generate_latest(metrics.registry).decode()
        jobs.failing = True
        await figures.refresh()
        assert generate_latest(metrics.registry).decode() == text, "what was known before"
    for line in (
        'streamvault_jobs{state="done"} 2.0', 'streamvault_jobs{state="paused"} 1.0',
        'streamvault_jobs{state="transferring"} 0.0', 'streamvault_job_bytes_total{direction="download"} 1400.0',
        'streamvault_job_bytes_total{direction="upload"} 1000.0',
    ):  # fmt: skip
        assert line in text


async def test_what_the_database_did_not_take_is_counted_later(tmp_path: Path) -> None:
    traffic = Traffic()
    traffic.uploaded(5)
    async with SqliteUsage(tmp_path / "catalog.db") as totals:
        pass
    with pytest.raises(CatalogError):
        await traffic.store(totals)
    traffic.uploaded(2)
    async with SqliteUsage(tmp_path / "catalog.db") as totals:
        await traffic.store(totals)
        assert await totals.add("leech_bytes", 0, {"upload": 0}) == {"upload": 7}

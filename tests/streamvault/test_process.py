"""Settings and measurements of the process."""

import asyncio
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Histogram

from streamvault import process
from streamvault.process import watch_loop
from tests.support.waiting import until


def test_the_limit_of_open_files_is_raised_to_the_hard_limit() -> None:
    program = (
        "import resource as r; from streamvault.process import raise_open_files\n"
        "hard = min(r.getrlimit(r.RLIMIT_NOFILE)[1], 4096)\n"
        "r.setrlimit(r.RLIMIT_NOFILE, (hard // 2, hard)); raise_open_files()\n"
        "assert r.getrlimit(r.RLIMIT_NOFILE) == (hard, hard)\n"
    )
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert subprocess.run([sys.executable, "-c", program], timeout=30).returncode == 0
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before


def test_a_blocked_event_loop_is_measured() -> None:
    registry = CollectorRegistry()
    lag = Histogram("lag", "test", buckets=(0.05, 0.15, 10), registry=registry)
    asyncio.run(_hold_up(registry, lag))  # a loop with the machine's clock
    assert registry.get_sample_value("lag_bucket", {"le": "0.15"}) == 0


async def _hold_up(registry: CollectorRegistry, lag: Histogram) -> None:
    watching = asyncio.create_task(watch_loop(lag))
    await asyncio.sleep(0)
    time.sleep(0.3)  # noqa: ASYNC251  the loop is blocked on purpose
    await until(lambda: registry.get_sample_value("lag_count"))
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_memory_is_given_back_when_there_is_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "IDLE", 0.005)
    gone = 256 << 20
    crowd = [bytes(128 << 10) for _ in range(gone >> 17)]
    survivor = bytes(100)  # a small block above them keeps the heap from shrinking by itself
    before = resident()
    crowd.clear()
    done = [1]
    giving = asyncio.create_task(process.give_memory_back(lambda: done[0]))
    await asyncio.sleep(0)
    done[0] = 2
    await until(lambda: resident() < before - gone // 2)
    giving.cancel()
    await asyncio.gather(giving, return_exceptions=True)
    assert survivor


def resident() -> int:
    """The resident bytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

"""What the process sets and watches about itself."""

import asyncio
import resource
import subprocess
import sys
import time

from prometheus_client import CollectorRegistry, Histogram

from streamvault.process import watch_loop
from tests.support.waiting import until


def test_as_many_files_may_be_open_as_the_system_allows() -> None:
    program = (
        "import resource as r; from streamvault.process import raise_open_files\n"
        "hard = min(r.getrlimit(r.RLIMIT_NOFILE)[1], 4096)\n"
        "r.setrlimit(r.RLIMIT_NOFILE, (hard // 2, hard)); raise_open_files()\n"
        "assert r.getrlimit(r.RLIMIT_NOFILE) == (hard, hard)\n"
    )
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert subprocess.run([sys.executable, "-c", program], timeout=30).returncode == 0
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before


async def test_a_loop_that_is_held_up_is_noticed() -> None:
    registry = CollectorRegistry()
    lag = Histogram("lag", "test", buckets=(0.05, 0.15, 10), registry=registry)
    watching = asyncio.create_task(watch_loop(lag))
    await asyncio.sleep(0)
    time.sleep(0.3)  # noqa: ASYNC251  the loop is held up on purpose
    await until(lambda: registry.get_sample_value("lag_count"))
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert registry.get_sample_value("lag_bucket", {"le": "0.15"}) == 0
    assert registry.get_sample_value("lag_bucket", {"le": "10.0"}) == 1

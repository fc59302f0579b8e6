"""Checks the free space of DATA_DIR's disk while the server runs, and reports to /readyz and the log."""

import asyncio
import logging
from pathlib import Path

from streamvault.health.conditions import Cause
from streamvault.health.readiness import Readiness
from streamvault.reading.cache.space import DiskSpace, space_of

log = logging.getLogger(__name__)

CHECK_EVERY = 10.0
"""Seconds between two checks."""

_ELSE = "or new posts and sessions cannot be stored"


async def watch_disk(data_dir: Path, readiness: Readiness) -> None:
    """Check until cancelled whether the reserve of the disk (reading/cache/space) is free."""
    while True:
        try:
            space = await asyncio.to_thread(space_of, data_dir)
        except OSError as error:
            log.info("the free space of %s is not known: %s", data_dir, error)
        else:
            _report(data_dir, space, readiness)
        await asyncio.sleep(CHECK_EVERY)


def _report(data_dir: Path, space: DiskSpace, readiness: Readiness) -> None:
    """Full when half of the reserve is used, until all of it is free again."""
    conditions = readiness.conditions
    if space.free < space.reserve // 2:
        detail = f"the disk of {data_dir} is almost full, {space.free >> 20} MiB are free: make room there, {_ELSE}"
        conditions.begin("disk", Cause(f"the disk of DATA_DIR is almost full: make room there, {_ELSE}", detail))
    elif space.spare >= 0:
        conditions.end("disk")

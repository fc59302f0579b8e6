"""Checks the free space of DATA_DIR's disk while the server runs, and reports to /readyz and the log."""

import asyncio
import logging
from pathlib import Path

from streamvault.http.middleware.readiness import Readiness
from streamvault.reading.cache.space import DiskSpace, space_of

log = logging.getLogger(__name__)

CHECK_EVERY = 10.0
"""Seconds between two checks."""


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
    """One line when the reserve is used, one when it is free again; half of it used is no state yet."""
    full = "disk" in readiness.degraded
    if not full and space.free < space.reserve // 2:
        log.warning(
            "the disk of %s is almost full, %d MiB are free: make room there, or the catalog and the sessions cannot "
            "be stored", data_dir, space.free >> 20,
        )  # fmt: skip
        readiness.set_degraded("disk", away=True)
    elif full and space.spare >= 0:
        log.warning("the disk of %s has room again: %d MiB are free", data_dir, space.free >> 20)
        readiness.set_degraded("disk", away=False)

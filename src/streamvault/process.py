"""What the process sets and watches about itself: open files, garbage, how late its event loop runs."""

import asyncio
import gc
import logging
import resource
from typing import Any

log = logging.getLogger(__name__)

BEAT = 0.05
"""Seconds between two looks at the loop's lateness."""


def raise_open_files() -> None:
    """Allow as many open files as the system lets us: each viewer is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == hard:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError) as error:
        log.warning("no more than %d files can be open at once: %s", soft, error)


def freeze_garbage() -> None:
    """Leave what was loaded so far out of every later garbage collection: walking through the hundred thousand objects
    of Kurigram's schema holds the event loop up for a tenth of a second.
    """
    gc.collect()
    gc.freeze()


async def watch_loop(lag: Any) -> None:
    """Tell `lag` (a histogram) how many seconds late the loop wakes a sleeper; until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + BEAT
        await asyncio.sleep(BEAT)
        lag.observe(max(0.0, loop.time() - due))

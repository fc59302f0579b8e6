"""What the process sets and watches about itself: open files, garbage, memory, how late its event loop runs."""

import asyncio
import ctypes
import gc
import logging
import resource
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)

BEAT = 0.05
"""Seconds between two looks at the loop's lateness."""

QUIET = 5.0
"""Seconds without progress after which memory is given back; longer than a viewer's pause counts as one."""


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


async def give_memory_back(progress: Callable[[], int]) -> None:
    """Return freed memory to the system once `progress`, a count of work done, stands still; until cancelled.

    glibc by itself keeps what a crowd of viewers has needed, for as long as anything small lies behind it. Elsewhere
    this does nothing.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    seen = trimmed = progress()
    while True:
        await asyncio.sleep(QUIET)
        before, seen = seen, progress()
        if trim is not None and before == seen != trimmed:
            trimmed = seen
            await asyncio.to_thread(trim, 0)


async def watch_loop(lag: Any) -> None:
    """Tell `lag` (a histogram) how many seconds late the loop wakes a sleeper; until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + BEAT
        await asyncio.sleep(BEAT)
        lag.observe(max(0.0, loop.time() - due))

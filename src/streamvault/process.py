"""Settings and measurements of the process: open files, garbage collection, memory, delay of the event loop."""

import asyncio
import ctypes
import gc
import logging
import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

log = logging.getLogger(__name__)

INTERVAL = 0.05
"""Seconds between two measurements of the loop's delay."""

_PR_SET_PDEATHSIG = 1
IDLE = 5.0
"""Seconds without progress after which memory is given back to the system."""


def raise_open_files() -> None:
    """Raise the limit of open files as far as the system allows: each viewer needs one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == hard:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError) as error:
        log.warning("no more than %d files can be open at once: %s", soft, error)


@contextmanager
def ending_by_signals(stop: asyncio.Event) -> Iterator[None]:
    """Within the context, SIGTERM and SIGINT set `stop`."""
    loop = asyncio.get_running_loop()
    handled: list[signal.Signals] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(ValueError, RuntimeError, NotImplementedError):  # not in the main thread, as in tests
            loop.add_signal_handler(number, stop.set)
            handled.append(number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)


@contextmanager
def importing() -> Iterator[None]:
    """No garbage collection in this context, in which modules are imported: that takes a fifth less time. What is there
    at its end is excluded from later ones.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


def end_with_parent(parent: int) -> None:
    """Have Linux send SIGTERM to this process when `parent`, the process that started it, ends in whatever way."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the kernel was told
        os.kill(os.getpid(), signal.SIGTERM)


def freeze_garbage() -> None:
    """Exclude the present objects from later garbage collections: traversing the hundred thousand objects of Kurigram's
    schema blocks the event loop for a tenth of a second.
    """
    gc.collect()
    gc.freeze()


async def give_memory_back(progress: Callable[[], int]) -> None:
    """Return freed memory to the system when `progress`, a count of work done, does not change; until cancelled.

    glibc keeps freed memory as long as a small block is in use above it. With another C library this does nothing.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    seen = trimmed = progress()
    while True:
        await asyncio.sleep(IDLE)
        before, seen = seen, progress()
        if trim is not None and before == seen != trimmed:
            trimmed = seen
            await asyncio.to_thread(trim, 0)


async def watch_loop(lag: Any) -> None:
    """Observe in `lag` (a histogram) how many seconds late the event loop resumes a sleeping task; until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + INTERVAL
        await asyncio.sleep(INTERVAL)
        lag.observe(max(0.0, loop.time() - due))

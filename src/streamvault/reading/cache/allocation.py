"""The one place that configures the memory allocator: freed cells are reused while somebody reads, returned afterwards.

glibc is limited to one arena, and its freed memory goes back to the system only when nobody reads. Changes here affect
rows 1, 5, 7 and 10 of the benchmark (benchmarks/streaming); measure them together.
"""

import ctypes
from functools import cache

BLOCK = 8 * 1024 * 1024
_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h


@cache
def keep_freed_memory() -> None:
    """Make glibc's allocator keep some MiB of freed memory, in one arena for all threads; no effect with another libc.

    A cell is just above glibc's initial mmap threshold, so each would be mapped, zeroed by the kernel and unmapped,
    which makes reading cells three to five times as slow. glibc raises that threshold and its trim threshold when a
    larger block is freed, hence the block that is allocated and freed here, once: its pages are not touched then, while
    those of another one, which would come from the heap, are filled with zeros.

    With an arena per thread, each thread that reads cells from disk would keep free memory of its own: with 200 viewers
    a quarter of the server's memory.
    """
    _call("mallopt", _ARENA_MAX, 1)
    block = bytes(BLOCK)
    del block


def give_back_memory() -> None:
    """Make glibc's allocator return all unused pages to the system; no effect with another libc.

    By itself glibc returns only the end of its heap, so one small block there keeps tens of MiB. The call takes some
    milliseconds.
    """
    _call("malloc_trim", 0)


def _call(name: str, *arguments: int) -> None:
    function = getattr(ctypes.CDLL(None), name, None)
    if function is not None:
        function(*arguments)

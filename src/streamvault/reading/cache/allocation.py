"""Memory of cells is used again while somebody reads, and given back to the system when nobody does."""

import ctypes

BLOCK = 8 * 1024 * 1024
_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h


def keep_freed_memory() -> None:
    """Have glibc's allocator keep some MiB that were freed, in one place for all threads; elsewhere this does nothing.

    A cell is just large enough that it would get pages of its own and lose them at the end, and the system would
    clear each of them: reading cells takes three to five times as long then. glibc itself takes larger blocks, and
    larger amounts of free memory, for normal once a larger block has been freed. This one is never touched.

    Each thread that reads cells from disk would keep free memory of its own: with 200 viewers a quarter of the server.
    """
    _call("mallopt", _ARENA_MAX, 1)
    block = bytes(BLOCK)
    del block


def give_back_memory() -> None:
    """Have glibc's allocator give back all pages on which nothing lies; elsewhere this does nothing.

    By itself it gives back no more than the end of its heap, so that one small block up there keeps tens of MiB.
    It takes some milliseconds.
    """
    _call("malloc_trim", 0)


def _call(name: str, *arguments: int) -> None:
    function = getattr(ctypes.CDLL(None), name, None)
    if function is not None:
        function(*arguments)

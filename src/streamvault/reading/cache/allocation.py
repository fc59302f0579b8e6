"""Memory of cells is used again while somebody reads, and given back to the system when nobody does."""

import ctypes

BLOCK = 8 * 1024 * 1024


def keep_freed_memory() -> None:
    """Have glibc's allocator keep some MiB that were freed; elsewhere this does nothing.

    A cell is just large enough that it would get pages of its own and lose them at the end, and the system would
    clear each of them: reading cells takes three to five times as long then. glibc itself takes larger blocks, and
    larger amounts of free memory, for normal once a larger block has been freed. This one is never touched.
    """
    block = bytes(BLOCK)
    del block


def give_back_memory() -> None:
    """Have glibc's allocator give back all pages on which nothing lies; elsewhere this does nothing.

    By itself it gives back no more than the end of its heap, so that one small block up there keeps tens of MiB.
    It takes some milliseconds.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)

"""When Ctrl-C raises KeyboardInterrupt: during a command's own work, and not while modules are loaded."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def raised_interrupts() -> Iterator[None]:
    """SIGINT raises KeyboardInterrupt within the block, unless it is ignored, or handled otherwise, already."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

"""The child process that reads names: `python -m streamvault.indexing.naming.program`, a line of JSON each way.

It takes only the processor time that nobody else wants, and its own end is nobody's trouble: a name that takes more
than SECONDS of it ends the process, and whoever reads the pipe sees that.
"""

import contextlib
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from streamvault.indexing.naming.protocol import READY, answer, asked
from streamvault.media.model import Kind
from streamvault.media.name_facts import NameFacts

SECONDS = 2.0
"""Of processor time for a name; waiting for a busy processor does not count."""
MEMORY = 1 << 30
"""Bytes of address space; beyond, reading a name fails."""


def main() -> None:
    """Read batches until standard input ends."""
    limit_resources()
    from streamvault.indexing.naming.parser import read_name  # after the process has stepped back: it takes a while

    read_name("Warming.Up.S01E01.1080p.mkv", "document")  # makes the rules
    serve(read_name)


def serve(read: Callable[[str, Kind], NameFacts], *, seconds: float = SECONDS) -> None:
    """Answer each batch with what `read` tells of its names, each within `seconds` of processor time."""
    output = sys.stdout.buffer
    output.write(READY)
    output.flush()
    for line in sys.stdin.buffer:
        facts = []
        for name, kind in asked(line):
            signal.setitimer(signal.ITIMER_PROF, seconds)
            facts.append(read(name, kind))
        signal.setitimer(signal.ITIMER_PROF, 0)
        output.write(answer(facts))
        output.flush()


def limit_resources() -> None:
    """Last in the queue for the processor, first to go when memory runs out."""
    os.nice(19)  # counts only within a session where the kernel groups by session, so we stay in the server's
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us in its own time
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # the kernel ends the process even in the middle of a regular expression
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


if __name__ == "__main__":
    main()

"""The child process that reads names: `python -m streamvault.indexing.naming.program`, a line of JSON each way.

It takes only the processor time that nobody else wants, and its own end is nobody's trouble: a name that takes more
than SECONDS of it ends the process, and whoever reads the pipe sees that.
"""

import contextlib
import os
import resource
import signal
import sys
from pathlib import Path

SECONDS = 2.0
"""Of processor time for a name; waiting for a busy processor does not count."""
MEMORY = 1 << 30
"""Bytes of address space; beyond, reading a name fails."""


def main() -> None:
    """Read batches until standard input ends."""
    _be_modest()
    from streamvault.indexing.naming import protocol  # after the process has stepped back: importing takes a while
    from streamvault.indexing.naming.parser import read_name

    read_name("Warming.Up.S01E01.1080p.mkv", "document")  # makes the rules
    output = sys.stdout.buffer
    output.write(protocol.READY)
    output.flush()
    for line in sys.stdin.buffer:
        facts = []
        for name, kind in protocol.asked(line):
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            facts.append(read_name(name, kind))
        signal.setitimer(signal.ITIMER_PROF, 0)
        output.write(protocol.answer(facts))
        output.flush()


def _be_modest() -> None:
    """Last in the queue for the processor, first to go when memory runs out."""
    os.nice(19)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # the kernel ends the process even in the middle of a regular expression
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


if __name__ == "__main__":
    main()

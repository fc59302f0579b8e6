"""The child process that parses names: `python -m streamvault.indexing.naming.program`, a line of JSON each way.

It runs at the lowest priority. A name that takes more than SECONDS of processor time ends the process, which the server
sees at its pipe.
"""

import contextlib
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from streamvault.indexing.naming.protocol import READY, decode_names, encode_facts
from streamvault.media.model import Kind
from streamvault.media.name_facts import NameFacts

SECONDS = 2.0
"""Processor time for one name; waiting for a busy processor does not count."""
MEMORY = 1 << 30
"""Bytes of address space; parsing a name that needs more fails."""


def main() -> None:
    """Read batches until standard input ends."""
    limit_resources()
    from streamvault.indexing.naming.parser import read_name  # slow to import, so after the priority was lowered

    read_name("Warming.Up.S01E01.1080p.mkv", "document")  # builds guessit's rules
    serve(read_name)


def serve(read: Callable[[str, Kind], NameFacts], *, seconds: float = SECONDS) -> None:
    """Answer each batch with the facts of its names, each within `seconds` of processor time."""
    output = sys.stdout.buffer
    output.write(READY)
    output.flush()
    for line in sys.stdin.buffer:
        facts = []
        for name, kind in decode_names(line):
            signal.setitimer(signal.ITIMER_PROF, seconds)
            facts.append(read(name, kind))
        signal.setitimer(signal.ITIMER_PROF, 0)
        output.write(encode_facts(facts))
        output.flush()


def limit_resources() -> None:
    """Lower the priority, limit memory, and be the first process that is killed when the machine runs out of memory."""
    os.nice(19)  # with autogroups it counts only within a session, so this process stays in the server's
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C the server ends this process itself
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # handled by the kernel, so it works in the middle of a regular expression, too
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


if __name__ == "__main__":
    main()

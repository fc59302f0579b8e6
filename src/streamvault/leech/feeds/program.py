"""The child process that parses one feed: `python -m streamvault.leech.feeds.program`.

It reads a line of JSON, {"type": Content-Type, "cut": bool}, and then the document up to the end of its input; it
writes one line of JSON, see `apart`. Processor time and memory are limited: a document that needs more ends
the process.
"""

import contextlib
import json
import os
import resource
import signal
import sys
from dataclasses import asdict
from pathlib import Path

SECONDS = 20.0
"""Processor time for one document."""
MEMORY = 768 << 20
"""Bytes of address space."""
LONGEST = 8 << 20
"""Bytes of the answer; items that do not fit are left out at the end."""


def main() -> None:
    """Parse one document."""
    _limit_resources()
    from streamvault.leech.feeds.parsing import NotAFeed, parse_feed

    told = json.loads(sys.stdin.buffer.readline())
    try:
        parsed = parse_feed(sys.stdin.buffer.read(), told["type"], cut=told["cut"])
    except NotAFeed as error:
        answer: dict[str, object] = {"error": str(error)}
    else:
        answer = {"title": parsed.title, "whole": parsed.whole, "items": []}
        items, size = [], 0
        for item in parsed.items:
            size += len(json.dumps(asdict(item)))
            if size > LONGEST - 100_000:
                answer["whole"] = False
                break
            items.append(asdict(item))
        answer["items"] = items
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


def _limit_resources() -> None:
    os.nice(10)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C the parent ends this process itself
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # handled by the kernel, also within a regular expression
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


if __name__ == "__main__":
    main()

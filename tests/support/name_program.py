"""A name reader for tests: names that say so end it, stall it, or make it say too much; others are read as they are.

It has the priority of the tests, so that a busy machine does not keep them waiting for it.
"""

import os
import re
import signal
import time

from streamvault.indexing.naming.program import limit_resources, serve
from streamvault.indexing.naming.protocol import VERSION
from streamvault.media.model import Kind
from streamvault.media.name_facts import NameFacts

SECONDS = 0.1


def read(name: str, kind: Kind) -> NameFacts:
    """The name as the title."""
    match name:
        case "bomb":
            re.fullmatch("(a+)+", "a" * 60 + "b")
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "leave":
            os._exit(3)
        case "sleep":
            time.sleep(600)
        case "flood":
            return NameFacts(VERSION, title="a" * (2 << 20))
    return NameFacts(VERSION, title=name)


if __name__ == "__main__":
    os.nice = lambda increment: increment
    limit_resources()
    serve(read, seconds=SECONDS)

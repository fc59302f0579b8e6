"""Ports that nobody else takes meanwhile."""

import itertools
import os
import random
import socket

_FIRST, _COUNT, _PROCESSES = 10_240, 2_000, 10
"""Below the ports that the kernel gives out by itself (from 32,768 on); each process of a test run has its own."""

_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _PROCESSES
_numbers = itertools.count(random.SystemRandom().randrange(_COUNT))


def free_port() -> int:
    """A port of loopback that nobody uses now, and that no other test asks for soon."""
    while True:
        port = _FIRST + _worker * _COUNT + next(_numbers) % _COUNT
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port

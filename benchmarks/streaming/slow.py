"""Slow connections: clients that never finish their request, beside viewers at a player's pace."""

import contextlib
import multiprocessing
import resource
import socket
import time
from collections.abc import Iterator
from multiprocessing.synchronize import Event

from benchmarks.streaming.options import MIB, Options
from benchmarks.streaming.process import rss
from benchmarks.streaming.table import Line, Target
from benchmarks.streaming.testbed import Address, open_testbed
from benchmarks.streaming.viewer import Plan
from benchmarks.streaming.viewers import Viewers

_VIEWERS, _RATE = 50, 500_000
_BEGIN, _MORE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"X-More: 1\r\n"
_ARRIVING = 3.0  # seconds in which the viewers come


@contextlib.contextmanager
def slow_connections(address: Address, count: int) -> Iterator[None]:
    """`count` clients that send a header field a second for ever, and come again whenever they are cut off."""
    # a process of its own: a thread here would delay the requests that are measured
    context = multiprocessing.get_context("spawn")
    over = context.Event()
    process = context.Process(target=_send_slowly, args=(address, count, over))
    process.start()
    try:
        yield
    finally:
        over.set()
        process.join()


def _send_slowly(address: Address, count: int, over: Event) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    clients: list[socket.socket | None] = [None] * count
    while not over.is_set():
        began = time.monotonic()
        for number, client in enumerate(clients):
            clients[number] = _go_on(client, address)
        over.wait(max(0.0, began + 1.0 - time.monotonic()))
    for client in clients:
        if client is not None:
            client.close()


def _go_on(client: socket.socket | None, address: Address) -> socket.socket | None:
    try:
        if client is None:
            client = socket.create_connection(address, timeout=1)
            client.setblocking(False)
            client.send(_BEGIN)
        else:
            client.send(_MORE)
    except OSError:
        if client is not None:
            client.close()
        return None
    return client


def slow(options: Options) -> list[Line]:
    """Row 13: clients that send a request for ever harm nobody."""
    count, seconds = options.scaled(2000, 400), options.scaled(30, 10)
    name = f"13 {_VIEWERS} viewers at 500 kB/s beside {count} connections that never finish a request"
    behind = Line(f"{name}: furthest behind", "s", Target("<=", 2.0, worst=True))
    memory = Line("13 memory that these connections cost", "MiB", Target("<=", 64.0, worst=True))
    health = Line("13 the slowest /healthz of one a tenth of a second", "ms", Target("<=", 100.0))
    for _ in range(options.runs):
        with open_testbed() as testbed:
            films = [testbed.film(64 * MIB) for _ in range(_VIEWERS)]
            plans = [
                Plan(film.path, rate=_RATE, wait=_ARRIVING * number / _VIEWERS, seed=film.seed, verify=True)
                for number, film in enumerate(films)
            ]
            viewers = Viewers(testbed.server.address, plans)
            time.sleep(_ARRIVING + seconds / 3)
            before = rss(testbed.server.pid)
            with slow_connections(testbed.server.address, count):
                slowest, peak = 0.0, before
                ends = time.monotonic() + seconds
                while time.monotonic() < ends:
                    began = time.monotonic()
                    testbed.server.get("/healthz")
                    slowest = max(slowest, time.monotonic() - began)
                    peak = max(peak, rss(testbed.server.pid))
                    time.sleep(0.1)
            report = viewers.stop()
        behind.add(max(seen.behind for seen in report.viewers))
        memory.add((peak - before) / MIB)
        health.add(slowest * 1e3)
        if not report.exact or any(seen.ended == "refused" for seen in report.viewers):
            behind.fail("a viewer was refused, cut off or got wrong bytes")
    return [behind, memory, health]

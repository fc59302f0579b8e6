"""Cold single streams: against the bare library, with latency, and with limited bandwidth per connection."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.emulator import crypto_rate
from benchmarks.streaming.baseline import Baseline
from benchmarks.streaming.options import MB, MIB, Options
from benchmarks.streaming.process import cpu_seconds
from benchmarks.streaming.table import Line, Target
from benchmarks.streaming.testbed import Film, Testbed, open_testbed
from benchmarks.streaming.viewer import Plan
from benchmarks.streaming.viewers import watch

POOLS = ((4, 4), (2, 8))
"""Shapes of the bare pool, of which the fastest counts: connections, requests in flight on each."""

LATENCY = 0.04
CAP = 3 * MB
_LONGEST = 15.0
_REST = 1.0  # seconds after a stream in which the disk cache is written


def no_latency(options: Options) -> list[Line]:
    """Row 1: no latency, so that the processor is the limit."""
    ratio = Line("1 cold single stream, no latency: share of the best bare pool", "", Target(">=", 0.85))
    rate = Line("1 its rate", "MB/s")
    pool = Line("1 the best bare pool, no HTTP", "MB/s")
    limit = Line("1 AES-IGE + SHA-256 in one thread", "MB/s")
    cpu = Line("1 CPU of the server per GB", "s", Target("<=", 6.0))
    emulator = Line("1 CPU of the emulator per GB", "s")
    size, short = options.scaled(256, 64) * MIB, options.scaled(128, 32) * MIB
    with open_testbed() as testbed, Baseline(testbed) as baseline:
        _best_pool(baseline, testbed.film(32 * MIB))  # opens the connections
        for _ in range(options.runs):
            film = testbed.film(size)
            before = cpu_seconds(testbed.telegram["pid"])
            ours, spent = _stream(testbed, film)
            emulator.add((cpu_seconds(testbed.telegram["pid"]) - before) / (size / 1e9))
            sequential = baseline.read(film, length=short).rate / MB
            best = _best_pool(baseline, film)
            rate.add(ours, sequential=sequential)
            pool.add(best, sequential=sequential)
            ratio.add(ours / best)
            cpu.add(spent)
            limit.add(crypto_rate() * MIB / MB)
    return [ratio, rate, pool, limit, cpu, emulator]


def _best_pool(baseline: Baseline, film: Film, *, length: int | None = None) -> float:
    """MB/s of the bare pool with the better of POOLS."""
    return (
        max(baseline.read(film, length=length, connections=count, in_flight=depth).rate for count, depth in POOLS) / MB
    )


def latency(options: Options) -> list[Line]:
    """Row 2: 40 ms one way, which a sequential reader waits for with every request."""
    ratio = Line("2 cold single stream, 40 ms one way: times the sequential reader", "", Target(">=", 10.0))
    rate = Line("2 its rate", "MB/s")
    pool = Line("2 the best bare pool, no HTTP", "MB/s")
    with _remote(None) as (testbed, baseline):
        for _ in range(options.runs):
            film = testbed.film(options.scaled(256, 96) * MIB)
            ours, _ = _stream(testbed, film)
            sequential = baseline.read(film, length=options.scaled(32, 12) * MIB).rate / MB
            rate.add(ours, sequential=sequential)
            ratio.add(ours / sequential)
            pool.add(_best_pool(baseline, film, length=options.scaled(96, 48) * MIB), sequential=sequential)
    return [ratio, rate, pool]


def bandwidth(options: Options) -> list[Line]:
    """Row 3: limited bandwidth per connection, so that only several connections use all of it."""
    share = Line("3 cold, 40 ms one way, 3 MB/s per connection: share of 4 connections", "", Target(">=", 0.9))
    rate = Line("3 its rate", "MB/s")
    pool = Line("3 the bare pool with 4 connections, no HTTP", "MB/s")
    with _remote(CAP) as (testbed, baseline):
        for _ in range(options.runs):
            film = testbed.film(options.scaled(128, 48) * MIB)
            ours, _ = _stream(testbed, film)
            sequential = baseline.read(film, length=options.scaled(12, 4) * MIB).rate / MB
            best = baseline.read(film, length=options.scaled(64, 32) * MIB, connections=4, in_flight=4).rate / MB
            rate.add(ours, sequential=sequential)
            pool.add(best, sequential=sequential)
            share.add(ours * MB / (4 * CAP))
    return [share, rate, pool]


@contextmanager
def _remote(bandwidth: float | None) -> Iterator[tuple[Testbed, Baseline]]:
    """Open connections, then latency and a limit of bytes/s per connection."""
    with open_testbed({"CONNECTIONS_PER_DC": "4"}) as testbed, Baseline(testbed) as baseline:
        _best_pool(baseline, testbed.film(32 * MIB))  # opens the connections
        with testbed.control.shaped(latency=LATENCY, bandwidth=bandwidth):
            yield testbed, baseline


def _stream(testbed: Testbed, film: Film) -> tuple[float, float]:
    """MB/s of one stream, from connecting to the end or for _LONGEST seconds; the server's CPU seconds per GB of it."""
    before = cpu_seconds(testbed.server.pid)
    [result] = watch(testbed.server.address, [Plan(film.path)], seconds=_LONGEST).viewers
    time.sleep(_REST)
    if result.ended not in ("whole", "running"):
        raise RuntimeError(f"the stream ended {result.ended} after {result.received} bytes")
    spent = cpu_seconds(testbed.server.pid) - before
    return result.received / result.seconds / MB, spent / (result.received / 1e9)

"""Cold single streams: the engine against the bare library, against latency, and on capped connections."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.emulator import crypto_rate
from benchmarks.streaming.bare import Rival
from benchmarks.streaming.crowd import watch
from benchmarks.streaming.options import MB, MIB, Options
from benchmarks.streaming.process import cpu_seconds
from benchmarks.streaming.stage import Film, Stage, staged
from benchmarks.streaming.table import Line, Target
from benchmarks.streaming.viewer import Wish

POOLS = ((4, 4), (2, 8))
"""Shapes of the bare pool, of which the fastest counts: connections, requests in flight on each."""

LATENCY = 0.04
CAP = 3 * MB
_LONGEST = 15.0
_REST = 1.0  # seconds after a stream that its cache may take to write


def no_latency(options: Options) -> list[Line]:
    """Row 1: as fast as the processor allows."""
    ratio = Line("1 cold single stream, no latency: share of the best bare pool", "", Target(">=", 0.85))
    rate = Line("1 its rate", "MB/s")
    pool = Line("1 the best bare pool, no HTTP", "MB/s")
    limit = Line("1 AES-IGE + SHA-256 in one thread", "MB/s")
    cpu = Line("1 CPU of the server per GB", "s", Target("<=", 6.0))
    emulator = Line("1 CPU of the emulator per GB", "s")
    size, short = options.scaled(256, 64) * MIB, options.scaled(128, 32) * MIB
    with staged() as stage, Rival(stage) as rival:
        _best_pool(rival, stage.film(32 * MIB))  # opens the connections
        for _ in range(options.runs):
            film = stage.film(size)
            before = cpu_seconds(stage.telegram["pid"])
            ours, spent = _stream(stage, film)
            emulator.add((cpu_seconds(stage.telegram["pid"]) - before) / (size / 1e9))
            sequential = rival.read(film, length=short).rate / MB
            best = _best_pool(rival, film)
            rate.add(ours, sequential=sequential)
            pool.add(best, sequential=sequential)
            ratio.add(ours / best)
            cpu.add(spent)
            limit.add(crypto_rate() * MIB / MB)
    return [ratio, rate, pool, limit, cpu, emulator]


def _best_pool(rival: Rival, film: Film, *, length: int | None = None) -> float:
    """MB/s of the bare pool in its best shape."""
    return max(rival.read(film, length=length, connections=lines, in_flight=depth).rate for lines, depth in POOLS) / MB


def far(options: Options) -> list[Line]:
    """Row 2: a long way to Telegram, which waiting for each answer makes longer."""
    ratio = Line("2 cold single stream, 40 ms one way: times the sequential reader", "", Target(">=", 10.0))
    rate = Line("2 its rate", "MB/s")
    pool = Line("2 the best bare pool, no HTTP", "MB/s")
    with _far(None) as (stage, rival):
        for _ in range(options.runs):
            film = stage.film(options.scaled(256, 96) * MIB)
            ours, _ = _stream(stage, film)
            sequential = rival.read(film, length=options.scaled(32, 12) * MIB).rate / MB
            rate.add(ours, sequential=sequential)
            ratio.add(ours / sequential)
            pool.add(_best_pool(rival, film, length=options.scaled(96, 48) * MIB), sequential=sequential)
    return [ratio, rate, pool]


def capped(options: Options) -> list[Line]:
    """Row 3: Telegram meters connections, so that only several of them fill a line."""
    share = Line("3 cold, 40 ms one way, 3 MB/s per connection: share of 4 connections", "", Target(">=", 0.9))
    rate = Line("3 its rate", "MB/s")
    pool = Line("3 the bare pool with 4 connections, no HTTP", "MB/s")
    with _far(CAP) as (stage, rival):
        for _ in range(options.runs):
            film = stage.film(options.scaled(128, 48) * MIB)
            ours, _ = _stream(stage, film)
            sequential = rival.read(film, length=options.scaled(12, 4) * MIB).rate / MB
            best = rival.read(film, length=options.scaled(64, 32) * MIB, connections=4, in_flight=4).rate / MB
            rate.add(ours, sequential=sequential)
            pool.add(best, sequential=sequential)
            share.add(ours * MB / (4 * CAP))
    return [share, rate, pool]


@contextmanager
def _far(bandwidth: float | None) -> Iterator[tuple[Stage, Rival]]:
    """Warm connections, then a long line."""
    with staged({"CONNECTIONS_PER_DC": "4"}) as stage, Rival(stage) as rival:
        _best_pool(rival, stage.film(32 * MIB))  # opens the connections
        with stage.control.shaped(latency=LATENCY, bandwidth=bandwidth):
            yield stage, rival


def _stream(stage: Stage, film: Film) -> tuple[float, float]:
    """MB/s of one stream, from connecting to the end or for _LONGEST seconds; the server's CPU seconds per GB of it."""
    before = cpu_seconds(stage.server.pid)
    [seen] = watch(stage.server.address, [Wish(film.path)], seconds=_LONGEST).viewers
    time.sleep(_REST)
    if seen.ended not in ("whole", "running"):
        raise RuntimeError(f"the stream ended {seen.ended} after {seen.received} bytes")
    spent = cpu_seconds(stage.server.pid) - before
    return seen.received / seen.seconds / MB, spent / (seen.received / 1e9)

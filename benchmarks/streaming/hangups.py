"""Viewers who hang up: no memory, stream, request or descriptor may remain."""

import time

from benchmarks.streaming.options import MIB, Options
from benchmarks.streaming.process import kept_files, rss
from benchmarks.streaming.table import Line, Target
from benchmarks.streaming.testbed import Testbed, open_testbed
from benchmarks.streaming.viewer import Plan
from benchmarks.streaming.viewers import watch

_READ = 256 << 10
_AT_ONCE = 8


def hangups(options: Options) -> list[Line]:
    """Row 10: open a range, read 256 KiB, close, two thousand times."""
    count = options.scaled(2000, 300)
    line = Line(f"10 {count} hang-ups after 256 KiB: memory gained", "MiB", Target("<=", 16.0, worst=True))
    left = Line("10 streams, requests and descriptors left", "", Target("<=", 0.0, worst=True))
    with open_testbed() as testbed:
        paths = [testbed.film(1000 * MIB).path for _ in range(4)]
        _hang_up(testbed, paths, count=count, first=0)  # the caches' tables grow until the caches are full
        for run in range(max(1, options.runs // 2)):
            testbed.settle(still=2.0)
            before, files = rss(testbed.server.pid), kept_files(testbed.server.pid)
            _hang_up(testbed, paths, count=count, first=(run + 1) * count)
            testbed.settle(still=2.0)
            line.add((rss(testbed.server.pid) - before) / MIB)
            left.add(_remaining(testbed, files))
    return [line, left]


def _hang_up(testbed: Testbed, paths: list[str], *, count: int, first: int) -> None:
    """Run `count` viewers at changing offsets of the files."""
    plans = [
        Plan(paths[number % len(paths)], start=number * 977_777 % (990 * MIB), leave=_READ)
        for number in range(first, first + count)
    ]
    report = watch(testbed.server.address, plans, at_once=_AT_ONCE)
    lost = sum(result.ended != "left" for result in report.viewers)
    if lost:
        raise RuntimeError(f"{lost} of {count} viewers did not get their bytes")


def _remaining(testbed: Testbed, files: int) -> float:
    """Streams, requests to Telegram and descriptors that remain after all viewers have hung up."""
    time.sleep(1.0)
    streams = testbed.server.metric("streamvault_streams_active") or 0.0
    requests = testbed.control.counted("getfile")
    time.sleep(1.0)
    requests = testbed.control.counted("getfile") - requests
    return streams + requests + max(0, kept_files(testbed.server.pid) - files)

"""Viewers who leave: nothing of them may stay behind."""

import time

from benchmarks.streaming.crowd import watch
from benchmarks.streaming.options import MIB, Options
from benchmarks.streaming.process import kept_files, rss
from benchmarks.streaming.stage import Stage, staged
from benchmarks.streaming.table import Line, Target
from benchmarks.streaming.viewer import Wish

_READ = 256 << 10
_AT_ONCE = 8


def hangups(options: Options) -> list[Line]:
    """Row 10: open a range, read a little, close, two thousand times."""
    count = options.scaled(2000, 300)
    line = Line(f"10 {count} hang-ups after 256 KiB: memory gained", "MiB", Target("<=", 16.0, worst=True))
    left = Line("10 streams, requests and descriptors left", "", Target("<=", 0.0, worst=True))
    with staged() as stage:
        paths = [stage.film(1000 * MIB).path for _ in range(4)]
        _leave(stage, paths, count=count, first=0)  # the tables of the caches grow as long as the caches fill
        for run in range(max(1, options.runs // 2)):
            stage.settle(still=2.0)
            before, files = rss(stage.server.pid), kept_files(stage.server.pid)
            _leave(stage, paths, count=count, first=(run + 1) * count)
            stage.settle(still=2.0)
            line.add((rss(stage.server.pid) - before) / MIB)
            left.add(_left(stage, files))
    return [line, left]


def _leave(stage: Stage, paths: list[str], *, count: int, first: int) -> None:
    """So many viewers, at places that run through the files."""
    wishes = [
        Wish(paths[number % len(paths)], start=number * 977_777 % (990 * MIB), leave=_READ)
        for number in range(first, first + count)
    ]
    report = watch(stage.server.address, wishes, at_once=_AT_ONCE)
    lost = sum(seen.ended != "left" for seen in report.viewers)
    if lost:
        raise RuntimeError(f"{lost} of {count} viewers did not get their bytes")


def _left(stage: Stage, files: int) -> float:
    """What is still there although everybody has left: streams, requests to Telegram, descriptors."""
    time.sleep(1.0)
    streams = stage.server.metric("streamvault_streams_active") or 0.0
    asked = stage.control.counted("getfile")
    time.sleep(1.0)
    asked = stage.control.counted("getfile") - asked
    return streams + asked + max(0, kept_files(stage.server.pid) - files)

"""Seeks: the time to the first byte at an offset that has not been read yet."""

import random

from benchmarks.streaming.baseline import Baseline
from benchmarks.streaming.cold import LATENCY
from benchmarks.streaming.options import MB, MIB, Options
from benchmarks.streaming.table import Line, Target, percentile
from benchmarks.streaming.testbed import Film, Testbed, open_testbed
from benchmarks.streaming.viewer import Plan
from benchmarks.streaming.viewers import Viewers, watch

ROUND_TRIP = 2 * LATENCY
_APART = 24 * MIB  # distance of two seeks, which no read-ahead covers
_OTHERS, _OTHERS_RATE = 8, 2 * MB
NARROW = 1 * MB
_BEFORE = 8  # seconds of reading before the seek


def seeks(options: Options) -> list[Line]:
    """Row 4: alone, and beside viewers that keep the connections busy."""
    count = options.scaled(60, 20)
    lines = []
    with open_testbed() as testbed, Baseline(testbed) as baseline:
        others = [testbed.film(options.scaled(1000, 200) * MIB) for _ in range(_OTHERS)]
        baseline.read(testbed.film(MIB))
        with testbed.control.shaped(latency=LATENCY):
            lines += _measured(testbed, baseline, "alone", options.runs, count)
            plans = [Plan(film.path, rate=_OTHERS_RATE) for film in others]
            viewers = Viewers(testbed.server.address, plans, seconds=900)
            lines += _measured(testbed, None, "while 8 others stream at 2 MB/s each", options.runs, count)
            report = viewers.stop()
    late = Line("4 the 8 others: furthest behind their schedule", "s")
    late.add(max(result.behind for result in report.viewers))
    if not report.exact:
        late.fail("some of them were cut off")
    return [*lines, late]


def narrow(options: Options) -> list[Line]:
    """Row 4b: a seek after reading at full speed over slow connections, behind the requests that are under way."""
    first = Line("4b first byte of a seek in a full-speed stream, 1 MB/s a connection", "s")
    rate = Line("4b its rate before, share of 4 connections", "")
    with (
        open_testbed({"CONNECTIONS_PER_DC": "4"}) as testbed,
        Baseline(testbed) as baseline,
        testbed.control.shaped(latency=LATENCY, bandwidth=NARROW),
    ):
        for run in range(options.runs):
            film = testbed.film(400 * MIB)
            _locate(testbed, film)
            start = (40 + run) * MIB
            plans = [
                Plan(film.path, start=start, leave=int(4 * NARROW * _BEFORE)),
                Plan(film.path, start=300 * MIB, leave=1),
            ]
            before, seek = watch(testbed.server.address, plans, seconds=60, at_once=1).viewers
            testbed.settle()
            first.add(seek.first, sequential=_plain(baseline, film, 200 * MIB))
            rate.add(before.received / before.seconds / (4 * NARROW))
    return [first, rate]


def _measured(testbed: Testbed, baseline: Baseline | None, where: str, runs: int, count: int) -> list[Line]:
    """p50 and p95 of the seeks of each run, in round trips."""
    half = Line(f"4 first byte of a random seek, {where}: p50", "round trips", Target("<=", 1.25))
    most = Line(f"4 first byte of a random seek, {where}: p95", "round trips", Target("<=", 2.0))
    for run in range(runs):
        film = testbed.film(count * _APART + MIB)
        offsets = _offsets(count, seed=run)
        _locate(testbed, film)
        plans = [Plan(film.path, start=offset, leave=1, wait=0.1) for offset in offsets]
        report = watch(testbed.server.address, plans, at_once=1)
        ours = [result.first / ROUND_TRIP for result in report.viewers]
        theirs = [_plain(baseline, film, offset) / ROUND_TRIP for offset in offsets[:20]] if baseline else []
        half.add(percentile(ours, 0.5), sequential=percentile(theirs, 0.5) if theirs else None)
        most.add(percentile(ours, 0.95), sequential=percentile(theirs, 0.95) if theirs else None)
    return [half, most]


def _offsets(count: int, *, seed: int) -> list[int]:
    """Random offsets, one in each section of the file, in random order."""
    source = random.Random(seed)
    offsets = [number * _APART + MIB + source.randrange(_APART // 2) for number in range(count)]
    source.shuffle(offsets)
    return offsets


def _locate(testbed: Testbed, film: Film) -> None:
    """Read the beginning, so that the server knows the file's location."""
    watch(testbed.server.address, [Plan(film.path, stop=MIB)])
    testbed.settle()


def _plain(baseline: Baseline, film: Film, offset: int) -> float:
    """Seconds that the sequential reader needs for the chunk of 1 MiB at `offset`."""
    return baseline.read(film, offset=offset // MIB * MIB, length=MIB).seconds

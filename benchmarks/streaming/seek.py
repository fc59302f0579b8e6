"""Seeks: how long until the first byte of a place that nobody has read yet."""

import random

from benchmarks.streaming.bare import Rival
from benchmarks.streaming.cold import LATENCY
from benchmarks.streaming.crowd import Crowd, watch
from benchmarks.streaming.options import MB, MIB, Options
from benchmarks.streaming.stage import Film, Stage, staged
from benchmarks.streaming.table import Line, Target, percentile
from benchmarks.streaming.viewer import Wish

ROUND_TRIP = 2 * LATENCY
_APART = 24 * MIB  # seeks are so far from each other that no read-ahead reaches the next
_OTHERS, _OTHERS_RATE = 8, 2 * MB
NARROW = 1 * MB
_BEFORE = 8  # seconds of the line


def seeks(options: Options) -> list[Line]:
    """Row 4: alone, and beside viewers who keep the connections busy."""
    count = options.scaled(60, 20)
    lines = []
    with staged() as stage, Rival(stage) as rival:
        others = [stage.film(options.scaled(1000, 200) * MIB) for _ in range(_OTHERS)]
        rival.read(stage.film(MIB))
        with stage.control.shaped(latency=LATENCY):
            lines += _measured(stage, rival, "alone", options.runs, count)
            wishes = [Wish(film.path, rate=_OTHERS_RATE) for film in others]
            crowd = Crowd(stage.server.address, wishes, seconds=900)
            lines += _measured(stage, None, "while 8 others stream at 2 MB/s each", options.runs, count)
            report = crowd.stop()
    late = Line("4 the 8 others: furthest behind their schedule", "s")
    late.add(max(seen.behind for seen in report.viewers))
    if not report.exact:
        late.fail("some of them were cut off")
    return [*lines, late]


def narrow(options: Options) -> list[Line]:
    """Row 4b: somebody who has read as fast as a narrow line goes reads on elsewhere, behind what is on its way."""
    first = Line("4b first byte of a seek in a full-speed stream, 1 MB/s a connection", "s")
    rate = Line("4b its rate before, share of 4 connections", "")
    with (
        staged({"CONNECTIONS_PER_DC": "4"}) as stage,
        Rival(stage) as rival,
        stage.control.shaped(latency=LATENCY, bandwidth=NARROW),
    ):
        for run in range(options.runs):
            film = stage.film(400 * MIB)
            _know(stage, film)
            start = (40 + run) * MIB
            wishes = [
                Wish(film.path, start=start, leave=int(4 * NARROW * _BEFORE)),
                Wish(film.path, start=300 * MIB, leave=1),
            ]
            before, seek = watch(stage.server.address, wishes, seconds=60, at_once=1).viewers
            stage.settle()
            first.add(seek.first, sequential=_plain(rival, film, 200 * MIB))
            rate.add(before.received / before.seconds / (4 * NARROW))
    return [first, rate]


def _measured(stage: Stage, rival: Rival | None, where: str, runs: int, count: int) -> list[Line]:
    """p50 and p95 of the seeks of each run, in round trips."""
    half = Line(f"4 first byte of a random seek, {where}: p50", "round trips", Target("<=", 1.25))
    most = Line(f"4 first byte of a random seek, {where}: p95", "round trips", Target("<=", 2.0))
    for run in range(runs):
        film = stage.film(count * _APART + MIB)
        places = _places(count, seed=run)
        _know(stage, film)
        wishes = [Wish(film.path, start=place, leave=1, wait=0.1) for place in places]
        report = watch(stage.server.address, wishes, at_once=1)
        ours = [seen.first / ROUND_TRIP for seen in report.viewers]
        theirs = [_plain(rival, film, place) / ROUND_TRIP for place in places[:20]] if rival else []
        half.add(percentile(ours, 0.5), sequential=percentile(theirs, 0.5) if theirs else None)
        most.add(percentile(ours, 0.95), sequential=percentile(theirs, 0.95) if theirs else None)
    return [half, most]


def _places(count: int, *, seed: int) -> list[int]:
    """Random places, one in each stretch of the file, in random order."""
    source = random.Random(seed)
    places = [number * _APART + MIB + source.randrange(_APART // 2) for number in range(count)]
    source.shuffle(places)
    return places


def _know(stage: Stage, film: Film) -> None:
    """Read the beginning, after which the location of the file is known."""
    watch(stage.server.address, [Wish(film.path, stop=MIB)])
    stage.settle()


def _plain(rival: Rival, film: Film, place: int) -> float:
    """Seconds that a plain reader needs for the chunk of 1 MiB that holds the place."""
    return rival.read(film, offset=place // MIB * MIB, length=MIB).seconds

"""Viewers who seek and leave at full speed: what was fetched for one of them is not fetched again for another."""

import random
from collections import Counter

from benchmarks.streaming.options import MIB, Options
from benchmarks.streaming.table import Line, Target
from benchmarks.streaming.testbed import Testbed, open_testbed
from benchmarks.streaming.viewer import Plan
from benchmarks.streaming.viewers import watch

VIEWERS = 6
SECONDS = 30.0
_CELL = 128 << 10
_FILM = 600 * MIB
_MOST = 12 * MIB  # that one of them watches before leaving


def seekers(options: Options) -> list[Line]:
    """Row 14: six viewers seek, watch up to 12 MiB at full speed, and leave, for 30 s; the disk cache has room."""
    line = Line(f"14 {VIEWERS} viewers who seek and leave: bytes fetched, of the distinct ones", "", Target("<=", 1.05))
    for run in range(options.runs):
        with open_testbed({"CACHE_MEMORY": "0", "CACHE_DISK": "8GiB"}) as testbed:
            paths = [testbed.film(_FILM).path for _ in range(3)]
            chance = random.Random(run)
            plans = [
                Plan(chance.choice(paths), start=chance.randrange(_FILM - _MOST), leave=chance.randrange(MIB, _MOST))
                for _ in range(options.scaled(4000, 400))
            ]
            testbed.control.reset()
            watch(testbed.server.address, plans, seconds=options.scaled(int(SECONDS), 5), at_once=VIEWERS)
            testbed.settle()
            line.add(_share(testbed))
    return [line]


def _share(testbed: Testbed) -> float:
    """Cells of 128 KiB that Telegram was asked for, each time it was, divided by the different ones."""
    asked: Counter[tuple[int, int]] = Counter()
    for labels, count in testbed.control.each("getfile_at"):
        first = labels["offset"] // _CELL
        for cell in range(first, first + -(-labels["limit"] // _CELL)):
            asked[labels["file"], cell] += count
    return asked.total() / len(asked)

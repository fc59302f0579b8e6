"""What viewers notice of uploads: the time to the first byte of a seek beside four files that are uploaded."""

import random
import statistics

from benchmarks.streaming.options import MIB, Options
from benchmarks.streaming.table import Line, Target
from benchmarks.streaming.testbed import Film, Testbed, open_testbed
from benchmarks.streaming.viewer import Plan
from benchmarks.streaming.viewers import watch
from benchmarks.uploading.uploader import Uploader

LATENCY = 0.04
"""Seconds one way."""
FILES = 4
_APART = 24 * MIB  # distance of two seeks, which no read-ahead covers


def seeks(options: Options) -> list[Line]:
    """The server reads as one bot, and a process of its own uploads as another, as the leech worker does."""
    ratio = Line("3 first byte of a seek beside four uploads: times that without", "x", Target("<=", 1.5))
    first, rate = Line("3 first byte of a seek beside four uploads", "s"), Line("3 their rate together", "MB/s")
    count, size = options.scaled(12, 4), options.scaled(512, 128) * MIB
    with open_testbed() as testbed, Uploader("worker", testbed.telegram) as uploader:
        uploader.upload(16 * MIB, seed=1)  # opens the connections
        for run in range(options.runs):
            film = testbed.film(2 * count * _APART)
            places = random.Random(run).sample(range(0, film.size, _APART), 2 * count)
            with testbed.control.shaped(latency=LATENCY):
                alone = _first(testbed, film, places[:count])
                uploader.begin(size, seed=run, files=FILES)
                beside = _first(testbed, film, places[count:])
                if uploader.has_ended():
                    ratio.fail("the uploads ended before the seeks")
                upload = uploader.end()
            testbed.control.fault("expire_uploads")
            ratio.add(beside / alone)
            first.add(beside, sequential=alone)
            rate.add(upload.rate / 1e6)
    return [ratio, first, rate]


def _first(testbed: Testbed, film: Film, places: list[int]) -> float:
    """The median of seconds to the first byte."""
    plans = [Plan(film.path, start=place, leave=1) for place in places]
    return statistics.median(
        viewer.first for viewer in watch(testbed.server.address, plans, seconds=120, at_once=1).viewers
    )

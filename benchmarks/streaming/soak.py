"""Random seeks and hang-ups for a long time, while faults are injected."""

import random
import time
from collections import Counter

from benchmarks.streaming.faults import RandomFaults
from benchmarks.streaming.monitor import Monitor
from benchmarks.streaming.options import MB, MIB, Options
from benchmarks.streaming.process import connected_to, kept_files
from benchmarks.streaming.table import Line, Target
from benchmarks.streaming.testbed import FOREIGN_DC, HOME_DC, Film, Testbed, open_testbed
from benchmarks.streaming.viewer import Plan
from benchmarks.streaming.viewers import Report, watch

_VIEWERS, _FILMS, _SIZE = 12, 16, 96 * MIB
_CONNECTIONS = 2 * (2 * 4 + 1)
"""Two accounts, each with four media connections to two data centres and one main connection at home."""
_EXTRA_SECONDS = 120.0
"""Within which the server closes an idle connection that it opened beside a silent one (90 s, looked at each 15 s)."""


def soak(options: Options) -> list[Line]:
    """Row 12: 12 viewers for `minutes`, with three faults at a time."""
    minutes = 1.0 if options.quick else options.minutes
    with open_testbed({"CONNECTIONS_PER_DC": "4"}, workers=True) as testbed:
        films = [testbed.film(_SIZE, dc=HOME_DC if number % 3 else FOREIGN_DC) for number in range(_FILMS)]
        for film in (films[0], films[1]):  # connect to both data centres
            watch(testbed.server.address, [Plan(film.path, stop=4 * MIB)])
        before = _own_files(testbed)
        with (
            Monitor(testbed.server, memory_every=1.0, ask_every=None) as monitor,
            RandomFaults(testbed.control) as faults,
        ):
            plans = _plans(films, minutes=minutes)
            report = watch(testbed.server.address, plans, seconds=minutes * 60, at_once=_VIEWERS)
        if faults.error is not None:
            raise faults.error
        testbed.settle(still=2.0)
        time.sleep(3.0)
        lines = [*_bytes(report, minutes, faults.injected), _memory(monitor), *_leaks(testbed, before, minutes=minutes)]
    return lines


def _plans(films: list[Film], *, minutes: float) -> list[Plan]:
    """More plans than fit into the time: random offsets, limited rates or none, and hang-ups in most of them."""
    source = random.Random(12)
    plans = []
    for _ in range(int(minutes * 60 * 20)):
        film = source.choice(films)
        start = source.choice((0, film.size - source.randrange(1, MIB), source.randrange(film.size)))
        stop = None if source.random() < 0.7 else min(film.size, start + source.randrange(1, 8 * MIB))
        leave = None if source.random() < 0.3 else source.randrange(1, 12 * MIB)
        rate = source.choice((None, 1.0 * MB, 3.0 * MB))
        if leave is None:
            start = max(start, film.size - 16 * MIB) if stop is None else start  # to the end, but at most 16 MiB
        plans.append(Plan(film.path, start, stop, rate=rate, leave=leave, seed=film.seed, verify=True))
    return plans


def _bytes(report: Report, minutes: float, injected: int) -> list[Line]:
    """Wrong bytes, short and refused streams, and the longest gap."""
    ended = Counter(result.ended for result in report.viewers)
    wrong = Line(f"12 soak, {minutes:.0f} min, {injected} faults: viewers with a wrong byte", "", Target("<=", 0.0))
    wrong.add(sum(result.wrong is not None for result in report.viewers))
    wrong.note = f"{len(report.viewers)} viewers, {report.received / 1e9:.1f} GB"
    short = Line("12 streams that ended short", "", Target("<=", 0.0))
    short.add(ended["short"])
    refused = Line("12 streams refused before their first byte", "")
    refused.add(ended["refused"])
    statuses = Counter(result.status for result in report.viewers if result.ended == "refused")
    refused.note = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items())) or "-"
    gap = Line("12 longest wait for a byte", "s")
    gap.add(max((result.gap for result in report.viewers), default=0.0))
    return [wrong, short, refused, gap]


def _memory(monitor: Monitor) -> Line:
    line = Line("12 memory gained from its second tenth to its last", "MiB", Target("<=", 16.0))
    line.add(monitor.growth() / MIB)
    line.note = f"at most {monitor.peak / MIB:.0f} MiB"
    return line


def _leaks(testbed: Testbed, before: int, *, minutes: float) -> list[Line]:
    """Remaining descriptors without connections to Telegram, those connections, streams, and asyncio tasks.

    A run of less than a minute does not wait for connections beside silent ones to be closed, and says nothing of them.
    """
    files = Line("12 descriptors more than before, Telegram's aside", "", Target("<=", 0.0))
    files.add(max(0, _own_files(testbed) - before))
    connections = Line("12 connections to Telegram", "", Target("<=", float(_CONNECTIONS)))
    if minutes < 1:
        connections.instead = "not waited for"
    else:
        connections.add(_connections(testbed))
    streams = Line("12 streams left", "", Target("<=", 0.0))
    streams.add(testbed.server.metric("streamvault_streams_active") or 0.0)
    tasks = Line("12 asyncio tasks at the end", "")
    found = testbed.server.metric("streamvault_tasks")
    if found is None:
        tasks.instead = "the server offers no streamvault_tasks"
    else:
        tasks.add(found)
    return [files, connections, streams, tasks]


def _connections(testbed: Testbed) -> int:
    """Connections to Telegram, once those beside silent ones are closed."""
    ends = time.monotonic() + _EXTRA_SECONDS
    while True:
        count = connected_to(testbed.server.pid, testbed.media_ports())
        if count <= _CONNECTIONS or time.monotonic() >= ends:
            return count
        time.sleep(0.5)


def _own_files(testbed: Testbed) -> int:
    """The server's descriptors without its connections to Telegram, whose number depends on the load."""
    return kept_files(testbed.server.pid) - connected_to(testbed.server.pid, testbed.media_ports())

"""Random seeks and leaves for a long time, in bad weather."""

import random
import time
from collections import Counter

from benchmarks.streaming.crowd import Report, watch
from benchmarks.streaming.monitor import Monitor
from benchmarks.streaming.options import MB, MIB, Options
from benchmarks.streaming.process import connected_to, kept_files
from benchmarks.streaming.stage import FOREIGN_DC, HOME_DC, Film, Stage, staged
from benchmarks.streaming.table import Line, Target
from benchmarks.streaming.viewer import Wish
from benchmarks.streaming.weather import Weather

_VIEWERS, _FILMS, _SIZE = 12, 16, 96 * MIB
_CONNECTIONS = 2 * (2 * 4 + 1)
"""Two accounts, each with four file connections to two data centres and one at home."""


def soak(options: Options) -> list[Line]:
    """Row 12."""
    minutes = 1.0 if options.quick else options.minutes
    with staged({"CONNECTIONS_PER_DC": "4"}, workers=True) as stage:
        films = [stage.film(_SIZE, dc=HOME_DC if number % 3 else FOREIGN_DC) for number in range(_FILMS)]
        for film in (films[0], films[1]):  # both data centres are known
            watch(stage.server.address, [Wish(film.path, stop=4 * MIB)])
        before = _own_files(stage)
        with Monitor(stage.server, memory_every=1.0, ask_every=None) as monitor, Weather(stage.control) as weather:
            wishes = _wishes(films, minutes=minutes)
            report = watch(stage.server.address, wishes, seconds=minutes * 60, at_once=_VIEWERS)
        if weather.error is not None:
            raise weather.error
        stage.settle(still=2.0)
        time.sleep(3.0)
        lines = [*_bytes(report, minutes, weather.storms), _memory(monitor), *_leaks(stage, before)]
    return lines


def _wishes(films: list[Film], *, minutes: float) -> list[Wish]:
    """More than can be had in the time: seeks to anywhere, at a player's pace or in a hurry, most of them left."""
    source = random.Random(12)
    wishes = []
    for _ in range(int(minutes * 60 * 20)):
        film = source.choice(films)
        start = source.choice((0, film.size - source.randrange(1, MIB), source.randrange(film.size)))
        stop = None if source.random() < 0.7 else min(film.size, start + source.randrange(1, 8 * MIB))
        leave = None if source.random() < 0.3 else source.randrange(1, 12 * MIB)
        rate = source.choice((None, 1.0 * MB, 3.0 * MB))
        if leave is None:
            start = max(start, film.size - 16 * MIB) if stop is None else start  # to the end, but not for ever
        wishes.append(Wish(film.path, start, stop, rate=rate, leave=leave, seed=film.seed, verify=True))
    return wishes


def _bytes(report: Report, minutes: float, storms: int) -> list[Line]:
    """Every byte right, and no end before the end."""
    ended = Counter(seen.ended for seen in report.viewers)
    wrong = Line(f"12 soak, {minutes:.0f} min, {storms} faults: viewers with a wrong byte", "", Target("<=", 0.0))
    wrong.add(sum(seen.wrong is not None for seen in report.viewers))
    wrong.note = f"{len(report.viewers)} viewers, {report.received / 1e9:.1f} GB"
    short = Line("12 streams that ended short", "", Target("<=", 0.0))
    short.add(ended["short"])
    refused = Line("12 streams refused before their first byte", "")
    refused.add(ended["refused"])
    statuses = Counter(seen.status for seen in report.viewers if seen.ended == "refused")
    refused.note = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items())) or "-"
    gap = Line("12 longest wait for a byte", "s")
    gap.add(max((seen.gap for seen in report.viewers), default=0.0))
    return [wrong, short, refused, gap]


def _memory(monitor: Monitor) -> Line:
    line = Line("12 memory gained from its second tenth to its last", "MiB", Target("<=", 16.0))
    line.add(monitor.growth() / MIB)
    line.note = f"at most {monitor.peak / MIB:.0f} MiB"
    return line


def _leaks(stage: Stage, before: int) -> list[Line]:
    """Descriptors beside those to Telegram, connections to Telegram, streams, tasks where the server counts them."""
    files = Line("12 descriptors more than before, Telegram's aside", "", Target("<=", 0.0))
    files.add(max(0, _own_files(stage) - before))
    connections = Line("12 connections to Telegram", "", Target("<=", float(_CONNECTIONS)))
    connections.add(connected_to(stage.server.pid, stage.media_ports()))
    streams = Line("12 streams left", "", Target("<=", 0.0))
    streams.add(stage.server.metric("streamvault_streams_active") or 0.0)
    tasks = Line("12 asyncio tasks at the end", "")
    found = stage.server.metric("streamvault_tasks")
    if found is None:
        tasks.instead = "the server offers no streamvault_tasks"
    else:
        tasks.add(found)
    return [files, connections, streams, tasks]


def _own_files(stage: Stage) -> int:
    """Descriptors of the server without its connections to Telegram, which come and go with the load."""
    return kept_files(stage.server.pid) - connected_to(stage.server.pid, stage.media_ports())

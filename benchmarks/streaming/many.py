"""Many viewers: of one file at once, of fifty files at a player's rate, and a thousand paused ones."""

import time

from benchmarks.streaming.baseline import Baseline
from benchmarks.streaming.monitor import Monitor
from benchmarks.streaming.options import MIB, Options
from benchmarks.streaming.process import file_limit, rss
from benchmarks.streaming.table import Line, Target
from benchmarks.streaming.testbed import Film, Testbed, open_testbed
from benchmarks.streaming.viewer import Plan
from benchmarks.streaming.viewers import Viewers, watch

VIEWERS, _FILMS, _RATE = 200, 50, 500_000
_ARRIVING = 5.0  # seconds in which all of them connect
_CACHE_MIB = 64
_PAUSED_AFTER = 64 << 10
_NOTICED = 10.0  # seconds after which the server has detected a pause and released memory


def same_file(options: Options) -> list[Line]:
    """Row 6: eight viewers of one file need no more requests to Telegram than one."""
    line = Line("6 8 viewers of one cold file together: Telegram traffic", "x the file", Target("<=", 1.05))
    rate = Line("6 what they get, all together", "MB/s")
    size = options.scaled(128, 48) * MIB
    with open_testbed() as testbed, Baseline(testbed) as baseline:
        for _ in range(options.runs):
            film = testbed.film(size)
            before = testbed.chunk_bytes()
            report = watch(testbed.server.address, [Plan(film.path, seed=film.seed, verify=True)] * 8)
            testbed.settle()
            middle = testbed.chunk_bytes()
            theirs = baseline.read(film, readers=8)
            line.add((middle - before) / size, sequential=(testbed.chunk_bytes() - middle) / size)
            seconds = max(result.seconds for result in report.viewers)
            rate.add(report.received / seconds / 1e6, sequential=theirs.rate / 1e6)
            if not report.exact:
                line.fail("a viewer got wrong bytes or was cut off")
    return [line, rate]


def at_a_rate(options: Options) -> list[Line]:
    """Row 7: 200 viewers at a player's rate."""
    seconds = options.scaled(60, 15)
    behind = Line(f"7 {VIEWERS} viewers of {_FILMS} files at 500 kB/s for {seconds} s: furthest behind", "s")
    behind.target = Target("<=", 2.0, worst=True)
    memory = Line(f"7 memory of the server (CACHE_MEMORY {_CACHE_MIB} MiB)", "MiB")
    memory.target = Target("<=", 300.0 + _CACHE_MIB, worst=True)
    lag = Line("7 event loop lag, p99", "ms", Target("<=", 50.0))
    for run in range(options.runs):
        with open_testbed({"CACHE_MEMORY": f"{_CACHE_MIB}MiB"}) as testbed:
            films = [testbed.film(64 * MIB) for _ in range(_FILMS)]
            plans = _at_rate(films)
            with Monitor(testbed.server) as monitor:
                report = watch(testbed.server.address, plans, seconds=seconds + _ARRIVING)
            if run == 0:
                behind.sequential.append(_plain_players(testbed, films, seconds=options.scaled(20, 10)))
        behind.add(max(result.behind for result in report.viewers))
        memory.add(monitor.peak / MIB)
        p99, lag.note = monitor.loop_lag()
        lag.add(p99 * 1e3)
        if not report.exact:
            behind.fail("a viewer got wrong bytes or was cut off")
        if not all(result.received for result in report.viewers):
            behind.fail("a viewer got nothing at all")
    return [behind, memory, lag]


def direct_plans(testbed: Testbed) -> list[Plan]:
    """The viewers of row 7, of new files."""
    return _at_rate([testbed.film(64 * MIB) for _ in range(_FILMS)])


def _at_rate(films: list[Film]) -> list[Plan]:
    return [
        Plan(film.path, rate=_RATE, wait=_ARRIVING * number / VIEWERS, seed=film.seed, verify=True)
        for number, film in enumerate(films * (VIEWERS // _FILMS))
    ]


def _plain_players(testbed: Testbed, films: list[Film], *, seconds: float) -> float:
    """How far as many sequential readers that share one connection fall behind, without HTTP, in seconds."""
    with Baseline(testbed) as baseline:
        length = int(seconds * _RATE)
        read = baseline.read(*films, length=length, readers=VIEWERS, rate=float(_RATE), within=4 * seconds)
    return read.behind


def paused(options: Options) -> list[Line]:
    """Row 8: memory of paused viewers, each at an offset of its own, so that no buffer is shared."""
    count = options.scaled(1000, 200)
    line = Line(f"8 {count} paused viewers: memory of each beyond the cache", "KiB", Target("<=", 128.0))
    early = Line("8 the same 2 s after their last byte, before the server takes them for paused", "KiB")
    limit = Line("8 open files that the server may have", "share of the hard limit", Target(">=", 1.0))
    with open_testbed({"CACHE_MEMORY": "0", "CACHE_DISK": "0"}) as testbed:
        films = [testbed.film(options.scaled(64, 32) * MIB) for _ in range(50)]
        plans = [
            Plan(film.path, start=number * MIB + 4711, pause=_PAUSED_AFTER)
            for number in range(count // len(films))
            for film in films
        ]
        watch(testbed.server.address, [Plan(plan.path, leave=1) for plan in plans[:50]], at_once=10)
        for _ in range(max(1, options.runs // 2)):
            before = _settled_memory(testbed)
            viewers = Viewers(testbed.server.address, plans)
            _wait_for_streams(testbed, count)
            soon = _settled_memory(testbed)
            time.sleep(_NOTICED)
            during = _settled_memory(testbed)
            paused_ones = sum(result.ended == "paused" for result in viewers.stop().viewers)
            if paused_ones != count:
                line.fail(f"{count - paused_ones} of them were refused or got nothing")
            early.add((soon - before) / max(1, paused_ones) / 1024)
            line.add((during - before) / max(1, paused_ones) / 1024)
        soft, hard = file_limit(testbed.server.pid)
        limit.add(soft / hard)
    return [line, early, limit]


def _wait_for_streams(testbed: Testbed, count: int) -> None:
    """Wait until the server has `count` open streams, for at most 30 s."""
    ends = time.monotonic() + 30
    while (testbed.server.metric("streamvault_streams_active") or 0) < count and time.monotonic() < ends:
        time.sleep(0.2)


def _settled_memory(testbed: Testbed) -> int:
    """Bytes of the server's memory once no chunk is requested any more."""
    testbed.settle(still=2.0)
    return rss(testbed.server.pid)

"""Many viewers: of one file at once, of fifty at a player's pace, and a thousand who have paused."""

import time

from benchmarks.streaming.bare import Rival
from benchmarks.streaming.crowd import Crowd, watch
from benchmarks.streaming.monitor import Monitor
from benchmarks.streaming.options import MIB, Options
from benchmarks.streaming.process import file_limit, rss
from benchmarks.streaming.stage import Film, Stage, staged
from benchmarks.streaming.table import Line, Target
from benchmarks.streaming.viewer import Wish

_VIEWERS, _FILMS, _RATE = 200, 50, 500_000
_ARRIVING = 5.0  # seconds in which all of them come
_CACHE_MIB = 64
_PAUSED_AFTER = 64 << 10
_NOTICED = 10.0  # seconds in which a server has noticed a pause and given memory back


def together(options: Options) -> list[Line]:
    """Row 6: eight viewers of one file cost Telegram what one does."""
    line = Line("6 8 viewers of one cold file together: Telegram traffic", "x the file", Target("<=", 1.05))
    rate = Line("6 what they get, all together", "MB/s")
    size = options.scaled(128, 48) * MIB
    with staged() as stage, Rival(stage) as rival:
        for _ in range(options.runs):
            film = stage.film(size)
            before = stage.chunk_bytes()
            report = watch(stage.server.address, [Wish(film.path, seed=film.seed, verify=True)] * 8)
            stage.settle()
            middle = stage.chunk_bytes()
            theirs = rival.read(film, readers=8)
            line.add((middle - before) / size, sequential=(stage.chunk_bytes() - middle) / size)
            seconds = max(seen.seconds for seen in report.viewers)
            rate.add(report.received / seconds / 1e6, sequential=theirs.rate / 1e6)
            if not report.exact:
                line.fail("a viewer got wrong bytes or was cut off")
    return [line, rate]


def players(options: Options) -> list[Line]:
    """Row 7: a house full of players."""
    seconds = options.scaled(60, 15)
    behind = Line(f"7 {_VIEWERS} viewers of {_FILMS} files at 500 kB/s for {seconds} s: furthest behind", "s")
    behind.target = Target("<=", 2.0, worst=True)
    memory = Line(f"7 memory of the server (CACHE_MEMORY {_CACHE_MIB} MiB)", "MiB")
    memory.target = Target("<=", 300.0 + _CACHE_MIB, worst=True)
    lag = Line("7 event loop lag, p99", "ms", Target("<=", 50.0))
    for run in range(options.runs):
        with staged({"CACHE_MEMORY": f"{_CACHE_MIB}MiB"}) as stage:
            films = [stage.film(64 * MIB) for _ in range(_FILMS)]
            wishes = [
                Wish(film.path, rate=_RATE, wait=_ARRIVING * number / _VIEWERS, seed=film.seed, verify=True)
                for number, film in enumerate(films * (_VIEWERS // _FILMS))
            ]
            with Monitor(stage.server) as monitor:
                report = watch(stage.server.address, wishes, seconds=seconds + _ARRIVING)
            if run == 0:
                behind.sequential.append(_plain_players(stage, films, seconds=options.scaled(20, 10)))
        behind.add(max(seen.behind for seen in report.viewers))
        memory.add(monitor.peak / MIB)
        p99, lag.note = monitor.loop_lag()
        lag.add(p99 * 1e3)
        if not report.exact:
            behind.fail("a viewer got wrong bytes or was cut off")
        if not all(seen.received for seen in report.viewers):
            behind.fail("a viewer got nothing at all")
    return [behind, memory, lag]


def _plain_players(stage: Stage, films: list[Film], *, seconds: float) -> float:
    """How far as many plain readers fall behind who share one connection, without HTTP."""
    with Rival(stage) as rival:
        length = int(seconds * _RATE)
        read = rival.read(*films, length=length, readers=_VIEWERS, rate=float(_RATE), within=4 * seconds)
    return read.behind


def paused(options: Options) -> list[Line]:
    """Row 8: those who have paused cost little; each at a place of its own, so that no buffer is shared."""
    count = options.scaled(1000, 200)
    line = Line(f"8 {count} paused viewers: memory of each beyond the cache", "KiB", Target("<=", 128.0))
    early = Line("8 the same 2 s after their last byte, before the server takes them for paused", "KiB")
    limit = Line("8 open files that the server may have", "share of the hard limit", Target(">=", 1.0))
    with staged({"CACHE_MEMORY": "0", "CACHE_DISK": "0"}) as stage:
        films = [stage.film(options.scaled(64, 32) * MIB) for _ in range(50)]
        places = [
            Wish(film.path, start=number * MIB + 4711, pause=_PAUSED_AFTER)
            for number in range(count // len(films))
            for film in films
        ]
        watch(stage.server.address, [Wish(place.path, leave=1) for place in places[:50]], at_once=10)
        for _ in range(max(1, options.runs // 2)):
            before = _settled_memory(stage)
            crowd = Crowd(stage.server.address, places)
            _wait_for_streams(stage, count)
            soon = _settled_memory(stage)
            time.sleep(_NOTICED)
            during = _settled_memory(stage)
            open_ones = sum(seen.ended == "paused" for seen in crowd.stop().viewers)
            if open_ones != count:
                line.fail(f"{count - open_ones} of them were refused or got nothing")
            early.add((soon - before) / max(1, open_ones) / 1024)
            line.add((during - before) / max(1, open_ones) / 1024)
        soft, hard = file_limit(stage.server.pid)
        limit.add(soft / hard)
    return [line, early, limit]


def _wait_for_streams(stage: Stage, count: int) -> None:
    """Until the server sends so many streams, or no more than it has for 30 s."""
    ends = time.monotonic() + 30
    while (stage.server.metric("streamvault_streams_active") or 0) < count and time.monotonic() < ends:
        time.sleep(0.2)


def _settled_memory(stage: Stage) -> int:
    """Bytes that the server holds when nothing moves any more."""
    stage.settle(still=2.0)
    return rss(stage.server.pid)

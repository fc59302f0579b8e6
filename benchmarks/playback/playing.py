"""Films played over an emulated Telegram: bytes read for what is sent, and ten viewers at once."""

import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks.playback.films import SOUNDS, film
from benchmarks.playback.player import Player
from benchmarks.playback.processes import Scales, origin_of, processor_time
from benchmarks.streaming.many import VIEWERS as DIRECT
from benchmarks.streaming.many import direct_plans
from benchmarks.streaming.options import MIB, Options
from benchmarks.streaming.table import Line, Target
from benchmarks.streaming.testbed import CHAT, FIRST, Testbed, open_testbed
from benchmarks.streaming.viewers import watch

_TARGETS = {"AC-3": 1.3, "E-AC-3": 1.3, "DTS": 1.6, "AAC": 1.1}
_SLOTS, _VIEWERS = 2, 10


def traffic(options: Options) -> list[Line]:
    """Row b: what is read for what is sent. The films are played at the same time, by a server each."""
    with ThreadPoolExecutor(len(SOUNDS)) as pool:
        return list(pool.map(lambda sound: _read(sound, options), SOUNDS))


def _read(sound: str, options: Options) -> Line:
    line = Line(f"b {sound}: bytes read from Telegram", "x those sent", Target("<=", _TARGETS[sound]))
    with open_testbed(posted=[film(sound, options)]) as testbed:
        before = testbed.chunk_bytes()
        played = Player(testbed.server.address, _hls(0)).play(options.scaled(60, 10))
        testbed.settle()
        read = testbed.chunk_bytes() - before
    line.add(read / played.sent)
    line.note = f"{read / 1e6:.1f} MB read, {played.sent / 1e6:.1f} MB sent, {played.seconds:.0f} s of film"
    if played.failed:
        line.fail(played.failed)
    return line


def crowd(options: Options) -> list[Line]:
    """Row c: ten viewers of ten films with AC-3, and one too many."""
    path = film("AC-3", options)
    with open_testbed({"PLAYBACK_SLOTS": str(_SLOTS)}, posted=[path] * (_VIEWERS + 1)) as testbed:
        players = [Player(testbed.server.address, _hls(number), number=number + 1) for number in range(_VIEWERS + 1)]
        return _play_all(testbed, players, seconds=options.scaled(60, 12))


def beside_direct(options: Options) -> list[Line]:
    """Row e: ten viewers of AC-3 while 200 others read files as they are."""
    path, seconds = film("AC-3", options), options.scaled(60, 12)
    worst = Line(
        f"e {_VIEWERS} viewers of AC-3 beside {DIRECT} direct ones: the longest a segment took", "x its length"
    )
    worst.target = Target("<=", 1.0)
    behind = Line(f"e {DIRECT} direct viewers of 50 files at 500 kB/s: furthest behind", "s", Target("<=", 2.0))
    settings = {"PLAYBACK_SLOTS": str(_SLOTS), "CACHE_MEMORY": "64MiB"}
    with open_testbed(settings, posted=[path] * _VIEWERS) as testbed:
        plans = direct_plans(testbed)
        players = [Player(testbed.server.address, _hls(number), number=number + 1) for number in range(_VIEWERS)]
        with ThreadPoolExecutor(_VIEWERS) as pool:
            playing = [pool.submit(player.play, seconds) for player in players]
            report = watch(testbed.server.address, plans, seconds=float(seconds))
            played = [one.result() for one in playing]
    worst.add(max(one.worst for one in played))
    worst.note = f"{max(one.slowest for one in played):.2f} s"
    behind.add(max(result.behind for result in report.viewers))
    for failed in filter(None, (one.failed for one in played)):
        worst.fail(failed)
    if not report.exact:
        behind.fail("a viewer got wrong bytes or was cut off")
    return [worst, behind]


def _play_all(testbed: Testbed, players: list[Player], *, seconds: float) -> list[Line]:
    *inside, late = players
    name = f"c {len(inside)} viewers of AC-3, {_SLOTS} slots"
    worst = Line(f"{name}: the longest that a segment took", "x its length", Target("<=", 1.0))
    used = Line("c processor time of all forks", "% of a core", Target("<=", 50.0))
    memory = Line("c resident memory of a fork, at most", "MiB", Target("<=", 200.0))
    refused = Line("c the viewer after them: refusals while all places are taken", "", Target(">=", 1.0))
    entered = Line("c it gets in, after the others have stopped", "s", Target("<=", 30.0))
    address = late.pictures()[0].path  # the server looks into the film, for which no place is needed
    origin = origin_of(testbed.server.pid)
    with ThreadPoolExecutor(len(inside)) as pool, Scales(origin) as scales:
        before, began = processor_time(origin), time.monotonic()
        playing = [pool.submit(player.play, seconds) for player in inside]
        time.sleep(seconds / 2)
        refused.add(sum(late.get(address)[0] == 503 for _ in range(3)))
        played = [one.result() for one in playing]
        used.add((processor_time(origin) - before) / (time.monotonic() - began) * 100)
        memory.add(scales.peak / MIB)
    entered.add(_enter(late, address))
    worst.add(max(one.worst for one in played))
    worst.note = f"{max(one.slowest for one in played):.2f} s; {sum(one.sent for one in played) / 1e6:.0f} MB sent"
    for one in played:
        if one.failed:
            worst.fail(one.failed)
    return [worst, used, memory, refused, entered]


def _enter(player: Player, address: str) -> float:
    """Seconds until the player gets its first segment, asking when it is told to."""
    began = time.monotonic()
    while (answer := player.get(address))[0] != 200:
        if time.monotonic() - began > 60:
            raise RuntimeError(f"the last answer was {answer[0]}")
        time.sleep(max(0.1, answer[2]))
    return time.monotonic() - began


def _hls(number: int) -> str:
    return f"/hls/{CHAT}/{FIRST + number}"

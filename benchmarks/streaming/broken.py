"""One connection of several breaks in mid-stream: the viewer must hardly notice."""

import time
from typing import Any

from benchmarks.streaming.bare import Rival
from benchmarks.streaming.crowd import Crowd
from benchmarks.streaming.options import MB, MIB, Options
from benchmarks.streaming.stage import BOT, HOME_DC, RIVAL, WORKER, Film, Stage, bot_id, staged
from benchmarks.streaming.table import Line, Target
from benchmarks.streaming.viewer import Wish

_LINE = {"latency": 0.01, "bandwidth": 5 * MB}
_BEFORE, _PATIENCE = 3.0, 20.0
_FAULTS: dict[str, tuple[float, dict[str, Any]]] = {
    "drop": (1.0, {"method": "upload.getFile", "times": 1}),
    "stall": (3.0, {"media": True, "connections": 1}),
    "half_open": (3.0, {"media": True, "connections": 1}),
}
"""The longest gap allowed, and the fault's arguments: each strikes one file connection."""


def broken(options: Options) -> list[Line]:
    """Row 9."""
    lines = []
    with staged() as stage, Rival(stage) as rival:
        rival.read(stage.film(MIB))
        with stage.control.shaped(**_LINE):
            for name, (bound, arguments) in _FAULTS.items():
                what = f"9 a file connection is hit by `{name}` in mid-stream: longest gap"
                line = Line(what, "s", Target("<=", bound, worst=True))
                for run in range(options.runs):
                    _ours(stage, line, name, {**arguments, "dc": HOME_DC})
                    if run == 0:
                        line.sequential.append(_theirs(stage, rival, name, {**arguments, "dc": HOME_DC}))
                lines.append(line)
    return lines


def _ours(stage: Stage, line: Line, name: str, arguments: dict[str, Any]) -> None:
    """The gap that a viewer sees."""
    film = stage.film(600 * MIB)
    crowd = Crowd(stage.server.address, [Wish(film.path, seed=film.seed, verify=True)])
    time.sleep(_BEFORE)
    with stage.control.faulty(name, **arguments) as number:
        _until_it_flows(stage, at_least=line.target.bound if line.target else 1.0)
        if not stage.control.struck(number):
            line.fail("the fault met no connection")
        [seen] = crowd.stop().viewers
    line.add(seen.gap)
    if seen.wrong is not None or seen.ended != "running":
        line.fail(f"the stream was {'wrong' if seen.wrong is not None else seen.ended} at byte {seen.received}")


def _until_it_flows(stage: Stage, *, at_least: float) -> None:
    """Wait for the fault to have shown what it does, and then for bytes to reach the viewer again, in bounds."""
    ends = time.monotonic() + _PATIENCE
    time.sleep(2 * at_least)
    while time.monotonic() < ends:
        before = stage.server.metric("streamvault_bytes_total")
        time.sleep(1.0)
        if (stage.server.metric("streamvault_bytes_total") or 0) > (before or 0):
            return


def _theirs(stage: Stage, rival: Rival, name: str, arguments: dict[str, Any]) -> float:
    """The gap that a plain reader has, who is alone meanwhile."""
    film: Film = stage.film(600 * MIB)
    rival.start(film, within=_BEFORE + _PATIENCE)
    time.sleep(_BEFORE)
    with stage.control.faulty(name, **arguments):
        return rival.result().gap


def flooded(options: Options) -> list[Line]:
    """Row 11: two accounts, and the busier one has to wait for 30 s."""
    share = Line("11 2 accounts, the busier one flooded for 30 s: throughput meanwhile", "x that before")
    gap = Line("11 its longest gap", "s", Target("<=", 2.0, worst=True))
    wait, after = options.scaled(30, 8), 6.0
    with staged(workers=True) as stage, Rival(stage) as rival:
        rival.read(stage.film(MIB))
        with stage.control.shaped(latency=0.01, bandwidth=2 * MB):
            for _ in range(options.runs):
                _flood(stage, share, gap, wait=wait, after=after)
            gap.rival = _flooded_rival(stage, rival)
    return [gap, share]


def _flood(stage: Stage, share: Line, gap: Line, *, wait: float, after: float) -> None:
    film = stage.film(1500 * MIB)
    served = _served(stage)
    crowd = Crowd(stage.server.address, [Wish(film.path, seed=film.seed, verify=True)])
    time.sleep(6.0)
    served = {user: count - served[user] for user, count in _served(stage).items()}
    busiest = max(served, key=lambda user: served[user])
    began = time.monotonic()
    number = stage.control.fault("flood_wait", seconds=wait, method="upload.getFile", user=busiest, times=1)
    time.sleep(wait + after)
    report = crowd.stop()
    stage.control.lift(number)
    start = began - report.began
    share.add(report.rate(start + 1, start + wait - 1) / report.rate(2, start))
    share.note = f"before, by account: {' and '.join(f'{count} chunks' for count in sorted(served.values()))}"
    [seen] = report.viewers
    gap.add(seen.gap)
    if seen.wrong is not None or seen.ended != "running":
        gap.fail(f"the stream was {'wrong' if seen.wrong is not None else seen.ended} at byte {seen.received}")


def _served(stage: Stage) -> dict[int, int]:
    """Chunks by account of the server."""
    return {bot_id(token): stage.control.counted("getfile", user=bot_id(token)) for token in (BOT, WORKER)}


def _flooded_rival(stage: Stage, rival: Rival) -> str:
    """What a flood of 30 s is to a plain reader."""
    film = stage.film(600 * MIB)
    with stage.control.faulty("flood_wait", seconds=30, method="upload.getFile", user=bot_id(RIVAL), times=1):
        read = rival.read(film, length=64 * MIB)
    return f"ends with {read.error}" if read.error else f"{read.gap:.1f} s"

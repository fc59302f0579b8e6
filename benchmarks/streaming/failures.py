"""A failing connection, and an account in a flood wait, in mid-stream: how long the viewer waits."""

import time
from typing import Any

from benchmarks.streaming.baseline import Baseline
from benchmarks.streaming.options import MB, MIB, Options
from benchmarks.streaming.table import Line, Target
from benchmarks.streaming.testbed import BASELINE_BOT, BOT, HOME_DC, WORKER, Film, Testbed, bot_id, open_testbed
from benchmarks.streaming.viewer import Plan
from benchmarks.streaming.viewers import Viewers

_NETWORK = {"latency": 0.01, "bandwidth": 5 * MB}
_BEFORE, _RECOVERY_TIMEOUT = 3.0, 20.0
_FAULTS: dict[str, tuple[float, dict[str, Any]]] = {
    "drop": (1.0, {"method": "upload.getFile", "times": 1}),
    "stall": (3.0, {"media": True, "connections": 1}),
    "half_open": (3.0, {"media": True, "connections": 1}),
}
"""The longest gap allowed, in seconds, and the fault's arguments: each affects one media connection."""


def connection_failures(options: Options) -> list[Line]:
    """Row 9: one of four connections is dropped, stalls, or is half open."""
    lines = []
    with open_testbed() as testbed, Baseline(testbed) as baseline:
        baseline.read(testbed.film(MIB))
        with testbed.control.shaped(**_NETWORK):
            for name, (bound, arguments) in _FAULTS.items():
                what = f"9 a file connection is hit by `{name}` in mid-stream: longest gap"
                line = Line(what, "s", Target("<=", bound, worst=True))
                for run in range(options.runs):
                    _measure_server(testbed, line, name, {**arguments, "dc": HOME_DC})
                    if run == 0:
                        line.sequential.append(_measure_baseline(testbed, baseline, name, {**arguments, "dc": HOME_DC}))
                lines.append(line)
    return lines


def _measure_server(testbed: Testbed, line: Line, name: str, arguments: dict[str, Any]) -> None:
    """Add the longest gap in a stream of the server."""
    film = testbed.film(600 * MIB)
    viewers = Viewers(testbed.server.address, [Plan(film.path, seed=film.seed, verify=True)])
    time.sleep(_BEFORE)
    with testbed.control.faulty(name, **arguments) as number:
        _wait_for_recovery(testbed, at_least=line.target.bound if line.target else 1.0)
        if not testbed.control.struck(number):
            line.fail("the fault affected no connection")
        [result] = viewers.stop().viewers
    line.add(result.gap)
    if result.wrong is not None or result.ended != "running":
        line.fail(f"the stream was {'wrong' if result.wrong is not None else result.ended} at byte {result.received}")


def _wait_for_recovery(testbed: Testbed, *, at_least: float) -> None:
    """Wait until the fault has had its effect, then until bytes reach the viewer again, or for _RECOVERY_TIMEOUT."""
    ends = time.monotonic() + _RECOVERY_TIMEOUT
    time.sleep(2 * at_least)
    while time.monotonic() < ends:
        before = testbed.server.metric("streamvault_bytes_total")
        time.sleep(1.0)
        if (testbed.server.metric("streamvault_bytes_total") or 0) > (before or 0):
            return


def _measure_baseline(testbed: Testbed, baseline: Baseline, name: str, arguments: dict[str, Any]) -> float:
    """The longest gap of the plain sequential reader, while nothing else reads."""
    film: Film = testbed.film(600 * MIB)
    baseline.start(film, within=_BEFORE + _RECOVERY_TIMEOUT)
    time.sleep(_BEFORE)
    with testbed.control.faulty(name, **arguments):
        return baseline.result().gap


def flood_wait(options: Options) -> list[Line]:
    """Row 11: two accounts, of which the busier one gets a flood wait of 30 s."""
    share = Line("11 2 accounts, the busier one flooded for 30 s: throughput meanwhile", "x that before")
    gap = Line("11 its longest gap", "s", Target("<=", 2.0, worst=True))
    wait, after = options.scaled(30, 8), 6.0
    with open_testbed(workers=True) as testbed, Baseline(testbed) as baseline:
        baseline.read(testbed.film(MIB))
        with testbed.control.shaped(latency=0.01, bandwidth=2 * MB):
            for _ in range(options.runs):
                _flood(testbed, share, gap, wait=wait, after=after)
            gap.baseline = _flood_baseline(testbed, baseline)
    return [gap, share]


def _flood(testbed: Testbed, share: Line, gap: Line, *, wait: float, after: float) -> None:
    film = testbed.film(1500 * MIB)
    served = _served(testbed)
    viewers = Viewers(testbed.server.address, [Plan(film.path, seed=film.seed, verify=True)])
    time.sleep(6.0)
    served = {user: count - served[user] for user, count in _served(testbed).items()}
    busiest = max(served, key=lambda user: served[user])
    began = time.monotonic()
    number = testbed.control.fault("flood_wait", seconds=wait, method="upload.getFile", user=busiest, times=1)
    time.sleep(wait + after)
    report = viewers.stop()
    testbed.control.lift(number)
    start = began - report.began
    share.add(report.rate(start + 1, start + wait - 1) / report.rate(2, start))
    share.note = f"before, by account: {' and '.join(f'{count} chunks' for count in sorted(served.values()))}"
    [result] = report.viewers
    gap.add(result.gap)
    if result.wrong is not None or result.ended != "running":
        gap.fail(f"the stream was {'wrong' if result.wrong is not None else result.ended} at byte {result.received}")


def _served(testbed: Testbed) -> dict[int, int]:
    """Chunks that each account of the server has read."""
    return {bot_id(token): testbed.control.counted("getfile", user=bot_id(token)) for token in (BOT, WORKER)}


def _flood_baseline(testbed: Testbed, baseline: Baseline) -> str:
    """The effect of a flood wait of 30 s on the plain sequential reader."""
    film = testbed.film(600 * MIB)
    with testbed.control.faulty("flood_wait", seconds=30, method="upload.getFile", user=bot_id(BASELINE_BOT), times=1):
        read = baseline.read(film, length=64 * MIB)
    return f"ends with {read.error}" if read.error else f"{read.gap:.1f} s"

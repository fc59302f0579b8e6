"""Viewers in a process of their own: one loop over raw sockets, which takes little CPU from the server.

    python -m benchmarks.streaming.viewers

reads one line of JSON with the job, runs the viewers, and prints one line: the result of each, and the bytes received
in each BUCKET of time. It ends early when its standard input does.
"""

import dataclasses
import heapq
import itertools
import json
import math
import selectors
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from benchmarks.streaming.options import MIB
from benchmarks.streaming.viewer import Plan, Result, Viewer

BUCKET = 0.25


@dataclass(frozen=True, slots=True)
class Report:
    """The results of all viewers; `began` is a time of the monotonic clock."""

    viewers: list[Result]
    buckets: list[int]
    began: float

    @property
    def received(self) -> int:
        """Bytes of all response bodies."""
        return sum(result.received for result in self.viewers)

    @property
    def exact(self) -> bool:
        """Whether no byte was wrong and no viewer was refused or cut off."""
        return all(result.wrong is None and result.ended not in ("short", "refused") for result in self.viewers)

    def rate(self, start: float, stop: float) -> float:
        """Bytes/s between two times, in seconds after the start."""
        first, last = int(start / BUCKET), int(stop / BUCKET)
        return sum(self.buckets[first:last]) / ((last - first) * BUCKET)


class Viewers:
    """A running process of viewers; `wait` or `stop` returns its report."""

    def __init__(
        self, address: tuple[str, int], plans: list[Plan], *, seconds: float = 600.0, at_once: int | None = None
    ) -> None:
        """It ends when all plans are carried out, or after `seconds`; at most `at_once` viewers read at a time."""
        command = [sys.executable, "-m", "benchmarks.streaming.viewers"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        items = [dataclasses.asdict(plan) for plan in plans]
        job = {"address": address, "plans": items, "seconds": seconds, "at_once": at_once}
        self._bound = seconds + 60
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()

    def wait(self) -> Report:
        """Wait for the end, and return the report."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        self._process.communicate(timeout=self._bound)
        report = json.loads(line)
        return Report([Result(**item) for item in report["viewers"]], report["buckets"], report["began"])

    def stop(self) -> Report:
        """End it now, and return the report."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.stdin = None
        return self.wait()


def watch(address: tuple[str, int], plans: list[Plan], *, seconds: float = 600.0, at_once: int | None = None) -> Report:
    """Run viewers to the end."""
    return Viewers(address, plans, seconds=seconds, at_once=at_once).wait()


class _Loop:
    """Runs the viewers of one job."""

    def __init__(self, address: tuple[str, int], plans: list[Plan], *, seconds: float, at_once: int | None) -> None:
        self._address = address
        self._seconds = seconds
        self._most = at_once or len(plans)
        self._buffer = memoryview(bytearray(MIB))
        self._viewers = [Viewer(plan, address, buffer=self._buffer) for plan in plans[: self._most]]
        self._later = deque(plans[self._most :])
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Viewer]] = []
        self._numbers = itertools.count()
        self._active = 0
        self._buckets: list[int] = []
        self._began = time.monotonic()

    def run(self) -> dict[str, Any]:
        """Run the viewers, and return the report for JSON."""
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        for viewer in list(self._viewers):
            self._at(self._began + viewer.plan.wait, viewer)
            self._active += 1
        while self._active and (left := self._began + self._seconds - time.monotonic()) > 0:
            if not self._turn(left):
                break
        return self._report()

    def _hold(self) -> None:
        """Keep paused viewers connected until standard input ends or the time is over."""
        left = self._began + self._seconds - time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(sys.stdin, selectors.EVENT_READ)
            selector.select(max(0.0, left))

    def _report(self) -> dict[str, Any]:
        if any(viewer.result.ended == "paused" for viewer in self._viewers):
            self._hold()
        for viewer in self._viewers:
            viewer.end()
        return {
            "viewers": [viewer.result.as_json() for viewer in self._viewers],
            "buckets": self._buckets,
            "began": self._began,
        }

    def _turn(self, left: float) -> bool:
        """Wait for bytes or for the next timer, and handle them; False once standard input has ended."""
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            self._wake(heapq.heappop(self._timers)[2])
        until = min(self._timers[0][0] - now if self._timers else math.inf, left)
        for key, _ in self._selector.select(max(0.0, until)):
            if key.data is None:
                return False
            self._read(key.data)
        return True

    def _wake(self, viewer: Viewer) -> None:
        """A viewer's timer has expired: it connects, or reads its next piece."""
        if viewer.due == 0.0:
            viewer.begin()
        self._selector.register(viewer.socket, selectors.EVENT_READ, viewer)

    def _read(self, viewer: Viewer) -> None:
        count = viewer.readable()
        now = time.monotonic()
        bucket = int((now - self._began) / BUCKET)
        self._buckets += [0] * (bucket + 1 - len(self._buckets))
        self._buckets[bucket] += count
        if viewer.result.ended != "running":
            self._finish(viewer)
        elif viewer.due > now:
            self._selector.unregister(viewer.socket)
            self._at(viewer.due, viewer)

    def _finish(self, viewer: Viewer) -> None:
        """A viewer has ended: start the next one."""
        self._selector.unregister(viewer.socket)
        if viewer.result.ended != "paused":
            viewer.end()
        self._active -= 1
        if self._later:
            following = Viewer(self._later.popleft(), self._address, buffer=self._buffer)
            self._viewers.append(following)
            self._active += 1
            self._at(time.monotonic() + following.plan.wait, following)

    def _at(self, when: float, viewer: Viewer) -> None:
        heapq.heappush(self._timers, (when, next(self._numbers), viewer))


def main() -> int:
    """Read the job, run it, print the report."""
    job = json.loads(sys.stdin.readline())
    plans = [Plan(**plan) for plan in job["plans"]]
    loop = _Loop(tuple(job["address"]), plans, seconds=job["seconds"], at_once=job["at_once"])
    print(json.dumps(loop.run()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

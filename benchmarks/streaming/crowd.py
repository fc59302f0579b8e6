"""Viewers in a process of their own: one loop over raw sockets, which costs the measured server little CPU.

    python -m benchmarks.streaming.crowd

reads one line of JSON (`Job`), runs the viewers, and prints one line: what each has seen, and how many bytes came
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
from benchmarks.streaming.viewer import Seen, Viewer, Wish

BUCKET = 0.25


@dataclass(frozen=True, slots=True)
class Report:
    """What a crowd has seen; `began` on the machine's monotonic clock."""

    viewers: list[Seen]
    buckets: list[int]
    began: float

    @property
    def received(self) -> int:
        """Bytes of bodies, all together."""
        return sum(seen.received for seen in self.viewers)

    @property
    def exact(self) -> bool:
        """Whether no byte was wrong and nobody was refused or cut off."""
        return all(seen.wrong is None and seen.ended not in ("short", "refused") for seen in self.viewers)

    def rate(self, start: float, stop: float) -> float:
        """Bytes/s between two times after the beginning."""
        first, last = int(start / BUCKET), int(stop / BUCKET)
        return sum(self.buckets[first:last]) / ((last - first) * BUCKET)


class Crowd:
    """A crowd at work. `stop` ends it and tells what it has seen."""

    def __init__(
        self, address: tuple[str, int], wishes: list[Wish], *, seconds: float = 600.0, at_once: int | None = None
    ) -> None:
        """It ends when all have what they wished for, or after `seconds`; only `at_once` viewers read at a time."""
        command = [sys.executable, "-m", "benchmarks.streaming.crowd"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        wanted = [dataclasses.asdict(wish) for wish in wishes]
        job = {"address": address, "wishes": wanted, "seconds": seconds, "at_once": at_once}
        self._bound = seconds + 60
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()

    def wait(self) -> Report:
        """What it has seen, once it has ended by itself."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        self._process.communicate(timeout=self._bound)
        told = json.loads(line)
        return Report([Seen(**item) for item in told["viewers"]], told["buckets"], told["began"])

    def stop(self) -> Report:
        """End it now."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.stdin = None
        return self.wait()


def watch(
    address: tuple[str, int], wishes: list[Wish], *, seconds: float = 600.0, at_once: int | None = None
) -> Report:
    """Run a crowd from beginning to end."""
    return Crowd(address, wishes, seconds=seconds, at_once=at_once).wait()


class _Loop:
    """Runs the viewers of one job."""

    def __init__(self, address: tuple[str, int], wishes: list[Wish], *, seconds: float, at_once: int | None) -> None:
        self._address = address
        self._seconds = seconds
        self._most = at_once or len(wishes)
        self._buffer = memoryview(bytearray(MIB))
        self._viewers = [Viewer(wish, address, buffer=self._buffer) for wish in wishes[: self._most]]
        self._later = deque(wishes[self._most :])
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Viewer]] = []
        self._numbers = itertools.count()
        self._active = 0
        self._buckets: list[int] = []
        self._began = time.monotonic()

    def run(self) -> dict[str, Any]:
        """The report as JSON."""
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        for viewer in list(self._viewers):
            self._at(self._began + viewer.wish.wait, viewer)
            self._active += 1
        while self._active and (left := self._began + self._seconds - time.monotonic()) > 0:
            if not self._turn(left):
                break
        return self._report()

    def hold(self) -> None:
        """Keep those who pause, until somebody ends the crowd."""
        left = self._began + self._seconds - time.monotonic()
        with selectors.DefaultSelector() as patience:
            patience.register(sys.stdin, selectors.EVENT_READ)
            patience.select(max(0.0, left))

    def _report(self) -> dict[str, Any]:
        if any(viewer.seen.ended == "paused" for viewer in self._viewers):
            self.hold()
        for viewer in self._viewers:
            viewer.end()
        return {
            "viewers": [viewer.seen.as_json() for viewer in self._viewers],
            "buckets": self._buckets,
            "began": self._began,
        }

    def _turn(self, left: float) -> bool:
        """Wait for bytes or the next time that a viewer wants some; False when the crowd is told to end."""
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
        """It is time for this one to begin, or to want its next piece."""
        if viewer.due == 0.0:
            viewer.begin()
        self._selector.register(viewer.socket, selectors.EVENT_READ, viewer)

    def _read(self, viewer: Viewer) -> None:
        count = viewer.readable()
        now = time.monotonic()
        bucket = int((now - self._began) / BUCKET)
        self._buckets += [0] * (bucket + 1 - len(self._buckets))
        self._buckets[bucket] += count
        if viewer.seen.ended != "running":
            self._leave(viewer)
        elif viewer.due > now:
            self._selector.unregister(viewer.socket)
            self._at(viewer.due, viewer)

    def _leave(self, viewer: Viewer) -> None:
        """One has ended: the next one's turn."""
        self._selector.unregister(viewer.socket)
        if viewer.seen.ended != "paused":
            viewer.end()
        self._active -= 1
        if self._later:
            following = Viewer(self._later.popleft(), self._address, buffer=self._buffer)
            self._viewers.append(following)
            self._active += 1
            self._at(time.monotonic() + following.wish.wait, following)

    def _at(self, when: float, viewer: Viewer) -> None:
        heapq.heappush(self._timers, (when, next(self._numbers), viewer))


def main() -> int:
    """Read a job, do it, tell."""
    job = json.loads(sys.stdin.readline())
    wishes = [Wish(**wish) for wish in job["wishes"]]
    loop = _Loop(tuple(job["address"]), wishes, seconds=job["seconds"], at_once=job["at_once"])
    print(json.dumps(loop.run()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The sandbox's processes of a server, from /proc."""

import contextlib
import os
import re
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_TICK = os.sysconf("SC_CLK_TCK")


def processor_time(origin: int) -> float:
    """Seconds of processor time of an origin and of all its forks that have ended."""
    fields = Path(f"/proc/{origin}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICK


def origin_of(server: int) -> int:
    """The process id of a server's origin, which its first job starts. Raises RuntimeError without one."""
    for pid in _children(server):
        if b"sandbox.origin" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    raise RuntimeError("the server has started no process for media files")


class Scales:
    """For the duration of its block, samples what memory the forks of an origin take: `peak`, bytes of the largest."""

    def __init__(self, origin: int) -> None:
        self.peak = 0
        self._origin = origin
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._stop.wait(0.02):
            for pid in _children(self._origin):
                with contextlib.suppress(OSError):  # it has ended meanwhile
                    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
                    self.peak = max(self.peak, int(found[1]) << 10 if found else 0)


def _children(parent: int) -> list[int]:
    found: list[int] = []
    for thread in Path(f"/proc/{parent}/task").iterdir():
        with contextlib.suppress(OSError):
            found += map(int, (thread / "children").read_text().split())
    return found

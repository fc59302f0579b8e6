"""One viewer: a non-blocking HTTP reader that records when its bytes arrive and whether they are right.

A viewer with a rate reads a piece when it is due and not before, through a small socket buffer, so that the server has
to keep up with the schedule and cannot send everything at once.
"""

import math
import socket
import time
from dataclasses import asdict, dataclass
from typing import Any

from tgemulator.world.content import synthetic_bytes

PIECE = 64 << 10
_SMALL_BUFFER = 256 << 10
_IDLE_BUFFER = 64 << 10
_HEAD = 16 << 10


@dataclass(frozen=True, slots=True)
class Plan:
    """What a viewer does: it reads `path` from `start` (up to `stop`), at `rate` bytes/s or as fast as it comes.

    After `leave` bytes it hangs up; after `pause` bytes it stops reading and stays. It connects `wait`
    seconds after the start. `verify`: its bytes are compared with the synthetic ones of `seed`.
    """

    path: str
    start: int = 0
    stop: int | None = None
    rate: float | None = None
    leave: int | None = None
    pause: int | None = None
    wait: float = 0.0
    seed: int = 0
    verify: bool = False


@dataclass(slots=True)
class Result:
    """A viewer's result, in seconds and bytes. `ended` is running, whole, left, paused, short or refused.

    `first` is the time from connecting to the first byte of the body; `gap` the longest wait for the next one; `behind`
    the longest delay of a piece behind the schedule; `wrong` the offset of the first byte that differs.
    """

    status: int = 0
    received: int = 0
    first: float = math.inf
    gap: float = 0.0
    behind: float = 0.0
    seconds: float = 0.0
    wrong: int | None = None
    ended: str = "running"

    def as_json(self) -> dict[str, Any]:
        """The fields, to be sent to the row."""
        return asdict(self)


class Viewer:
    """The state of one connection. `due` is when it reads its next piece; 0 for as soon as bytes arrive."""

    def __init__(self, plan: Plan, address: tuple[str, int], *, buffer: memoryview) -> None:
        self.plan = plan
        self.result = Result()
        self.due = 0.0
        self._address = address
        self._buffer = buffer
        self._head = b""
        self._length: int | None = None
        self._began = self._arrived = 0.0
        self.socket = socket.socket()

    def begin(self) -> None:
        """Connect, which is immediate on loopback, and send the request."""
        plan = self.plan
        small = _IDLE_BUFFER if plan.pause is not None else _SMALL_BUFFER if plan.rate is not None else None
        if small is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, small)
        self._began = time.monotonic()
        self.socket.connect(self._address)
        self.socket.setblocking(False)
        end = "" if plan.stop is None else str(plan.stop - 1)
        fields = f"Host: {self._address[0]}:{self._address[1]}\r\nConnection: close\r\nRange: bytes={plan.start}-{end}"
        self.socket.send(f"GET {plan.path} HTTP/1.1\r\n{fields}\r\n\r\n".encode())

    def readable(self) -> int:
        """Read what has arrived, at most what is due; how many bytes of the body. Sets `result.ended` at the end."""
        now = time.monotonic()
        try:
            count = self._receive(now)
        except BlockingIOError:
            return 0
        except ConnectionError:
            self._finish("refused" if self._length is None else "short")
            return 0
        if self.result.ended != "running":
            self.result.seconds = now - self._began
        return count

    def end(self) -> None:
        """Close the connection; a wait that is going on counts."""
        now = time.monotonic()
        if self.result.ended == "running" and self.result.received:
            self._note_wait(now)
        if not self.result.seconds:
            self.result.seconds = now - self._began
        self.socket.close()

    def _receive(self, now: float) -> int:
        if self._length is None:
            count = self._receive_head()
        else:
            count = self.socket.recv_into(self._buffer, self._read_size())
            self._check(self._buffer[:count])
            if count == 0:
                self._finish("short")
        if count:
            self._note(count, now)
        return count

    def _receive_head(self) -> int:
        """Read the response head; the number of bytes of the body that came with it."""
        data = self.socket.recv(_HEAD)
        if not data:
            self._finish("refused")
            return 0
        self._head += data
        head, separator, body = self._head.partition(b"\r\n\r\n")
        if not separator:
            return 0
        lines = head.decode("latin-1").lower().split("\r\n")
        self.result.status = int(lines[0].split(" ")[1])
        lengths = [line.partition(":")[2] for line in lines if line.startswith("content-length:")]
        self._length = int(lengths[0]) if lengths else 0
        if self.result.status not in (200, 206):
            self._finish("refused")
            return 0
        self._check(memoryview(body))
        return len(body)

    def _read_size(self) -> int:
        """The number of bytes to read at once."""
        plan, taken = self.plan, self.result.received
        most = len(self._buffer) if plan.rate is None else PIECE
        for bound in (plan.leave, plan.pause):
            if bound is not None:
                most = min(most, max(1, bound - taken))
        return most

    def _check(self, data: memoryview) -> None:
        if not self.plan.verify or self.result.wrong is not None or not data:
            return
        at = self.plan.start + self.result.received
        if data != synthetic_bytes(self.plan.seed, at, len(data)):
            self.result.wrong = at

    def _note(self, count: int, now: float) -> None:
        """Record that bytes of the body have arrived."""
        result, plan = self.result, self.plan
        if not result.received:
            result.first = now - self._began
            result.behind = result.first
        else:
            self._note_wait(now)
        result.received += count
        self._arrived = now
        if plan.rate is not None:
            self.due = self._began + result.received / plan.rate
        assert self._length is not None
        if result.received >= self._length:
            self._finish("whole")
        elif plan.leave is not None and result.received >= plan.leave:
            self._finish("left")
        elif plan.pause is not None and result.received >= plan.pause:
            self._finish("paused")

    def _note_wait(self, now: float) -> None:
        """Record the wait that ends now; a wait does not begin before the bytes are due."""
        if self.plan.rate is not None:
            self.result.behind = max(self.result.behind, now - self.due)
        self.result.gap = max(self.result.gap, now - max(self._arrived, self.due))

    def _finish(self, how: str) -> None:
        self.result.ended = how

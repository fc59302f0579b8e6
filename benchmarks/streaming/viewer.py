"""One viewer: a non-blocking HTTP reader that notes when its bytes come and whether they are the right ones.

A viewer with a rate reads a piece when it is due and not before, into a small socket buffer, so that the server has
to keep up with the schedule rather than run ahead of it once.
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
class Wish:
    """What a viewer does: reads `path` from `start` (up to `stop`), at `rate` bytes/s or as fast as it comes.

    After `leave` bytes it hangs up; after `pause` bytes it stops reading and stays. It begins `wait` seconds
    after the crowd. `verify`: its bytes are compared with the synthetic ones of `seed`.
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
class Seen:
    """What came of it, in seconds and bytes. `ended` is running, whole, left, paused, short or refused.

    `first` is the time from connecting to the first byte of the body; `gap` the longest wait for the next one, `behind`
    the longest that a piece came after its time; `wrong` the place of the first byte that differs.
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
        """For the pipe to the row."""
        return asdict(self)


class Viewer:
    """The state of one connection. `due` is when it wants its next piece; 0 where it reads what comes."""

    def __init__(self, wish: Wish, address: tuple[str, int], *, buffer: memoryview) -> None:
        self.wish = wish
        self.seen = Seen()
        self.due = 0.0
        self._address = address
        self._buffer = buffer
        self._head = b""
        self._length: int | None = None
        self._began = self._arrived = 0.0
        self.socket = socket.socket()

    def begin(self) -> None:
        """Connect, which is immediate on loopback, and ask."""
        wish = self.wish
        small = _IDLE_BUFFER if wish.pause is not None else _SMALL_BUFFER if wish.rate is not None else None
        if small is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, small)
        self._began = time.monotonic()
        self.socket.connect(self._address)
        self.socket.setblocking(False)
        end = "" if wish.stop is None else str(wish.stop - 1)
        fields = f"Host: {self._address[0]}:{self._address[1]}\r\nConnection: close\r\nRange: bytes={wish.start}-{end}"
        self.socket.send(f"GET {wish.path} HTTP/1.1\r\n{fields}\r\n\r\n".encode())

    def readable(self) -> int:
        """Take what has come, at most what is wanted now; how many bytes of the body. Sets `seen.ended` at the end."""
        now = time.monotonic()
        try:
            count = self._receive(now)
        except BlockingIOError:
            return 0
        except ConnectionError:
            self._finish("refused" if self._length is None else "short")
            return 0
        if self.seen.ended != "running":
            self.seen.seconds = now - self._began
        return count

    def end(self) -> None:
        """Hang up; a wait that is still going on counts."""
        now = time.monotonic()
        if self.seen.ended == "running" and self.seen.received:
            self._note_wait(now)
        if not self.seen.seconds:
            self.seen.seconds = now - self._began
        self.socket.close()

    def _receive(self, now: float) -> int:
        if self._length is None:
            count = self._receive_head()
        else:
            count = self.socket.recv_into(self._buffer, self._wanted())
            self._check(self._buffer[:count])
            if count == 0:
                self._finish("short")
        if count:
            self._note(count, now)
        return count

    def _receive_head(self) -> int:
        """Read the head; how many bytes of the body came behind it."""
        data = self.socket.recv(_HEAD)
        if not data:
            self._finish("refused")
            return 0
        self._head += data
        head, separator, body = self._head.partition(b"\r\n\r\n")
        if not separator:
            return 0
        lines = head.decode("latin-1").lower().split("\r\n")
        self.seen.status = int(lines[0].split(" ")[1])
        lengths = [line.partition(":")[2] for line in lines if line.startswith("content-length:")]
        self._length = int(lengths[0]) if lengths else 0
        if self.seen.status not in (200, 206):
            self._finish("refused")
            return 0
        self._check(memoryview(body))
        return len(body)

    def _wanted(self) -> int:
        """How many bytes to take at once."""
        wish, taken = self.wish, self.seen.received
        most = len(self._buffer) if wish.rate is None else PIECE
        for bound in (wish.leave, wish.pause):
            if bound is not None:
                most = min(most, max(1, bound - taken))
        return most

    def _check(self, data: memoryview) -> None:
        if not self.wish.verify or self.seen.wrong is not None or not data:
            return
        at = self.wish.start + self.seen.received
        if data != synthetic_bytes(self.wish.seed, at, len(data)):
            self.seen.wrong = at

    def _note(self, count: int, now: float) -> None:
        """Bytes of the body have come."""
        seen, wish = self.seen, self.wish
        if not seen.received:
            seen.first = now - self._began
            seen.behind = seen.first
        else:
            self._note_wait(now)
        seen.received += count
        self._arrived = now
        if wish.rate is not None:
            self.due = self._began + seen.received / wish.rate
        assert self._length is not None
        if seen.received >= self._length:
            self._finish("whole")
        elif wish.leave is not None and seen.received >= wish.leave:
            self._finish("left")
        elif wish.pause is not None and seen.received >= wish.pause:
            self._finish("paused")

    def _note_wait(self, now: float) -> None:
        """The next bytes have come, or it ends without them; nothing is waited for before it is due."""
        if self.wish.rate is not None:
            self.seen.behind = max(self.seen.behind, now - self.due)
        self.seen.gap = max(self.seen.gap, now - max(self._arrived, self.due))

    def _finish(self, how: str) -> None:
        self.seen.ended = how

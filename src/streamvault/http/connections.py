"""Which HTTP connections are kept: bounds in all, per address and for idle ones; the oldest idle one is closed first.

A connection is idle while no complete request head has come over it, or its last answer is finished. Connections that
are being answered are never closed to make room: when nothing is idle, the newest connection is refused.
"""

import logging
import resource
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

log = logging.getLogger(__name__)

RESERVED_FILES = 192
"""Open files that are left to the database, Telegram's connections, the disk cache and child processes."""

CLOSED_AT_ONCE = 64
"""Connections that the timer closes before others have their turn."""

CLOSED_FOR_ONE = 2
"""Connections that are closed for one more idle one: each of a burst may come at the end of another burst's grace."""

QUIET = 60.0
"""Seconds without a closed connection after which the log says that there is room again."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Numbers of connections. `per_address` holds behind a reverse proxy for all of its clients together.

    The limits of idle ones hold for those that are idle for `grace` seconds, so that clients who come again and again
    do not push out one whose request is on its way; those that are too many by then are closed by a timer.
    """

    total: int = 4096
    per_address: int = 2048
    idle: int = 512
    idle_per_address: int = 128
    grace: float = 2.0

    @classmethod
    def for_open_files(cls, most: int) -> "ConnectionLimits":
        """Limits that fit a process that may have `most` files open: at least an eighth of them, for tiny limits."""
        usual = cls()
        total = max(most // 8, min(usual.total, most - RESERVED_FILES))
        return cls(
            total,
            min(usual.per_address, total),
            min(usual.idle, max(1, total // 2)),
            min(usual.idle_per_address, max(1, total // 4)),
        )


def open_files_limit() -> int:
    """How many files this process may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft if soft != resource.RLIM_INFINITY else 1 << 20


class Closable(Protocol):
    """A connection as the table knows it."""

    @property
    def address(self) -> str:
        """The peer's address without its port, or the network that counts as one address."""
        ...

    def abort(self) -> None:
        """Close at once."""
        ...


class ConnectionTable:
    """The connections of one server. All methods are called from its event loop.

    They cost O(1), each connection that is closed included; the timer costs O(1) for each address with too many.
    Where more are too many than may be closed at once, the rest is closed in the loop's next turns.
    """

    def __init__(
        self,
        limits: ConnectionLimits,
        *,
        clock: Callable[[], float],
        call_later: Callable[[float, Callable[[], None]], object],
        closed: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`closed(why)` is called for each connection that is closed for a limit.

        `clock` gives monotonic seconds, `call_later(seconds, callback)` is the event loop's.
        """
        self._limits = limits
        self._clock = clock
        self._call_later = call_later
        self._on_closed = closed
        self._open: set[Closable] = set()
        self._per_address: Counter[str] = Counter()
        self._idle: dict[Closable, float] = {}  # since when, in that order
        self._idle_per_address: dict[str, dict[Closable, float]] = {}
        self._crowded: set[str] = set()  # addresses with too many idle ones, some of them within their grace
        self._timer_set = False
        self._may_close = 0  # how many more the present call may close for being too many
        self._crowded_since: float | None = None
        self._last_closed = 0.0
        self._count = 0

    @property
    def idle_count(self) -> int:
        """How many connections are idle."""
        return len(self._idle)

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Closable) -> None:
        """A new connection, idle as yet. Closes the oldest idle one, or this one, if a limit is passed."""
        self._settle()
        if self._per_address[connection.address] >= self._limits.per_address:
            room = self._make_room(self._idle_per_address.get(connection.address, {}))
        elif len(self._open) >= self._limits.total:
            room = self._make_room(self._idle)
        else:
            room = True
        if not room:
            self._close(connection, "connections")
            return
        self._open.add(connection)
        self._per_address[connection.address] += 1
        self.idle(connection)

    def remove(self, connection: Closable) -> None:
        """It was closed by either side; harmless for one that is not known."""
        if connection not in self._open:
            return
        self.busy(connection)
        self._open.discard(connection)
        self._per_address[connection.address] -= 1
        if not self._per_address[connection.address]:
            del self._per_address[connection.address]

    def busy(self, connection: Closable) -> None:
        """A request has come over it that is being answered."""
        if connection in self._idle:
            del self._idle[connection]
            same = self._idle_per_address[connection.address]
            del same[connection]
            if not same:
                del self._idle_per_address[connection.address]

    def idle(self, connection: Closable) -> None:
        """Nothing is being answered over it. Closes the oldest idle one if there are too many."""
        if connection not in self._open or connection in self._idle:
            return
        now = self._idle[connection] = self._clock()
        same = self._idle_per_address.setdefault(connection.address, {})
        same[connection] = now
        self._may_close = CLOSED_FOR_ONE
        if self._trim(same, self._limits.idle_per_address):
            self._crowded.add(connection.address)
        if self._trim(self._idle, self._limits.idle) or self._crowded:
            self._look_again_later()

    def close_oldest(self) -> bool:
        """The process has no open files left: close the oldest idle connection. False if none is idle."""
        return self._make_room(self._idle, "files")

    def _trim(self, idle: Mapping[Closable, float], most: int) -> bool:
        """Close the oldest of `idle` beyond `most` of them; whether too many are left for now."""
        due = self._clock() - self._limits.grace
        while len(idle) > most:
            oldest, since = next(iter(idle.items()))
            if since > due or not self._may_close:
                return True
            self._may_close -= 1
            self._close(oldest, "idle")
        return False

    def _look_again_later(self) -> None:
        """Once the grace of all that are idle now has passed; at once if more could be closed now."""
        if not self._timer_set:
            self._timer_set = True
            self._call_later(self._limits.grace if self._may_close else 0.0, self._look_again)

    def _look_again(self) -> None:
        self._timer_set, self._may_close = False, CLOSED_AT_ONCE
        most = self._limits.idle_per_address
        self._crowded = {name for name in self._crowded if self._trim(self._idle_per_address.get(name, {}), most)}
        if self._trim(self._idle, self._limits.idle) or self._crowded:
            self._look_again_later()

    def _make_room(self, among: Mapping[Closable, float], why: str = "connections") -> bool:
        oldest = next(iter(among), None)
        if oldest is None:
            return False
        self._close(oldest, why)
        return True

    def _close(self, connection: Closable, why: str) -> None:
        self._last_closed, self._count = self._clock(), self._count + 1
        if self._crowded_since is None:
            self._crowded_since = self._last_closed
            log.warning(
                "too many connections (%d open, %d of them idle, most of this address: %s): the oldest idle ones are "
                "closed", len(self._open), len(self._idle), connection.address,
            )  # fmt: skip
        self._on_closed(why)
        self.remove(connection)
        connection.abort()

    def _settle(self) -> None:
        """Say once that the crowd is over."""
        if self._crowded_since is not None and self._clock() - self._last_closed > QUIET:
            seconds = self._last_closed - self._crowded_since
            log.warning("connections fit again: %d were closed within %.0f s", self._count, seconds)
            self._crowded_since, self._count = None, 0

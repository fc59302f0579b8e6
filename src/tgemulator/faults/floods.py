"""Flood waits as Telegram handles them: a wait is remembered, and calls before its end are refused and counted.

FLOOD_WAIT_X refuses calls of that method, by that account, for X seconds. The guard against auth key
thrashing is on by default, because that failure stops real deployments for half an hour: too many new keys,
exports or logins within a window.
"""

import math
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tgemulator.counters import Counters
from tgemulator.errors import RpcError

Account = int | None


@dataclass(slots=True)
class _Wait:
    """One wait that was given: from when to when (Unix seconds)."""

    since: float
    until: float
    premium: bool


class Waits:
    """Every flood wait given so far, by account and method (and channel, where a fault is for one only).

    Calls within `grace` seconds of a new wait were sent before its answer could arrive: they are refused but
    not counted as early.
    """

    def __init__(self, clock: Callable[[], float], counters: Counters) -> None:
        self.grace = 0.25
        self._clock = clock
        self._counters = counters
        self._waits: dict[tuple[Account, str, int | None], _Wait] = {}

    def give(
        self, account: Account, method: str, *, until: float, premium: bool = False, channel: int | None = None
    ) -> RpcError:
        """Remember a wait until a Unix time and return its error; with `channel`, for calls that name it only."""
        wait = _Wait(self._clock(), until, premium)
        self._waits[account, method, channel] = wait
        return self._error(wait)

    def check(self, account: Account, method: str, *, channels: Iterable[int] = ()) -> None:
        """While a wait runs: count an `early_calls` and raise RpcError 420 with the seconds that remain."""
        for channel in (None, *channels):
            self._check(account, method, channel)

    def _check(self, account: Account, method: str, channel: int | None) -> None:
        """See check, for the waits of one channel, or those of the method (None)."""
        wait = self._waits.get((account, method, channel))
        if wait is None:
            return
        if self._clock() >= wait.until:
            del self._waits[account, method, channel]
            return
        if self._clock() > wait.since + self.grace:
            self._counters.add("early_calls", method=method, user=account or 0)
        raise self._error(wait)

    def forget(self) -> None:
        """End all waits."""
        self._waits.clear()

    def _error(self, wait: _Wait) -> RpcError:
        """The rpc_error for a wait: whole seconds, rounded up, at least one."""
        seconds = max(1, math.ceil(wait.until - self._clock()))
        return RpcError(420, f"FLOOD_{'PREMIUM_' if wait.premium else ''}WAIT_{seconds}")


class Rate:
    """Counts the events of each key within a sliding window."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._times: defaultdict[tuple[object, ...], deque[float]] = defaultdict(deque)

    def count(self, *key: object, window: float) -> int:
        """Record an event; returns how many there were within the last `window` seconds, this one included."""
        now = self._clock()
        times = self._times[key]
        times.append(now)
        while times[0] <= now - window:
            times.popleft()
        return len(times)


@dataclass(slots=True, kw_only=True)
class ThrashGuard:
    """FLOOD_WAIT for more than `keys` new auth keys in a DC, `exports` or `logins` of an account, in `window` seconds.

    It lasts `seconds`, for logins and exports of that account; too many keys, which have no account yet, are charged
    to every account. The defaults are far above the needs of a client that stores its keys, and far below the use of
    one that makes a key per stream.
    """

    keys: int = 200
    exports: int = 50
    logins: int = 50
    window: float = 600.0
    seconds: float = 2000.0


GUARDED = {
    "auth.exportAuthorization": "exports",
    "auth.importBotAuthorization": "logins",
    "auth.sendCode": "logins",
    "auth.signIn": "logins",
}


class Thrash:
    """Applies a ThrashGuard."""

    def __init__(self, clock: Callable[[], float], waits: Waits) -> None:
        self.guard: ThrashGuard | None = ThrashGuard()
        self._clock = clock
        self._rate = Rate(clock)
        self._waits = waits
        self._keys_until = 0.0

    def key_made(self, dc_id: int) -> None:
        """Count a new auth key."""
        guard = self.guard
        if guard is not None and self._rate.count("keys", dc_id, window=guard.window) > guard.keys:
            self._keys_until = max(self._keys_until, self._clock() + guard.seconds)

    def check(self, account: Account, method: str) -> None:
        """RpcError 420 for a login or export beyond the limit."""
        kind = GUARDED.get(method)
        if self.guard is None or kind is None:
            return
        if self._clock() < self._keys_until:
            raise self._waits.give(account, method, until=self._keys_until)
        most = self.guard.exports if kind == "exports" else self.guard.logins
        if self._rate.count(kind, account, window=self.guard.window) > most:
            raise self._waits.give(account, method, until=self._clock() + self.guard.seconds)

    def forget(self) -> None:
        """Reset the counts and end the wait for all accounts."""
        self._rate = Rate(self._clock)
        self._keys_until = 0.0

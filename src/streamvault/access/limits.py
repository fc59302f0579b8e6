"""How much one person, link or address may ask of the server: requests a minute, streams at once, bytes a day.

Owners have no limits. A person counts wherever the requests come from, also with an API token or an address from a
list; a link counts for itself; all others by their address. Counting costs no round trip: processes that share a
database add up what each of them has counted (access/usage.py).
"""

import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal

from streamvault.access.counters import MAX_KEYS, WindowCounters
from streamvault.access.identity import Identity
from streamvault.access.stream_slots import PATIENCE, NoSlot, StreamSlots

Why = Literal["rate", "streams", "day", "refused"]

MINUTE, DAY = 60, 86_400

PICTURES = 10
"""How many thumbnails count as one request: a page of the library shows a hundred, and scrolling soon shows more."""

MOST_REFUSED = 60
"""Refusals of one address in a minute, after which its credentials are not looked at any more; fewer where its
requests are fewer."""

STREAM_RETRY = 10
"""Seconds for Retry-After where all streams are taken: nobody knows when one of them ends."""

_DETAIL: dict[Why, str] = {
    "rate": "Too many requests within a minute.",
    "streams": "Too many streams at once: end one of them first.",
    "day": "No more of the files today: what may be sent in a day was sent.",
    "refused": "Too many wrong links or log-ins from your address.",
}


class LimitReached(Exception):
    """`retry_after`: seconds, at least 1, after which it goes on (with "streams": may go on)."""

    def __init__(self, why: Why, retry_after: int) -> None:
        super().__init__(_DETAIL[why])
        self.why: Why = why
        self.retry_after = retry_after


def key_of(who: Identity | None, address: str) -> str | None:
    """By what the limits of a request count; None for an owner, who has none. `address`: see http/addresses.py."""
    if who is None:
        return f"address:{address}"
    if who.unlimited:
        return None
    if who.payer is not None:
        return f"person:{who.payer}"
    if who.credential and who.via == "link":
        return f"link:{who.credential}"
    return f"address:{address}"


class Limits:
    """The limits of one process. Every 0 is no limit."""

    def __init__(
        self,
        *,
        rate: int = 0,
        streams: int = 0,
        day: int = 0,
        patience: float = PATIENCE,
        most_keys: int = MAX_KEYS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`rate`: requests a minute, `streams` at once, `day`: bytes a day.

        `patience`: see StreamSlots; `most_keys` are remembered for each limit; `clock` gives Unix seconds.
        """
        self._clock = clock
        self.slots = StreamSlots(streams, patience=patience)

        def limit(why: Why, amount: int, window: int = MINUTE) -> "_Limit | None":
            half = -(-amount // 2)
            counters = WindowCounters(window, keep_from=half, most=most_keys, clock=clock)
            return _Limit(why, amount, counters) if amount else None

        self._rate = limit("rate", rate)
        self._pictures = limit("rate", rate * PICTURES)
        self._day = limit("day", day, DAY)
        self._refused = limit("refused", min(rate, MOST_REFUSED))

    @property
    def counters(self) -> dict[str, WindowCounters]:
        """What processes add up, by names that last."""
        named = {"requests": self._rate, "pictures": self._pictures, "bytes": self._day, "refusals": self._refused}
        return {name: limit.counters for name, limit in named.items() if limit is not None}

    def request(self, key: str, *, picture: bool = False) -> None:
        """Count a request. Raises LimitReached."""
        limit = self._pictures if picture else self._rate
        if limit is not None:
            limit.check(key, self._clock())
            limit.count(key)

    @asynccontextmanager
    async def stream(self, key: str, *, film: str = "") -> AsyncIterator[None]:
        """Hold a stream's place. Raises LimitReached when all are taken or the day's bytes were sent.

        All with the same `film` hold one place.
        """
        self.check_day(key)
        try:
            async with self.slots.shared(key, film) if film else self.slots.slot(key):
                yield
        except NoSlot:
            raise LimitReached("streams", STREAM_RETRY) from None

    def check_day(self, key: str) -> None:
        """Raise LimitReached if the day's bytes were sent."""
        if self._day is not None:
            self._day.check(key, self._clock())

    @property
    def counts_bytes(self) -> bool:
        """Whether the bytes of a day are limited."""
        return self._day is not None

    def sent(self, key: str, count: int) -> bool:
        """Count bytes that were sent; whether more may follow."""
        return self._day is None or not count or self._day.count(key, count)

    def check_refusals(self, address: str) -> None:
        """Raise LimitReached if this address was refused too often in this minute: call it before a credential that is
        not known from the last minute is looked up."""
        if self._refused is not None:
            self._refused.check(address, self._clock())

    def refused(self, address: str) -> None:
        """Count a request of this address whose credentials were wrong or missing."""
        if self._refused is not None:
            self._refused.count(address)


class _Limit:
    """One limit: what it is called, its amount in a window, and its counts."""

    def __init__(self, why: Why, amount: int, counters: WindowCounters) -> None:
        self.counters = counters
        self._why: Why = why
        self._amount = amount

    def check(self, key: str, now: float) -> None:
        """Raise LimitReached if the amount was used up."""
        if self.counters.get(key) >= self._amount:
            raise LimitReached(self._why, max(1, math.ceil(self.counters.ends_at - now)))

    def count(self, key: str, cost: int = 1) -> bool:
        """Add to the count; whether the amount is not exceeded."""
        return self.counters.add(key, cost) <= self._amount

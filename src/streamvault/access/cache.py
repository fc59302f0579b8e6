"""Keeps what was read about people and credentials for a minute, so that a request costs no database round trip."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar, cast

from streamvault.errors import CatalogError

FRESH = 60.0
"""Seconds for which a value is used without asking the database."""

STALE = 3600.0
"""Seconds for which a value is used while the database does not answer."""

T = TypeVar("T")


class AccessCache:
    """Values by key, at most `most` of them; the least recently used go first. `clock` gives monotonic seconds."""

    def __init__(self, *, most: int = 20_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._values: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
        self._generation = 0

    def __len__(self) -> int:
        return len(self._values)

    def forget(self) -> None:
        """Drop everything, also what is being read now: rights were taken away."""
        self._generation += 1
        self._values.clear()

    def drop(self, key: Hashable) -> None:
        """Drop one value."""
        self._values.pop(key, None)

    async def get(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """The value of `key`, read when it is not known or older than FRESH.

        Raises what `read` raises; CatalogError not while there is a value that is younger than STALE.
        """
        known = self._values.get(key)
        now = self._clock()
        if known is not None and now - known[0] < FRESH:
            self._values.move_to_end(key)
            return cast(T, known[1])
        generation = self._generation
        try:
            value = await read()
        except CatalogError:
            if known is None or now - known[0] >= STALE or generation != self._generation:
                raise
            return cast(T, known[1])
        if generation == self._generation:
            self._values[key] = (now, value)
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value

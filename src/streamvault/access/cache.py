"""Keeps what was read about people and credentials for a minute, so that a request costs no database round trip."""

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from functools import partial
from typing import Any, TypeVar, cast

from streamvault.errors import CatalogError

FRESH = 60.0
"""Seconds for which a value is used without asking the database."""

AGAIN = 1.0
"""The same, where the known value does not fit: another process may have changed it."""

PAUSE = 5.0
"""Seconds after a failure in which what is known is used without asking again."""

STALE = 3600.0
"""Seconds for which a value is used while the database does not answer."""

T = TypeVar("T")


class AccessCache:
    """Values by key, at most `most` of them; the least recently used go first. `clock` gives monotonic seconds."""

    def __init__(self, *, most: int = 20_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._values: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
        self._reading: dict[Hashable, asyncio.Task[Any]] = {}
        self._failed = -PAUSE
        self.generation = 0
        """Changes whenever everything is forgotten."""

    def __len__(self) -> int:
        return len(self._values)

    def forget(self) -> None:
        """Drop everything, also what is being read now: rights were taken away."""
        self.generation += 1
        self._values.clear()
        self._reading.clear()

    def drop(self, key: Hashable) -> None:
        """Drop one value, also what is being read of it now."""
        self._values.pop(key, None)
        self._reading.pop(key, None)

    async def get(self, key: Hashable, read: Callable[[], Coroutine[Any, Any, T]], *, fresh: float = FRESH) -> T:
        """The value of `key`, read when it is not known or older than `fresh`; those who ask at once share one read.

        Raises what `read` raises; CatalogError not while there is a value that is younger than STALE.
        """
        known = self._values.get(key)
        now = self._clock()
        if known is not None and (now - known[0] < fresh or now - self._failed < PAUSE):
            self._values.move_to_end(key)
            return cast(T, known[1])
        generation = self.generation
        try:
            return cast(T, await asyncio.shield(self._read(key, read)))
        except CatalogError:
            self._failed = now
            if known is None or now - known[0] >= STALE or generation != self.generation:
                raise
            return cast(T, known[1])

    def _read(self, key: Hashable, read: Callable[[], Coroutine[Any, Any, Any]]) -> asyncio.Task[Any]:
        """The read of this key that is under way, or a new one, which goes on when who asked does not wait for it."""
        task = self._reading.get(key)
        if task is None:
            task = self._reading[key] = asyncio.create_task(read())
            task.add_done_callback(partial(self._finished, key, self._clock()))
        return task

    def _finished(self, key: Hashable, began: float, task: asyncio.Task[Any]) -> None:
        if self._reading.get(key) is not task:  # dropped meanwhile: what it has read may be old
            with contextlib.suppress(asyncio.CancelledError):
                task.exception()  # marks it as retrieved
            return
        del self._reading[key]
        if task.cancelled() or task.exception() is not None:
            return
        self._values[key] = (began, task.result())
        self._values.move_to_end(key)
        while len(self._values) > self._most:
            self._values.popitem(last=False)

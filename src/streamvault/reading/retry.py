"""When a failed read is tried again: `next_delay` decides (pure), `with_retries` is the loop with clock and bound."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from streamvault.errors import SourceBusy, SourceError, SourceUnavailable

FIRST_DELAY = 0.25
"""Seconds before the second try."""

MAX_DELAY = 5.0
"""Seconds that a back-off never exceeds."""

MAX_REFUSALS = 3
"""Tries of a read that Telegram answers with an error, as opposed to one that gets no answer."""

T = TypeVar("T")


class Clock(Protocol):
    """Time as the event loop sees it; a parameter, so that tests need not wait."""

    def time(self) -> float:
        """Seconds from an arbitrary origin, never running backwards."""
        ...

    async def sleep(self, seconds: float) -> None: ...

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Ends its body with TimeoutError after `seconds`, as asyncio.timeout does."""
        ...


class LoopClock:
    """The clock of the event loop's timers, read without a look-up of the loop, because it is read often."""

    def time(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        return asyncio.timeout(seconds)


def next_delay(error: SourceError, attempt: int, *, waited: float, bound: float) -> float | None:
    """Seconds to wait before the next try, or None to give up.

    `attempt` is the number of tries that ended with this type of error, `waited` the seconds since the first try began,
    `bound` the seconds after which to give up. A flood wait is waited out to the second, or not at all; an error that
    Telegram answers is tried MAX_REFUSALS times; a lost connection until the bound.
    """
    if isinstance(error, SourceBusy):
        delay = max(error.retry_after, FIRST_DELAY)
    elif not isinstance(error, SourceUnavailable) and attempt >= MAX_REFUSALS:
        return None
    else:
        delay = min(FIRST_DELAY * 2 ** min(attempt - 1, 16), MAX_DELAY)
    return delay if waited + delay < bound else None


async def with_retries(read: Callable[[], Awaitable[T]], bound: float, *, clock: Clock) -> T:
    """The result of `read`, tried again for at most `bound` seconds.

    Raises the last SourceError, SourceUnavailable if a try did not end within the bound, and everything else that
    `read` raises (such as FileGone) at once.
    """
    began = clock.time()
    failures: Counter[type[SourceError]] = Counter()
    while True:
        try:
            return await _bounded(read, bound - (clock.time() - began), clock=clock)
        except SourceError as error:
            failures[type(error)] += 1
            delay = next_delay(error, failures[type(error)], waited=clock.time() - began, bound=bound)
            if delay is None:
                raise
        await clock.sleep(delay)


async def _bounded(read: Callable[[], Awaitable[T]], seconds: float, *, clock: Clock) -> T:
    try:
        async with clock.timeout(seconds):
            return await read()
    except TimeoutError as error:
        raise SourceUnavailable(f"no answer within {seconds:.1f} s") from error

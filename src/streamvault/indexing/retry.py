"""Walks have time: they wait out floods, lost connections and a database that is away, and keep their place."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

from streamvault.errors import CatalogError, SourceBusy, SourceError, SourceUnavailable, StreamVaultError
from streamvault.reading.retry import Clock, LoopClock, next_delay

T = TypeVar("T")
Told = Callable[[StreamVaultError | None], None]

FOREVER = float("inf")


class RetryPolicy:
    """Tries again for as long as it takes. `told` is called with the reason before each wait, and with None once it
    is over.
    """

    def __init__(self, *, clock: Clock | None = None, told: Told = lambda _: None) -> None:
        self._clock = clock or LoopClock()
        self._told = told

    async def run(self, call: Callable[[], Awaitable[T]]) -> T:
        """What `call` returns in the end. A flood is waited for to the second, other waits grow up to MAX_DELAY.

        Raises SourceError for what Telegram has refused a few times, and at once what no waiting changes.
        """
        failures: Counter[type[StreamVaultError]] = Counter()
        while True:
            try:
                result = await call()
            except (SourceError, CatalogError) as error:
                failures[type(error)] += 1
                delay = next_delay(_as_source(error), failures[type(error)], waited=0.0, bound=FOREVER)
                if delay is None:
                    raise
                self._told(error)
            else:
                if failures:
                    self._told(None)
                return result
            await self._clock.sleep(delay)


def _as_source(error: SourceError | CatalogError) -> SourceError:
    """A database that is away is waited for as Telegram is."""
    return error if isinstance(error, SourceError) else SourceUnavailable(str(error))


def reason(error: StreamVaultError) -> str:
    """Why a walk waits, for people."""
    if isinstance(error, SourceBusy):
        return f"Telegram asks to wait {error.retry_after:.0f} s"
    return "the database is away" if isinstance(error, CatalogError) else "Telegram cannot be reached"

"""The retry policy of walks: flood waits, lost connections and an unavailable database are waited out."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

from streamvault.errors import CatalogError, SourceBusy, SourceError, SourceUnavailable, StreamVaultError
from streamvault.reading.retry import Clock, LoopClock, next_delay

T = TypeVar("T")
OnWait = Callable[[StreamVaultError | None], None]

FOREVER = float("inf")


class RetryPolicy:
    """Repeats a call until it succeeds. `on_wait` is called with the error before each wait, and with None after the
    last one. `patience`: seconds for which Telegram is waited for; the database is waited for without end.
    """

    def __init__(
        self, *, clock: Clock | None = None, on_wait: OnWait = lambda _: None, patience: float = FOREVER
    ) -> None:
        self._clock = clock or LoopClock()
        self._on_wait = on_wait
        self._patience = patience

    async def run(self, call: Callable[[], Awaitable[T]]) -> T:
        """The result of `call`. A flood wait is waited out to the second; other delays grow up to MAX_DELAY seconds.

        Raises SourceError after MAX_REFUSALS errors of Telegram, or once its end would be later than `patience`, and
        every other exception at once.
        """
        failures: Counter[type[StreamVaultError]] = Counter()
        began = self._clock.time()
        while True:
            try:
                result = await call()
            except (SourceError, CatalogError) as error:
                failures[type(error)] += 1
                bound = FOREVER if isinstance(error, CatalogError) else self._patience
                waited = self._clock.time() - began
                delay = next_delay(_as_source(error), failures[type(error)], waited=waited, bound=bound)
                if delay is None:
                    raise
                self._on_wait(error)
            else:
                if failures:
                    self._on_wait(None)
                return result
            await self._clock.sleep(delay)


def _as_source(error: SourceError | CatalogError) -> SourceError:
    """An unavailable database is waited for as an unavailable Telegram is."""
    return error if isinstance(error, SourceError) else SourceUnavailable(str(error))


def reason(error: StreamVaultError) -> str:
    """Why a walk waits, as text for people."""
    if isinstance(error, SourceBusy):
        return f"Telegram asks to wait {error.retry_after:.0f} s"
    return "the database is away" if isinstance(error, CatalogError) else "Telegram cannot be reached"

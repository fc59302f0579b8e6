"""Failures that may pass: what they mean for viewers, and for how long they are answered without another try."""

from collections import OrderedDict
from collections.abc import Hashable

from streamvault.errors import NotPlayable, SourceUnavailable, StreamVaultError
from streamvault.reading.retry import Clock
from streamvault.reading.sandbox.model import JobFailed

MOST = 1000
"""Failures that are remembered."""


class Failures:
    """Remembers failures by key for some `seconds`."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._seconds, self._clock = seconds, clock
        self._failed: OrderedDict[Hashable, tuple[float, StreamVaultError]] = OrderedDict()

    def put(self, key: Hashable, error: StreamVaultError) -> None:
        """Raise this error for `key` from now on."""
        self._failed[key] = (self._clock.time() + self._seconds, error)
        if len(self._failed) > MOST:
            self._failed.popitem(last=False)

    def check(self, key: Hashable) -> None:
        """Raise what has failed lately."""
        until, error = self._failed.get(key, (0.0, None))
        if error is not None and self._clock.time() < until:
            raise error
        self._failed.pop(key, None)


def of_job(error: JobFailed, *, passing: str, lasting: str) -> StreamVaultError:
    """What a failed job means: the server's trouble, which passes, or the film's; words with "{}" for the reason."""
    if error.killed or not error.has_read:
        return SourceUnavailable(passing.format(error.reason))
    return NotPlayable(lasting.format(error.reason))

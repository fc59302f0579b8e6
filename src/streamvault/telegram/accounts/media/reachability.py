"""Whether the file servers of one data centre can be reached: told by requests, and by a probe where there are none."""

from collections.abc import Callable


class Reachability:
    """What became of the latest requests to one data centre. `clock` returns seconds.

    `on_recovered` is called when it answers after it could not be reached.
    """

    def __init__(self, clock: Callable[[], float], *, on_recovered: Callable[[], None] = lambda: None) -> None:
        self._clock = clock
        self._on_recovered = on_recovered
        self._failing_since: float | None = None
        self._failed_at = 0.0
        self._suspect = False

    @property
    def failing_for(self) -> float | None:
        """Seconds since requests began to fail; None after one that was answered."""
        return None if self._failing_since is None else self._clock() - self._failing_since

    def needs_probe(self, *, quiet: float) -> bool:
        """Whether nobody else finds out: a connection was lost while idle, or no request has failed for `quiet` s."""
        return self._suspect or (self._failing_since is not None and self._clock() >= self._failed_at + quiet)

    def worked(self) -> None:
        """A request or a probe was answered."""
        recovered = self._failing_since is not None
        self._failing_since, self._suspect = None, False
        if recovered:
            self._on_recovered()

    def failed(self) -> None:
        """A request or a probe was not answered, as no connection could be opened or all were lost."""
        self._failed_at, self._suspect = self._clock(), False
        if self._failing_since is None:
            self._failing_since = self._failed_at

    def suspect(self) -> None:
        """A connection was lost while nothing was asked on it."""
        self._suspect = True

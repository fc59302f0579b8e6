"""How often somebody may be wrong, so that codes cannot be guessed."""

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable


class Tries:
    """The failures of each key within the last `seconds`; after `most` of them no further try is allowed.

    At most `keys` are remembered, those that failed last. `clock` gives seconds.
    """

    def __init__(self, most: int, *, seconds: float, clock: Callable[[], float], keys: int = 10_000) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._keys = keys
        self._failures: OrderedDict[Hashable, deque[float]] = OrderedDict()

    def wait(self, key: Hashable) -> float:
        """0, or the seconds until `key` may try again."""
        failures = self._failures.get(key)
        if failures is None or len(failures) < self._most:
            return 0.0
        return max(0.0, failures[0] + self._seconds - self._clock())

    def fail(self, key: Hashable) -> None:
        """Count a failure of `key`."""
        self._failures.setdefault(key, deque(maxlen=self._most)).append(self._clock())
        self._failures.move_to_end(key)
        if len(self._failures) > self._keys:
            self._failures.popitem(last=False)

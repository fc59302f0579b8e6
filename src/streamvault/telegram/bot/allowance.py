"""Token buckets: how many messages of the bot people may cause."""

from collections import OrderedDict
from collections.abc import Callable, Hashable

REMEMBERED = 1000
"""Keys of which Allowances remembers what is left."""


class Allowance:
    """`most` at once, and one more each `interval` seconds. `clock` gives seconds that never go back."""

    def __init__(self, most: int, interval: float, clock: Callable[[], float]) -> None:
        self._most = most
        self._interval = interval
        self._clock = clock
        self._left = float(most)
        self._at = clock()

    def take(self) -> bool:
        """Use one up, if there is one."""
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._at) / self._interval)
        self._at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


class Allowances:
    """An Allowance for each key; the REMEMBERED that were used last."""

    def __init__(self, most: int, interval: float, clock: Callable[[], float]) -> None:
        self._most = most
        self._interval = interval
        self._clock = clock
        self._known: OrderedDict[Hashable, Allowance] = OrderedDict()

    def take(self, key: Hashable) -> bool:
        """Use one of this key up, if there is one."""
        allowance = self._known.setdefault(key, Allowance(self._most, self._interval, self._clock))
        self._known.move_to_end(key)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return allowance.take()

"""Counts per key within a window of time, of a bounded number of keys.

Windows begin at multiples of their length in Unix time, so that processes count the same ones and days end at 00:00
UTC. At the end of a window everything is forgotten.
"""

import time
from collections.abc import Callable, Mapping

MAX_KEYS = 20_000
"""Keys that are remembered in a window."""


class WindowCounters:
    """Counts of at most `most` keys; those from `keep_from` on are never forgotten before the window ends.

    When all places are taken, the key that has been counted for longest among those below `keep_from` makes room; where
    there is none, all new keys share one count. So a flood of keys frees nobody who is near a limit.
    """

    def __init__(
        self, window: int, *, keep_from: int, most: int = MAX_KEYS, clock: Callable[[], float] = time.time
    ) -> None:
        """`window` in seconds; `clock` gives Unix seconds."""
        self._window = window
        self._keep_from = keep_from
        self.most = most
        self._clock = clock
        self._number = -1
        self._few: dict[str, int] = {}
        self._many: dict[str, int] = {}
        self._others = 0
        self._unshared: dict[str, int] = {}

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._few) + len(self._many)

    @property
    def number(self) -> int:
        """The present window, counted from 1970."""
        self._roll()
        return self._number

    @property
    def ends_at(self) -> float:
        """When the present window ends, in Unix seconds."""
        return float((self.number + 1) * self._window)

    def add(self, key: str, amount: int = 1) -> int:
        """Add to the count of a key; the new one."""
        self._roll()
        if len(self._unshared) < self.most or key in self._unshared:
            self._unshared[key] = self._unshared.get(key, 0) + amount
        return self._put(key, self._known(key) + amount, amount)

    def get(self, key: str) -> int:
        """The count of a key."""
        self._roll()
        return self._known(key) or (self._others if len(self._many) >= self.most else 0)

    def take_unshared(self, most: int) -> dict[str, int]:
        """What was counted since the last call, of at most `most` keys; the rest comes next time."""
        self._roll()
        taken = {key: self._unshared[key] for key, _ in zip(self._unshared, range(most), strict=False)}
        for key in taken:
            del self._unshared[key]
        return taken

    def give_back(self, counts: Mapping[str, int]) -> None:
        """What was taken and could not be shared."""
        for key, count in counts.items():
            if key in self._unshared or len(self._unshared) < self.most:
                self._unshared[key] = self._unshared.get(key, 0) + count

    def learn(self, totals: Mapping[str, int]) -> None:
        """The counts of all processes together, as they were stored; what is not shared yet comes on top."""
        self._roll()
        for key, total in totals.items():
            count = max(total + self._unshared.get(key, 0), self._known(key))
            self._put(key, count, 0)

    def _known(self, key: str) -> int:
        return self._many.get(key) or self._few.get(key, 0)

    def _put(self, key: str, count: int, amount: int) -> int:
        """Remember `count`; `amount` is what is new of it. The count that holds for the key."""
        if key in self._many:
            self._many[key] = count
            return count
        if key not in self._few and len(self) >= self.most:
            if not self._few:
                self._others += amount
                return self._others
            del self._few[next(iter(self._few))]
        if count < self._keep_from:
            self._few[key] = count
        else:
            self._few.pop(key, None)
            self._many[key] = count
        return count

    def _roll(self) -> None:
        number = int(self._clock() // self._window)
        if number != self._number:
            self._forget()
            self._number = number

    def _forget(self) -> None:
        self._few, self._many, self._unshared, self._others = {}, {}, {}, 0

"""Slots for answers that have no end of their own, shared among the addresses of clients."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class NoFreeSlot(Exception):
    """All slots are taken; `own`: those of this address."""

    def __init__(self, *, own: bool) -> None:
        super().__init__("of this address" if own else "in all")
        self.own = own


class SharedSlots:
    """At most `per_address` slots for each address, and `total` in all.

    When all are taken, an address with fewer than another one gets the oldest slot of the one with most: so nobody
    keeps the others out, and nobody loses a slot to one who has as many. At most `per_address` of those whose slot was
    taken may not have left yet; while so many are leaving, no other slot is taken.
    """

    def __init__(self, total: int, per_address: int) -> None:
        self._total = total
        self._per_address = per_address
        self._taken: dict[str, dict[int, Callable[[], None]]] = {}
        self._leaving: set[int] = set()
        self._number = 0

    def __len__(self) -> int:
        return sum(map(len, self._taken.values()))

    @contextmanager
    def slot(self, address: str, end: Callable[[], None]) -> Iterator[None]:
        """Hold a slot; `end` is called when it goes to somebody else. Raises NoFreeSlot."""
        own = len(self._taken.get(address, ()))
        if own >= self._per_address:
            raise NoFreeSlot(own=True)
        if len(self) >= self._total:
            self._take_from_most(own)
        self._number += 1
        number = self._number
        self._taken.setdefault(address, {})[number] = end
        try:
            yield
        finally:
            self._leaving.discard(number)
            self._release(address, number)

    def _take_from_most(self, own: int) -> None:
        address = max(self._taken, key=lambda one: len(self._taken[one]))
        slots = self._taken[address]
        if len(slots) <= own + 1 or len(self._leaving) >= self._per_address:
            raise NoFreeSlot(own=False)
        number, end = next(iter(slots.items()))
        self._release(address, number)
        self._leaving.add(number)
        end()

    def _release(self, address: str, number: int) -> None:
        slots = self._taken.get(address, {})
        slots.pop(number, None)
        if not slots:
            self._taken.pop(address, None)

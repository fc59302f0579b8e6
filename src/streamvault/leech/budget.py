"""Who may use how many bytes of the disk, and who is next; pure.

Reservations are kept in memory and in the order in which they were wanted: nobody who wants less overtakes somebody who
wants more, unless there is room for both, so that a large file is not kept waiting for ever by small ones.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from streamvault.errors import NeverFits, NoRoom

RETRY = 15.0
"""Seconds after which whoever has to wait should ask again."""
PLACE_KEPT = 120.0
"""Seconds for which the place in the line of somebody who does not ask again is kept."""


@dataclass(frozen=True, slots=True)
class Space:
    """What the file system gives, in bytes: `spare` may be written now; `most` if nothing else were on it."""

    spare: int
    most: int


@dataclass(slots=True)
class _Waiting:
    need: int
    asked: float


class Budget:
    """`total` bytes. `clock` returns seconds of any origin. Keys name who reserves."""

    def __init__(self, total: int, clock: Callable[[], float]) -> None:
        self._total = total
        self._clock = clock
        self._reserved: dict[str, int] = {}
        self._line: dict[str, _Waiting] = {}

    def take(self, key: str, need: int, *, used: Mapping[str, int], space: Space) -> None:
        """Reserve `need` bytes in all for `key`. `used`: bytes that each key has on the disk now, those without a
        reservation too.

        Raises NeverFits where that is more than there can ever be, and NoRoom while others have the rest.
        """
        try:
            self._check_ever(need, space)
        except NeverFits:
            self._line.pop(key, None)
            raise
        self._forget_absent()
        if need <= self.reserved(key):
            self._reserved[key] = need
            self._line.pop(key, None)
            return
        place = self._line.setdefault(key, _Waiting(need, 0.0))
        place.need, place.asked = need, self._clock()
        ahead = self._ahead(key)
        self._check_now(key, need, ahead=ahead, used=used, space=space)
        del self._line[key]
        self._reserved[key] = need

    def reserved(self, key: str) -> int:
        """Bytes that `key` has reserved."""
        return self._reserved.get(key, 0)

    def release(self, key: str) -> None:
        """Give back what `key` has reserved."""
        self._reserved.pop(key, None)

    def leave(self, key: str) -> None:
        """Give up the place in the line."""
        self._line.pop(key, None)

    def _check_ever(self, need: int, space: Space) -> None:
        if need > self._total:
            raise NeverFits(f"{need:,} bytes are needed on the disk, and at most {self._total:,} are used (LEECH_DISK)")
        if need > space.most:
            raise NeverFits(f"{need:,} bytes are needed on the disk of DATA_DIR, which has room for {space.most:,}")

    def _check_now(self, key: str, need: int, *, ahead: int, used: Mapping[str, int], space: Space) -> None:
        others = {other for other in (*used, *self._reserved) if other != key}
        taken = sum(max(self.reserved(other), used.get(other, 0)) for other in others)
        coming = sum(max(0, self.reserved(other) - used.get(other, 0)) for other in others)
        left = self._total - taken - ahead
        if need > left:
            raise NoRoom(_short(need, left, f"of the {self._total:,} of LEECH_DISK"), retry_after=RETRY)
        left = space.spare - coming - ahead
        if need - used.get(key, 0) > left:
            raise NoRoom(_short(need - used.get(key, 0), left, "on the disk of DATA_DIR"), retry_after=RETRY)

    def _ahead(self, key: str) -> int:
        """Bytes that those want who are before `key` in the line."""
        order = list(self._line)
        return sum(self._line[other].need - self.reserved(other) for other in order[: order.index(key)])

    def _forget_absent(self) -> None:
        oldest = self._clock() - PLACE_KEPT
        for key in [key for key, waiting in self._line.items() if waiting.asked < oldest]:
            del self._line[key]


def _short(need: int, left: int, where: str) -> str:
    return f"waits for room: {need:,} bytes are needed, and {max(0, left):,} {where} are free"

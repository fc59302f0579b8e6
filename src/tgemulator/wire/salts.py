"""Server salts: one per lifetime, computed from the key, so that none has to be stored.

A salt is accepted for one lifetime more after the next one has begun
(core.telegram.org/mtproto/description#server-salt).
"""

from dataclasses import dataclass

from tgemulator.wire.crypto import sha256

MAX_FUTURE = 64


@dataclass(frozen=True, slots=True)
class Salt:
    """Valid in `[since, until)`, Unix seconds; `value` is a signed 64-bit number."""

    since: int
    until: int
    value: int


@dataclass(frozen=True, slots=True)
class SaltSchedule:
    """The salts of one key, made at `start` with `first` as its first; `lifetime` in seconds."""

    key: bytes
    start: float
    first: int
    lifetime: float

    def _at(self, number: int) -> Salt:
        since = self.start + number * self.lifetime
        value = self.first
        if number > 0:
            digest = sha256(b"salt", self.key, number.to_bytes(8, "little"))
            value = int.from_bytes(digest[:8], "little", signed=True)
        return Salt(int(since), int(since + 2 * self.lifetime), value)

    def _number(self, now: float) -> int:
        return max(0, int((now - self.start) // self.lifetime))

    def current(self, now: float) -> int:
        """The salt that new messages should carry."""
        return self._at(self._number(now)).value

    def accepts(self, salt: int, now: float) -> bool:
        """Whether a message may carry `salt`: the current one or the one before."""
        number = self._number(now)
        return salt == self._at(number).value or (number > 0 and salt == self._at(number - 1).value)

    def future(self, count: int, now: float) -> list[Salt]:
        """The current salt and those after it, at most MAX_FUTURE."""
        first = self._number(now)
        return [self._at(first + step) for step in range(min(max(count, 0), MAX_FUTURE))]

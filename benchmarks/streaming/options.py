"""The amounts that a row measures."""

from dataclasses import dataclass

MIB = 1 << 20
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Options:
    """`runs` of each case, whose median counts; `quick`: small amounts; `minutes`: duration of the soak."""

    runs: int = 5
    quick: bool = False
    minutes: float = 30.0

    def scaled(self, full: int, quick: int) -> int:
        """An amount (a size, a count, seconds) of a full run or of a quick one."""
        return quick if self.quick else full

"""Counts what the emulator did, for tests to assert on.

A counter has a name and any set of labels; reading sums over every label set that matches, so
`value("getfile")` is the total and `value("getfile", dc=2)` one data centre's share.
"""

from collections import defaultdict
from typing import Any

Label = str | int
_Labels = tuple[tuple[str, Label], ...]


class Counters:
    """Counters, which only grow, and peaks, which keep the highest value seen. Not for use across threads."""

    def __init__(self) -> None:
        self._counts: dict[str, dict[_Labels, int]] = defaultdict(dict)
        self._peaks: dict[str, int] = {}

    def add(self, name: str, amount: int = 1, **labels: Label) -> None:
        """Add `amount` to the counter `name` under exactly these labels."""
        counts = self._counts[name]
        key = tuple(sorted(labels.items()))
        counts[key] = counts.get(key, 0) + amount

    def value(self, name: str, **labels: Label) -> int:
        """Sum over all label sets that contain `labels`; of a peak, the peak; 0 for a name never counted."""
        if name in self._peaks:
            return self._peaks[name]
        required = set(labels.items())
        return sum(amount for key, amount in self._counts.get(name, {}).items() if required.issubset(key))

    def by(self, name: str, label: str, **labels: Label) -> dict[Label, int]:
        """The matching counts added up per value of one label, e.g. `by("getfile_at", "offset", file=7)`."""
        required = set(labels.items())
        sums: dict[Label, int] = defaultdict(int)
        for key, amount in self._counts.get(name, {}).items():
            if required.issubset(key):
                for found in (value for key_name, value in key if key_name == label):
                    sums[found] += amount
        return dict(sums)

    def peak(self, name: str, value: int) -> None:
        """Keep `value` if it is the highest under this name so far."""
        if value > self._peaks.get(name, 0):
            self._peaks[name] = value

    def snapshot(self) -> dict[str, Any]:
        """Everything as JSON: `{"counters": {name: [{"labels": {...}, "value": n}]}, "peaks": {name: n}}`."""
        counters = {
            name: [{"labels": dict(key), "value": amount} for key, amount in counts.items()]
            for name, counts in self._counts.items()
        }
        return {"counters": counters, "peaks": dict(self._peaks)}

    def reset(self) -> None:
        """Set all counters and peaks back to nothing."""
        self._counts.clear()
        self._peaks.clear()

"""One JSON object of a world file, read key by key, so that every mistake is named where it is."""

from collections.abc import Mapping
from typing import Any


class WorldFileError(ValueError):
    """A world file is wrong; the text says where and how."""


class Described:
    """A JSON object with its place in the file; `close` refuses keys that nobody has read."""

    def __init__(self, place: str, data: Any) -> None:
        if not isinstance(data, Mapping):
            raise WorldFileError(f"{place}: a JSON object is expected")
        self._place = place
        self._data = data
        self._read: set[str] = set()

    def wrong(self, why: str) -> WorldFileError:
        """An error about this object."""
        return WorldFileError(f"{self._place}: {why}")

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._data

    def text(self, key: str, default: str | None = None) -> str:
        """A string."""
        found: str = self._value(key, str, default=default)
        return found

    def number(self, key: str, default: int | None = None) -> int:
        """A whole number."""
        found: int = self._value(key, int, default=default)
        return found

    def real(self, key: str, default: float) -> float:
        """Any number."""
        return float(self._value(key, (int, float), default=default))

    def flag(self, key: str) -> bool:
        """True or false; false if it is missing."""
        return bool(self._value(key, bool, default=False))

    def names(self, key: str) -> set[str] | None:
        """A list of strings as a set; None if it is missing."""
        if not self.has(key):
            return None
        found = self._value(key, list, default=None)
        if not all(isinstance(name, str) for name in found):
            raise self.wrong(f"{key} is a list of names")
        return set(found)

    def chosen(self, **kinds: type) -> dict[str, Any]:
        """Those of these keys that are there, as they are."""
        return {key: self._value(key, kind, default=None) for key, kind in kinds.items() if self.has(key)}

    def items(self, key: str) -> "list[Described]":
        """A list of objects; empty if it is missing."""
        found = self._value(key, list, default=[])
        return [Described(f"{self._place}, {key}[{number}]", item) for number, item in enumerate(found)]

    def part(self, key: str) -> "Described":
        """An object within this one."""
        self._read.add(key)
        return Described(f"{self._place}, {key}", self._data[key])

    def close(self) -> None:
        """WorldFileError for keys that mean nothing here: a typing error would go unseen."""
        unknown = sorted(set(self._data) - self._read)
        if unknown:
            raise self.wrong(f"unknown: {', '.join(unknown)}")

    def _value(self, key: str, kind: Any, *, default: Any) -> Any:
        self._read.add(key)
        if key not in self._data:
            if default is None:
                raise self.wrong(f"{key} is missing")
            return default
        value = self._data[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.wrong(f"{key}: {value!r} is of the wrong kind")
        return value

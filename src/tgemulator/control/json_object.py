"""Reads the JSON objects of a world file key by key; errors name the object that is wrong."""

from collections.abc import Mapping
from typing import Any


class WorldFileError(ValueError):
    """A world file is wrong; the text names the object and the mistake."""


class JsonObject:
    """A JSON object and its position in the file, for error texts; `finish` refuses keys that were not read."""

    def __init__(self, position: str, data: Any) -> None:
        if not isinstance(data, Mapping):
            raise WorldFileError(f"{position}: a JSON object is expected")
        self._position = position
        self._data = data
        self._read: set[str] = set()

    def wrong(self, why: str) -> WorldFileError:
        """An error about this object."""
        return WorldFileError(f"{self._position}: {why}")

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

    def optional(self, **kinds: type) -> dict[str, Any]:
        """The values of those of these keys that are there; `kinds` gives their types."""
        return {key: self._value(key, kind, default=None) for key, kind in kinds.items() if self.has(key)}

    def items(self, key: str) -> "list[JsonObject]":
        """A list of objects; empty if it is missing."""
        found = self._value(key, list, default=[])
        return [JsonObject(f"{self._position}, {key}[{number}]", item) for number, item in enumerate(found)]

    def object(self, key: str) -> "JsonObject":
        """The object under this key."""
        self._read.add(key)
        return JsonObject(f"{self._position}, {key}", self._data[key])

    def finish(self) -> None:
        """WorldFileError for keys that were not read: a misspelt one would otherwise be ignored."""
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

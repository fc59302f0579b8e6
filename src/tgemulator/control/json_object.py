"""Reads JSON objects of world files and of the control API key by key; errors name the object that is wrong."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

INT32 = 2**31 - 1
"""The largest number that most fields of Telegram's schema hold."""
MAX_ID = 2**52 - 1


class DescriptionError(ValueError):
    """A description in JSON is wrong; the text names the object and the mistake."""


class JsonObject:
    """A JSON object and its position in the file, for error texts; `finish` refuses keys that were not read."""

    def __init__(self, position: str, data: Any) -> None:
        if not isinstance(data, Mapping):
            raise DescriptionError(f"{position}: a JSON object is expected")
        self._position = position
        self._data = data
        self._read: set[str] = set()

    def wrong(self, why: str) -> DescriptionError:
        """An error about this object."""
        return DescriptionError(f"{self._position}: {why}")

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._data

    def text(self, key: str, default: str | None = None) -> str:
        """A string."""
        found: str = self._value(key, str, default=default)
        return found

    def number(self, key: str, default: int | None = None, *, low: int = 0, high: int = INT32) -> int:
        """A whole number from `low` to `high`."""
        found: int = self._value(key, int, default=default)
        if not low <= found <= high:
            raise self.wrong(f"{key} is a number from {low} to {high}, not {found}")
        return found

    def real(self, key: str, default: float, *, low: float = 0, high: float = INT32) -> float:
        """Any number from `low` to `high`."""
        found = self._value(key, (int, float), default=default)
        if not low <= found <= high:
            raise self.wrong(f"{key} is a number from {low:g} to {high:g}, not {found}")
        return float(found)

    def reference(self, key: str) -> str | int:
        """A `ref`, or the id of what exists already."""
        found: str | int = self._value(key, (str, int), default=None)
        return found

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

    def texts(self, key: str) -> "list[str]":
        """A list of strings; empty if it is missing."""
        found = self.array(key)
        if not all(isinstance(text, str) for text in found):
            raise self.wrong(f"{key} is a list of texts")
        return found

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Turns what World refuses (ValueError) into an error about this object."""
        try:
            yield
        except DescriptionError:
            raise
        except ValueError as error:
            raise self.wrong(str(error)) from error

    def optional(self, **kinds: type) -> dict[str, Any]:
        """The values of those of these keys that are there; `kinds` gives their types."""
        given = {key: kind for key, kind in kinds.items() if self.has(key)}
        return {
            key: self.number(key, high=MAX_ID) if kind is int else self._value(key, kind, default=None)
            for key, kind in given.items()
        }

    def value(self, key: str) -> Any:
        """Any JSON value."""
        return self._value(key, object, default=None)

    def array(self, key: str) -> list[Any]:
        """A list of any JSON values; empty if it is missing."""
        found: list[Any] = self._value(key, list, default=[])
        return found

    def inner(self, at: str, value: Any) -> "JsonObject":
        """A value of this object as an object of its own, for error texts found under `at`."""
        return JsonObject(f"{self._position}, {at}", value)

    def items(self, key: str) -> "list[JsonObject]":
        """A list of objects; empty if it is missing."""
        return [self.inner(f"{key}[{number}]", item) for number, item in enumerate(self.array(key))]

    def object(self, key: str) -> "JsonObject":
        """The object under this key."""
        return self.inner(key, self.value(key))

    def finish(self) -> None:
        """DescriptionError for keys that were not read: a misspelt one would otherwise be ignored."""
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
        if not isinstance(value, kind) or (isinstance(value, bool) and kind not in (bool, object)):
            raise self.wrong(f"{key}: {value!r} is of the wrong kind")
        return value

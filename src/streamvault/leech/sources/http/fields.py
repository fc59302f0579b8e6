"""The fields of an answer's header."""

from collections.abc import Iterable


class Fields:
    """Names in lower case; values as bytes, as they were sent."""

    def __init__(self, fields: Iterable[tuple[bytes, bytes]]) -> None:
        self._fields = [(name.decode("latin-1").lower(), value) for name, value in fields]

    def all(self, name: str) -> list[bytes]:
        """Every value of a field."""
        return [value for found, value in self._fields if found == name]

    def get(self, name: str) -> bytes | None:
        """The first value of a field, or None."""
        return next(iter(self.all(name)), None)

    def text(self, name: str) -> str | None:
        """The first value of a field, as Latin-1, or None."""
        value = self.get(name)
        return None if value is None else value.decode("latin-1")

    def __contains__(self, name: str) -> bool:
        return bool(self.all(name))

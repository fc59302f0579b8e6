"""Checks the arguments of the control API, so that its routes get values of the right type."""

from dataclasses import fields
from types import UnionType
from typing import Any, get_args

from tgemulator.control.json_object import JsonObject
from tgemulator.faults import types

_REQUIRED: Any = object()


class ControlError(Exception):
    """A request is refused: the HTTP status, and the error text of the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Arguments:
    """The arguments of one request. Each is taken once; `finish` refuses those that were not taken."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = dict(values)

    @classmethod
    def of_query(cls, query: dict[str, str]) -> "Arguments":
        """Arguments of a query string: whole numbers, all of them."""
        return cls({name: _number(name, value) for name, value in query.items()})

    def take(self, name: str, kind: Any, *, default: Any = _REQUIRED) -> Any:
        """The argument of that name, which must be a `kind`. ControlError 400 if it is not, or is missing."""
        value = self._values.pop(name, default)
        if value is _REQUIRED:
            raise ControlError(400, f"{name!r} is missing")
        if value is not default and not is_kind(value, kind):
            raise ControlError(400, f"{name!r} must be a {getattr(kind, '__name__', kind)}")
        return value

    def has(self, name: str) -> bool:
        """Whether an argument of that name is there."""
        return name in self._values

    def description(self, position: str) -> JsonObject:
        """All other arguments as one object, called `position` in error texts."""
        return JsonObject(position, self.all())

    def all(self) -> dict[str, Any]:
        """All other arguments."""
        values, self._values = self._values, {}
        return values

    def finish(self) -> None:
        """ControlError 400 if an argument was not taken: a misspelt name must not be ignored."""
        if self._values:
            raise ControlError(400, f"unknown arguments: {', '.join(sorted(self._values))}")

    def rest(self, kind: type[Any]) -> dict[str, Any]:
        """All other arguments, as the fields of a dataclass that its constructor takes."""
        expected = [item for item in fields(kind) if item.init and self.has(item.name)]
        given = {item.name: self.take(item.name, item.type) for item in expected}
        self.finish()
        return given


def is_kind(value: Any, kind: Any) -> bool:
    """Whether a JSON value fits a Python type: whole numbers are also floats, booleans are not numbers."""
    kinds = set(get_args(kind)) if isinstance(kind, UnionType) else {kind}
    if isinstance(value, bool):
        return bool in kinds
    return isinstance(value, tuple(kinds | ({int} if float in kinds else set())))


def make_fault(name: str, arguments: Arguments) -> types.Fault:
    """The fault of that name. ControlError 400 for an unknown name or wrong arguments."""
    entry = FAULTS.get(name)
    if entry is None:
        raise ControlError(400, f"no fault is called {name!r}; there are {', '.join(sorted(FAULTS))}")
    kind, preset = entry
    return kind(**{**preset, **arguments.rest(kind)})


def _number(name: str, text: str) -> int:
    """A whole number of a query string."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 19):
        raise ControlError(400, f"{name!r} must be a whole number")
    return int(text)


FAULTS: dict[str, tuple[type[types.Fault], dict[str, Any]]] = {
    "flood_wait": (types.FloodWait, {}),
    "rate_limit": (types.RateLimit, {}),
    "error": (types.CallError, {}),
    "transport_error": (types.TransportFailure, {}),
    "drop": (types.Drop, {}),
    "slow_answer": (types.SlowAnswer, {}),
    "lost_answer": (types.LostAnswer, {}),
    "old_answer": (types.OldAnswer, {}),
    "latency": (types.NetworkFault, {}),
    "bandwidth": (types.NetworkFault, {}),
    "stall": (types.NetworkFault, {"stalled": True}),
    "half_open": (types.NetworkFault, {"half_open": True}),
    "call_silent": (types.MediaFault, {"silent": True}),
    "call_closed": (types.MediaFault, {"closed": True}),
    "call_lossy": (types.MediaFault, {"loss": 0.1}),
    "call_late": (types.MediaFault, {"delay": 0.2}),
    "short_chunk": (types.ShortChunk, {}),
    "empty_chunk": (types.ShortChunk, {"keep": 0}),
    "wrong_bytes": (types.WrongBytes, {}),
    "empty_answer": (types.EmptyAnswer, {}),
}
"""Faults by name: the class whose fields are the arguments, and what the name itself presets."""

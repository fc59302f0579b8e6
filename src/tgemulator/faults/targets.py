"""What the scopes of faults see of a request: its account, its file, and the channels that it names."""

from typing import Any, Protocol

from pyrogram.raw.core import TLObject

from tgemulator.faults.types import Target


class Key(Protocol):
    """An auth key as faults see it."""

    @property
    def id(self) -> bytes: ...

    @property
    def dc_id(self) -> int: ...

    @property
    def user_id(self) -> int | None: ...


class Call(Protocol):
    """A request as scopes of faults see it."""

    @property
    def dc_id(self) -> int: ...

    @property
    def media_only(self) -> bool: ...

    @property
    def key(self) -> Key: ...


def target_of(call: Call, name: str, query: Any) -> Target:
    """The target that a call of the method `name` is."""
    return Target(call.dc_id, call.media_only, name, _account(call, query), _file_id(query), channels_of(query))


def channels_of(value: Any, *, depth: int = 3) -> frozenset[int]:
    """The ids of the channels that a query names, in its peers and in lists of them, down to `depth` objects."""
    if isinstance(value, list):
        return frozenset().union(*(channels_of(item, depth=depth) for item in value))
    number = getattr(value, "channel_id", None)
    if number is not None:
        return frozenset({int(number)})
    if not isinstance(value, TLObject) or depth == 0:
        return frozenset()
    return frozenset().union(*(channels_of(getattr(value, name, None), depth=depth - 1) for name in value.__slots__))


def _account(call: Call, query: Any) -> int | None:
    """The account that a call is counted for: that of the key, or the bot that is about to log in."""
    if call.key.user_id is not None:
        return call.key.user_id
    digits = str(getattr(query, "bot_auth_token", "")).partition(":")[0]
    return int(digits) if digits.isdecimal() else None


def _file_id(query: Any) -> int | None:
    """The id of the file that a download asks for."""
    return getattr(getattr(query, "location", None), "id", None)

"""The names of records, and their values as JSON. Both are stored: they never change."""

import base64
import dataclasses
import json
from collections.abc import Iterable
from typing import Any, TypeVar

IDENTITY, HOME, ADDRESSES, NETWORK, LOGIN = "identity", "home", "addresses", "network", "login"
CODE, IMPORTED, TOKEN = "code", "imported", "token"

T = TypeVar("T")


def key_name(dc_id: int) -> str:
    """The record of a data centre's auth key."""
    return f"key:{dc_id}"


def salt_name(dc_id: int) -> str:
    """The record of the last server salt of a data centre."""
    return f"salt:{dc_id}"


def flood_name(family: str) -> str:
    """The record of a flood wait. Dots, which MongoDB's field names do not allow, become dashes."""
    return f"flood:{family.replace('.', '-')}"


def spent_name(kind: str) -> str:
    """The record of when a kind of request with a budget was sent."""
    return f"spent:{kind}"


def export_name(dc_id: int) -> str:
    """The record of an export that was requested and has no answer yet."""
    return f"export:{dc_id}"


def peer_name(peer_id: int) -> str:
    """The record of a peer."""
    return f"peer:{peer_id}"


def state_name(chat_id: int) -> str:
    """The record of an update state; 0 is the account itself."""
    return f"state:{chat_id}"


def pack(value: Any) -> bytes:
    """JSON of a dataclass with numbers, text, bytes and tuples of text, or of such a value itself."""
    plain = dataclasses.asdict(value) if dataclasses.is_dataclass(value) and not isinstance(value, type) else value
    return json.dumps(plain, default=_bytes, separators=(",", ":")).encode()


def pack_all(values: Iterable[Any]) -> bytes:
    """JSON of a list of dataclasses, as rows, or of plain rows."""
    plain = [dataclasses.astuple(v) if dataclasses.is_dataclass(v) and not isinstance(v, type) else v for v in values]
    return json.dumps(plain, separators=(",", ":")).encode()


def unpack(kind: type[T], data: bytes) -> T:
    """The dataclass that `pack` was given. ValueError or TypeError for data of another form."""
    fields = json.loads(data, object_hook=_from_bytes)
    if not isinstance(fields, dict):
        raise ValueError(f"a {kind.__name__} was expected")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()})


def unpack_plain(data: bytes) -> Any:
    """A number, a text, or the rows that `pack_all` wrote."""
    return json.loads(data)


def _bytes(value: object) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"b64": base64.b64encode(value).decode()}
    raise TypeError(f"{type(value).__name__} cannot be stored")


def _from_bytes(found: dict[str, Any]) -> Any:
    return base64.b64decode(found["b64"]) if found.keys() == {"b64"} else found

"""Values and ids of access records as JSON texts.

A text keeps what a database may not: keys with dots and dollars, integers of any size, NUL and unpaired surrogates.
"""

import json
from collections.abc import Mapping
from typing import Any


def text_of(value: Mapping[str, Any]) -> str:
    """Equal values give equal texts. Raises ValueError and TypeError for what JSON cannot express."""
    return json.dumps(value, sort_keys=True, allow_nan=False, separators=(",", ":"))


def value_of(text: str) -> dict[str, Any]:
    """The value of a text."""
    found: dict[str, Any] = json.loads(text)
    return found


def key_of(text: str) -> str:
    """The JSON string of an id or a member."""
    return json.dumps(text)


def id_of(key: str) -> str:
    """The id of its `key_of`."""
    return str(json.loads(key))

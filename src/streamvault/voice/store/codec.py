"""Calls as JSON texts, which keep what a database may not."""

import json
from dataclasses import asdict
from typing import Any

from streamvault.errors import CatalogError
from streamvault.voice.model import Call, Item, Lease, Loop, Status


def text_of(call: Call) -> str:
    """All of a call but its version. Raises CatalogError for numbers that are none."""
    value = asdict(call)
    del value["version"]
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except ValueError as error:
        raise CatalogError(f"the call of {call.chat_id} cannot be stored: {error}") from error


def call_of(text: str, version: int) -> Call:
    """The call of a text; fields that a text of an earlier version lacks have their defaults."""
    value: dict[str, Any] = json.loads(text)
    lease, item = value.get("lease"), value.get("item")
    read = {
        "status": Status(value.get("status", Status.IDLE)),
        "loop": Loop(value.get("loop", Loop.OFF)),
        "item": None if item is None else Item(**item),
        "queue": tuple(Item(**one) for one in value.get("queue", ())),
        "lease": None if lease is None else Lease(**lease),
        "version": version,
    }
    return Call(**(value | read))

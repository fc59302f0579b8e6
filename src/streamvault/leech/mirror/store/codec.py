"""Mirrors and copies as JSON texts."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from streamvault.errors import CatalogError
from streamvault.leech.mirror.model import Copy, Item, Lease, Mirror, Pending, State, Upload


def text_of(mirror: Mirror) -> str:
    """All of a mirror but its version. Raises CatalogError for what JSON cannot express."""
    value = asdict(mirror)
    del value["version"]
    return _dumped(value)


def mirror_of(text: str, version: int) -> Mirror:
    """The mirror of a text; fields that a text of an earlier version lacks have their defaults."""
    value: dict[str, Any] = json.loads(text)
    lease = value.get("lease")
    read = {
        "state": State(value.get("state", State.QUEUED)),
        "lease": None if lease is None else Lease(**lease),
        "pending": _pending(value.get("pending")),
        "version": version,
    }
    return Mirror(**(value | read))


def copy_text(copy: Copy) -> str:
    """A copy."""
    return _dumped(asdict(copy))


def copy_of(text: str) -> Copy:
    """The copy of a text."""
    value: dict[str, Any] = json.loads(text)
    return Copy(**(value | {"more": tuple(value.get("more", ()))}))


def _pending(value: Mapping[str, Any] | None) -> Pending | None:
    if value is None:
        return None
    items, uploads = value["items"], value.get("uploads", ())
    read = {"items": tuple(Item(**one) for one in items), "uploads": tuple(Upload(**one) for one in uploads)}
    return Pending(**{**value, **read})


def _dumped(value: Mapping[str, Any]) -> str:
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except (ValueError, TypeError) as error:
        raise CatalogError(f"a mirror cannot be stored: {error}") from error

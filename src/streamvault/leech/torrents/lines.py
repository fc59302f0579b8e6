"""What the child prints, as values; pure."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from streamvault.errors import LeechError, SourceFailed, SourceRefused

LONGEST_REASON = 200
"""Characters of what libtorrent says."""
FileKind = Literal["file", "padding", "link"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a torrent. `size` in bytes; `kind`: "padding" for what only fills up a piece."""

    path: str
    size: int
    kind: FileKind = "file"


@dataclass(frozen=True, slots=True)
class Head:
    """A torrent but for its files: its hashes of both versions in hexadecimal, bytes of a piece and of everything."""

    name: str
    v1: str | None
    v2: str | None
    private: bool
    piece: int
    total: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Bytes of what is wanted, bytes a second, peers that are connected, and that are `known`; `checking`: what is on
    the disk is hashed.
    """

    done: int
    total: int
    rate: int
    peers: int
    known: int
    checking: bool


@dataclass(frozen=True, slots=True)
class Complete:
    """The file of this index is on the disk, and its hashes are right."""

    index: int


@dataclass(frozen=True, slots=True)
class Described:
    """A part of a torrent's description as its peers have it."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Failed:
    """Why it ends."""

    error: LeechError


Line = Entry | Head | Progress | Complete | Described | Failed


def parse_line(text: str) -> Line | None:
    """What a line says; None for one that is not ours."""
    try:
        value = json.loads(text)
        return _READ[value.pop("say")](value) if isinstance(value, dict) else None
    except (ValueError, KeyError, TypeError):
        return None


def _failed(value: Mapping[str, Any]) -> Failed:
    why = " ".join(str(value["why"]).split())[:LONGEST_REASON]
    if value["kind"] == "torrent":
        return Failed(SourceRefused(f"this is no torrent that can be read: {why}"))
    return Failed(SourceFailed(f"the torrent cannot be written or read: {why}"))


_READ: Mapping[str, Any] = {
    "entry": lambda value: Entry(**value),
    "contents": lambda value: Head(**value),
    "progress": lambda value: Progress(**value),
    "complete": lambda value: Complete(**value),
    "described": lambda value: Described(base64.b64decode(value["data"])),
    "error": _failed,
}

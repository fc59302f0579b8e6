"""What the server and its name reader say to each other: a line of JSON each way for a batch of names."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from streamvault.media.model import Kind
from streamvault.media.name_facts import NameFacts

VERSION = 1
"""Of the parser and all around it that decides what a name tells: one more, and every name is read again."""
LONGEST = 1 << 20
"""Bytes of a line."""
READY = b"ready\n"
"""The child's first line."""
NOTHING = NameFacts(VERSION)
"""What a name tells that tells nothing."""

Name = tuple[str, Kind]
_SENT = 1000
_TOLD: tuple[Kind, ...] = ("video", "document")


def telling(kind: Kind) -> bool:
    """Whether files of this kind have names that anybody chose for a film or an episode."""
    return kind in _TOLD


def ask(names: Sequence[Name]) -> bytes:
    """A batch to be read."""
    return _line([[_cut(name), kind] for name, kind in names])


def asked(line: bytes) -> list[Name]:
    """The batch that `ask` made."""
    return [(name, kind) for name, kind in json.loads(line)]


def answer(facts: Sequence[NameFacts]) -> bytes:
    """What the names of a batch tell, in the same order."""
    return _line([asdict(each) for each in facts])


def answered(line: bytes) -> list[NameFacts]:
    """What `answer` said."""
    return [NameFacts(**(each | {"languages": tuple(each["languages"])})) for each in json.loads(line)]


def _line(what: object) -> bytes:
    return json.dumps(what, separators=(",", ":")).encode() + b"\n"


def _cut(name: str) -> str:
    """A bounded part of it, with the end, where the extension is."""
    return name if len(name) <= _SENT else name[: _SENT - 16] + name[-16:]

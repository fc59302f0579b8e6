"""The protocol between the server and the child that parses names: a line of JSON each way for a batch of names."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from streamvault.media.model import Kind
from streamvault.media.name_facts import NameFacts

VERSION = 4
"""Version of everything that decides the facts of a name; after an increase every name is read again."""
LONGEST = 1 << 20
"""Bytes of a line at most."""
READY = b"ready\n"
"""The child's first line."""
NO_FACTS = NameFacts(VERSION)
"""The facts of a name from which nothing was learned."""

Name = tuple[str, Kind]
_SENT = 1000
_NAMED: tuple[Kind, ...] = ("video", "document")


def has_chosen_name(kind: Kind) -> bool:
    """Whether files of this kind have names that people chose for a film or an episode."""
    return kind in _NAMED


def encode_names(names: Sequence[Name]) -> bytes:
    """A batch of names as a line."""
    return _line([[_cut(name), kind] for name, kind in names])


def decode_names(line: bytes) -> list[Name]:
    """The names of a line of `encode_names`."""
    return [(name, kind) for name, kind in json.loads(line)]


def encode_facts(facts: Sequence[NameFacts]) -> bytes:
    """The facts of a batch, in the order of its names, as a line."""
    return _line([asdict(each) for each in facts])


def decode_facts(line: bytes) -> list[NameFacts]:
    """The facts of a line of `encode_facts`."""
    return [NameFacts(**(each | {"languages": tuple(each["languages"])})) for each in json.loads(line)]


def _line(what: object) -> bytes:
    return json.dumps(what, separators=(",", ":")).encode() + b"\n"


def _cut(name: str) -> str:
    """At most _SENT characters of a name, including its end, where the extension is."""
    return name if len(name) <= _SENT else name[: _SENT - 16] + name[-16:]

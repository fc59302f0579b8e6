"""The table of names of the field, with the facts that are right."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from streamvault.indexing.naming.protocol import VERSION
from streamvault.media.model import Kind
from streamvault.media.name_facts import NameFacts

TABLE = Path(__file__).parent.parent / "streamvault/indexing/naming/field_names.tsv"


@dataclass(frozen=True, slots=True)
class FieldName:
    """A name, and the facts that are right; `missed` where the parser is known to find others."""

    name: str
    kind: Kind
    facts: NameFacts
    missed: bool


def field_names() -> Iterator[FieldName]:
    """All rows."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield FieldName(row["name"], _kind(row["kind"]), _facts(row), row["missed"] == "yes")


def _facts(row: dict[str, str]) -> NameFacts:
    year, season, episode, last = (
        int(row[name]) if row[name] else None for name in ("year", "season", "episode", "last_episode")
    )
    languages = tuple(filter(None, row["languages"].split(",")))
    return NameFacts(
        VERSION, row["title"], year, season, episode, row["resolution"], row["codec"], languages, row["work"], last
    )


def _kind(text: str) -> Kind:
    kind: Kind
    (kind,) = (kind for kind in get_args(Kind) if kind == text)
    return kind

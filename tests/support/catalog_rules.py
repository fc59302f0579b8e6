"""The rules of MemoryCatalog, each in its plainest form: what matches, what stands in front, in what order."""

from collections import Counter
from collections.abc import Iterable
from typing import TypeVar

from streamvault.catalog.base import (
    MAX_VALUES,
    CatalogQuery,
    Entry,
    Sort,
)
from streamvault.catalog.derived import name_key
from streamvault.catalog.text_query import Term, parse_query
from streamvault.catalog.words import fold, joined_words, words
from streamvault.media.model import MediaFile
from streamvault.media.name_facts import NameFacts

_Value = TypeVar("_Value", int, str)


def in_front(rows: Iterable[tuple[int, Entry]]) -> list[tuple[int, Entry]]:
    """Each file as in its best message, the newest first: a channel's own post, another one, one in a group."""
    found = {}
    for key, entry in sorted(rows, key=lambda row: rank(row[0], row[1].file)):
        found[entry.file.key.file_unique_id] = (key, entry)
    return sorted(found.values(), key=lambda row: -row[0])


def rank(key: int, file: MediaFile) -> tuple[bool, bool, int]:
    return not file.in_group, not file.forwarded_from, key


def sort_value(file: MediaFile, sort: Sort, key: int) -> int | str:
    values: dict[Sort, int | str] = {"date": key, "name": name_key(file.name), "size": file.size}
    return values[sort]


def matches(query: CatalogQuery, entry: Entry) -> bool:
    """Whether a listed message is one that `query` asks for."""
    file, facts = entry.file, entry.facts or NameFacts(0)
    asked = parse_query(query.text)
    fields = [words(text) for text in (file.name, entry.text, file.title, file.performer, facts.title)]
    joined = joined_words(name=file.name, caption=entry.text, title=file.title, performer=file.performer)
    fields += [[word] for word in (*joined, *joined_words(title=facts.title))]
    return (
        not asked.nothing
        and all(any(_holds(field, term) for field in fields) for term in asked.required)
        and not any(_holds(field, term) for field in fields for term in asked.excluded)
        and query.kind in (None, file.kind)
        and file.key.file_unique_id not in query.without
        and (query.chat_ids is None or file.origin.chat_id in query.chat_ids)
        and (not query.tag or fold(query.tag) in map(fold, entry.tags))
        and query.year in (None, facts.year)
        and query.resolution in ("", facts.resolution)
        and (not query.language or query.language in facts.languages)
        and query.work in ("", facts.work)
        and (query.min_size is None or file.size >= query.min_size)
        and (query.max_size is None or file.size <= query.max_size)
        and (query.since is None or file.date >= query.since)
        and (query.until is None or file.date <= query.until)
    )


def _holds(field: list[str], term: Term) -> bool:
    """Whether the field has one of the spellings of the term."""
    return any(_has(field, spelling) for spelling in term.spellings)


def _has(field: list[str], term: Term) -> bool:
    """Whether the words of the term stand next to each other in the field."""
    *first, last = term.words
    for start in range(len(field) - len(first)):
        end = field[start + len(first)]
        if field[start : start + len(first)] == first and (end.startswith(last) if term.prefix else end == last):
            return True
    return False


def together(tags: Iterable[str]) -> dict[str, int]:
    """How many there are of each tag, spelt as most often; those that are as common the first by value."""
    spelt = sorted(Counter(tags).items(), key=lambda item: (-item[1], item[0]))
    shown = {fold(tag): tag for tag, _ in reversed(spelt)}
    return commonest(shown[fold(tag)] for tag, count in spelt for _ in range(count))


def commonest(values: Iterable[_Value]) -> dict[_Value, int]:
    return dict(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0]))[:MAX_VALUES])

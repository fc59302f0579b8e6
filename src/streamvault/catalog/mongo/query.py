"""Translates a CatalogQuery into a MongoDB filter of operators that every version has.

Each condition on words or values is one on the array `terms`, so that the server can start with the rarest. Phrases
cannot be expressed so; Conditions.holds checks them in the documents that contain all of their words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from streamvault.catalog.base import CatalogQuery, Cursor
from streamvault.catalog.fields import clamp, end_key, first_key
from streamvault.catalog.mongo.rows import Document
from streamvault.catalog.words import Term, fold, parse_query, words

SORT_FIELD = {"date": "key", "name": "name_key", "size": "size"}
TEXTS = ("name", "caption", "title", "performer")

Filter = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Conditions:
    """A filter, and the phrases that it cannot express."""

    filter: Filter
    required: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()

    @property
    def reads_text(self) -> bool:
        """Whether `holds` reads TEXTS and facts of a document."""
        return bool(self.required or self.excluded)

    def holds(self, row: Document) -> bool:
        """Whether a document that satisfies the filter has the phrases."""
        if not self.reads_text:
            return True
        texts = [row.get(name, "") for name in TEXTS] + [row.get("facts", {}).get("title", "")]
        lines = [f" {' '.join(words(text))} " for text in texts if text]
        return all(_in(lines, term) for term in self.required) and not any(_in(lines, term) for term in self.excluded)


def conditions(query: CatalogQuery) -> Conditions | None:
    """The conditions on a listed message; None when none can match."""
    if query.chat_ids is not None and not query.chat_ids:
        return None
    parsed = parse_query(query.text)
    found: list[Filter] = [{"terms": term} for term in _filter_terms(query)]
    found += [_word(term, last) for term in parsed.required for last in range(len(term.words))]
    found += _excluded([term for term in parsed.excluded if len(term.words) == 1])
    found += [*_chats(query), *_sizes(query), *_dates(query), {"part_of": None}]
    return Conditions(
        {"$and": found},
        required=tuple(term for term in parsed.required if len(term.words) > 1),
        excluded=tuple(term for term in parsed.excluded if len(term.words) > 1),
    )


def both(first: Filter, *others: Filter) -> Filter:
    """All of these filters."""
    return {"$and": [first, *others]}


def beyond(after: Cursor) -> Filter:
    """Documents after a cursor, in its order."""
    sign = "$lt" if after.order == "desc" else "$gt"
    if after.sort == "date":
        return {"key": {sign: after.key}}
    field = SORT_FIELD[after.sort]
    return {"$or": [{field: {sign: after.value}}, {field: after.value, "key": {sign: after.key}}]}


def order(query: CatalogQuery) -> list[tuple[str, int]]:
    """The sort of a page."""
    way = -1 if query.order == "desc" else 1
    return [("key", way)] if query.sort == "date" else [(SORT_FIELD[query.sort], way), ("key", way)]


def _word(term: Term, number: int) -> Filter:
    """That a document has one word of a term; the last one may be a prefix."""
    word = term.words[number]
    return {"terms": _begins(word) if term.prefix and number == len(term.words) - 1 else word}


def _begins(word: str) -> Filter:
    # An anchored prefix has exact bounds in the index. A range inside $elemMatch would too, but not every server
    # applies both of its bounds to one element.
    return {"$elemMatch": {"$regex": f"^{re.escape(word)}"}}


def _excluded(terms: list[Term]) -> Iterator[Filter]:
    exact = [term.words[0] for term in terms if not term.prefix]
    prefixes = [term.words[0] for term in terms if term.prefix]
    if exact:
        yield {"terms": {"$nin": exact}}
    if prefixes:
        yield {"$nor": [{"terms": _begins(word)} for word in prefixes]}


def _filter_terms(query: CatalogQuery) -> Iterator[str]:
    if query.work:
        yield f":w{query.work}"
    if query.tag:
        yield f":t{fold(query.tag)}"
    if query.year is not None:
        yield f":y{query.year}"
    if query.language:
        yield f":l{query.language}"
    if query.resolution:
        yield f":r{query.resolution}"
    if query.kind is not None:
        yield f":k{query.kind}"


def _chats(query: CatalogQuery) -> Iterator[Filter]:
    if query.chat_ids is None:
        return
    if len(query.chat_ids) == 1:
        yield {"terms": f":c{next(iter(query.chat_ids))}"}
    else:
        yield {"chat_id": {"$in": sorted(query.chat_ids)}}


def _sizes(query: CatalogQuery) -> Iterator[Filter]:
    if query.min_size is not None:
        yield {"size": {"$gte": clamp(query.min_size)}}
    if query.max_size is not None:
        yield {"size": {"$lte": clamp(query.max_size)}}


def _dates(query: CatalogQuery) -> Iterator[Filter]:
    if query.since is not None:
        yield {"key": {"$gte": first_key(query)}}
    if query.until is not None:
        yield {"key": {"$lt": end_key(query)}}


def _in(lines: list[str], term: Term) -> bool:
    return any(term.needle in line for line in lines)

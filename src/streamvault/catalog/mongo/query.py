"""What a CatalogQuery asks of MongoDB, in operators that every version has.

Each condition on words or values is one on the array `terms`, so the server may begin with whichever is rarest. It
knows no order of words: that words stand next to each other is looked at here, in the documents that have all of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from streamvault.catalog.base import CatalogQuery, Cursor
from streamvault.catalog.mongo.rows import Document
from streamvault.catalog.words import Term, fold, parse_query, words

SORT_FIELD = {"date": "key", "name": "name_key", "size": "size"}
TEXTS = ("name", "caption", "title", "performer")
_LARGEST = (1 << 63) - 1
_SECONDS = 1 << 38

Filter = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Conditions:
    """A filter, and the phrases that it cannot tell."""

    filter: Filter
    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()

    @property
    def reads_text(self) -> bool:
        """Whether `holds` looks at TEXTS and facts of a document."""
        return bool(self.wanted or self.unwanted)

    def holds(self, row: Document) -> bool:
        """Whether a document that the filter found matches."""
        if not self.reads_text:
            return True
        texts = [row.get(name, "") for name in TEXTS] + [row.get("facts", {}).get("title", "")]
        lines = [f" {' '.join(words(text))} " for text in texts if text]
        return all(_in(lines, term) for term in self.wanted) and not any(_in(lines, term) for term in self.unwanted)


def conditions(query: CatalogQuery) -> Conditions | None:
    """What has to hold of a listed message; None when nothing can."""
    if query.chat_ids is not None and not query.chat_ids:
        return None
    asked = parse_query(query.text)
    found: list[Filter] = [{"terms": term} for term in _filter_terms(query)]
    found += [_word(term, last) for term in asked.required for last in range(len(term.words))]
    found += _refused([term for term in asked.excluded if len(term.words) == 1])
    found += [*_chats(query), *_sizes(query), *_dates(query), {"part_of": None}]
    return Conditions(
        {"$and": found},
        wanted=tuple(term for term in asked.required if len(term.words) > 1),
        unwanted=tuple(term for term in asked.excluded if len(term.words) > 1),
    )


def both(first: Filter, *others: Filter) -> Filter:
    """What fits all filters."""
    return {"$and": [first, *others]}


def beyond(place: Cursor) -> Filter:
    """Documents after a place, in its order."""
    sign = "$lt" if place.order == "desc" else "$gt"
    if place.sort == "date":
        return {"key": {sign: place.key}}
    field = SORT_FIELD[place.sort]
    return {"$or": [{field: {sign: place.value}}, {field: place.value, "key": {sign: place.key}}]}


def order(query: CatalogQuery) -> list[tuple[str, int]]:
    """The sort of a page."""
    way = -1 if query.order == "desc" else 1
    return [("key", way)] if query.sort == "date" else [(SORT_FIELD[query.sort], way), ("key", way)]


def _word(term: Term, number: int) -> Filter:
    """That one word of a term is there; the last one may go on."""
    word = term.words[number]
    return {"terms": _begins(word) if term.prefix and number == len(term.words) - 1 else word}


def _begins(word: str) -> Filter:
    # a bare prefix has exact bounds in the index; not every server takes $elemMatch of a range for one element's
    return {"$elemMatch": {"$regex": f"^{re.escape(word)}"}}


def _refused(terms: list[Term]) -> Iterator[Filter]:
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
        yield {"size": {"$gte": _bound(query.min_size)}}
    if query.max_size is not None:
        yield {"size": {"$lte": _bound(query.max_size)}}


def _dates(query: CatalogQuery) -> Iterator[Filter]:
    """A key begins with its date."""
    if query.since is not None:
        yield {"key": {"$gte": _second(query.since) << 24}}
    if query.until is not None:
        yield {"key": {"$lt": _second(query.until + 1) << 24}}


def _second(date: int) -> int:
    return min(max(date, 0), _SECONDS)


def _bound(value: int) -> int:
    return max(-_LARGEST, min(value, _LARGEST))


def _in(lines: list[str], term: Term) -> bool:
    text = f" {' '.join(term.words)}{'' if term.prefix else ' '}"
    return any(text in line for line in lines)

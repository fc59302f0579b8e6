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
from streamvault.catalog.text_query import Term, parse_query
from streamvault.catalog.words import fold, joined_words, words

SORT_FIELD = {"date": "key", "name": "name_key", "size": "size"}
TEXTS = ("name", "caption", "album_text", "title", "performer")

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
        texts = {name: row.get(name, "") for name in TEXTS}
        album_text = texts.pop("album_text")
        texts["caption"] = texts["caption"] or album_text
        title = row.get("facts", {}).get("title", "")
        found = [*map(words, (*texts.values(), title)), joined_words(**texts), joined_words(title=title)]
        lines = [f" {' '.join(each)} " for each in found]
        return all(_in(lines, term) for term in self.required) and not any(_in(lines, term) for term in self.excluded)


def conditions(query: CatalogQuery) -> Conditions | None:
    """The conditions on a listed message; None when none can match."""
    if query.chat_ids is not None and not query.chat_ids:
        return None
    parsed = parse_query(query.text)
    if parsed.nothing:
        return None
    found: list[Filter] = [{"terms": term} for term in _filter_terms(query)]
    found += map(_term, parsed.required)
    found += [{"$nor": [_term(term)]} for term in parsed.excluded if not _reads_text(term)]
    found += [*_chats(query), *_sizes(query), *_dates(query), {"part_of": None}]
    if query.without:
        found.append({"$nor": [{"file_unique_id": {"$in": sorted(query.without)}}]})
    return Conditions(
        {"$and": found},
        required=tuple(filter(_reads_text, parsed.required)),
        excluded=tuple(filter(_reads_text, parsed.excluded)),
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


def _reads_text(term: Term) -> bool:
    return any(len(one.words) > 1 for one in term.spellings)


def _term(term: Term) -> Filter:
    """That a document has all words of one of the term's spellings, in any order."""
    exact = [one.words[0] for one in term.spellings if len(one.words) == 1 and not one.prefix]
    others = [_words(one) for one in term.spellings if len(one.words) > 1 or one.prefix]
    either = [{"terms": exact[0] if len(exact) == 1 else {"$in": exact}}] * bool(exact) + others
    return either[0] if len(either) == 1 else {"$or": either}


def _words(term: Term) -> Filter:
    """That a document has all words of a term; the last one may be a prefix."""
    *before, last = term.words
    found: list[Filter] = [{"terms": word} for word in before]
    found.append({"terms": _begins(last) if term.prefix else last})
    return found[0] if len(found) == 1 else {"$and": found}


def _begins(word: str) -> Filter:
    # An anchored prefix has exact bounds in the index. A range inside $elemMatch would too, but not every server
    # applies both of its bounds to one element.
    return {"$elemMatch": {"$regex": f"^{re.escape(word)}"}}


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
    return any(one.needle in line for one in term.spellings for line in lines)

"""Translates a CatalogQuery into conditions on SQLite's tables: an FTS5 expression and SQL clauses."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from streamvault.catalog.base import CatalogQuery
from streamvault.catalog.fields import clamp, end_key, first_key
from streamvault.catalog.sqlite.index_words import chat_word, kind_word, prefix_word, quoted, size_word, tag_word
from streamvault.catalog.text_query import Term, parse_query
from streamvault.catalog.words import JOINED
from streamvault.media.model import Kind

MAX_COMPLETIONS = 100
"""A prefix with more completions than these is left to FTS5."""
MAX_CHATS = 64
"""More chats than these are compared row by row instead of being looked up in the index."""
_KINDS: tuple[Kind, ...] = (
    "video", "audio", "voice", "animation", "photo", "sticker", "video_note", "document"
)  # fmt: skip
# {} is the parameter of the prefix
_WORDS = "SELECT {}, word FROM vocabulary WHERE word >= {} AND word < {} || char(1114111)"
# the distinct first two characters of words, skipping from each to the next with one index lookup
_STARTS = """
WITH RECURSIVE start (text) AS (
    SELECT (SELECT substr(word, 1, 2) FROM vocabulary WHERE word >= {} ORDER BY word LIMIT 1)
    UNION ALL
    SELECT (SELECT substr(word, 1, 2) FROM vocabulary
            WHERE word >= start.text || char(CASE length(start.text) WHEN 1 THEN 1 ELSE 1114111 END)
            ORDER BY word LIMIT 1)
    FROM start WHERE substr(start.text, 1, 1) = {}
)
SELECT {}, text FROM start WHERE substr(text, 1, 1) = {}
"""

Parameters = tuple[object, ...]
Statement = tuple[str, Parameters]


@dataclass(frozen=True, slots=True)
class Clause:
    """An SQL condition on a row of files, with {} for its alias."""

    sql: str
    parameters: Parameters = ()


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of a query in two equivalent forms.

    With the index: `match`, an FTS5 expression ("" matches all), and `rest`. Without: `row`, on the stored words. In
    both, ids are within `first` and `last`, both inclusive.
    """

    match: str
    rest: tuple[Clause, ...]
    row: tuple[Clause, ...]
    first: int
    last: int


def completions(query: CatalogQuery) -> Statement | None:
    """The statement whose rows are the prefixes in the query, each with one of its completions; None without prefixes.

    The completions of a single character are the first two characters of words. A prefix of two characters has none,
    as it is a word of the index itself, nor has one of a joined spelling, as these are not in the vocabulary.
    """
    parsed = parse_query(query.text)
    every = [one for term in parsed.required + parsed.excluded for one in term.spellings]
    starts = [start for start in dict.fromkeys(one.words[-1] for one in every if one.prefix) if _is_completed(start)]
    if not starts:
        return None
    each = [(_STARTS if len(s) == 1 else _WORDS).replace("{}", f"?{n}") for n, s in enumerate(starts, 1)]
    limited = (f"SELECT * FROM ({sql} LIMIT {MAX_COMPLETIONS + 1})" for sql in each)
    return " UNION ALL ".join(limited), tuple(starts)


def conditions(
    query: CatalogQuery, stored: Iterable[int], *, completed: Mapping[str, Sequence[str]]
) -> Conditions | None:
    """The conditions on a listed message; None when none can match.

    `stored`: the chats that have files; `completed`: the rows of `completions`, by prefix.
    """
    parsed, words = parse_query(query.text), list(_filter_words(query))
    if parsed.nothing:
        return None
    found = _Builder(completed)
    for term in parsed.required:
        found.require(term)
    for term in parsed.excluded:
        found.exclude(term)
    found.needed += [f'"{word}"' for word in words]
    found.row += [Clause("instr({}.words, ?) > 0", (f" {word} ",)) for word in words]
    if sizes := list(_size_clauses(query)):
        found.rest += sizes
        found.needed.append(_either(_size_words(query)))
    if query.without:
        files = "SELECT file FROM contents WHERE unique_id IN (SELECT value FROM json_each(?))"
        found.rest.append(Clause(f"{{}}.file NOT IN ({files})", (json.dumps(sorted(query.without)),)))
    if query.chat_ids is not None:
        every = frozenset(stored)
        chosen = query.chat_ids & every
        if not chosen:
            return None
        if chosen != every:
            found.among(sorted(chosen))
    rest = tuple(found.rest)
    return Conditions(found.match(), rest, (*found.row, *rest), first=first_key(query), last=end_key(query) - 1)


class _Builder:
    """Collects the parts of Conditions."""

    def __init__(self, completed: Mapping[str, Sequence[str]]) -> None:
        self._completed = completed
        self.needed: list[str] = []
        self.excluded: list[str] = []
        self.row: list[Clause] = []
        self.rest: list[Clause] = []

    def match(self) -> str:
        """The FTS5 expression. NOT needs a left side: without one, every kind."""
        if not self.excluded:
            return " AND ".join(self.needed)
        needed = self.needed or [_either(map(kind_word, _KINDS))]
        return f"({' AND '.join(needed)}) NOT ({' OR '.join(self.excluded)})"

    def require(self, term: Term) -> None:
        self.needed.append(_any(map(self._expression, term.spellings)))
        # whether the words of an inexact expression are adjacent is checked in the row
        (self.row if all(map(_is_exact, term.spellings)) else self.rest).append(_holds(term))

    def exclude(self, term: Term) -> None:
        if all(map(_is_exact, term.spellings)):
            self.excluded.append(_any(map(self._expression, term.spellings)))
            self.row.append(_holds(term, "NOT "))
        else:
            self.rest.append(_holds(term, "NOT "))

    def among(self, chats: list[int]) -> None:
        clause = Clause("{}.chat_id IN (SELECT value FROM json_each(?))", (json.dumps(chats),))
        if len(chats) <= MAX_CHATS:
            self.needed.append(_either(f"_{chat_word(one)}" for one in chats))
            self.row.append(clause)
        else:
            self.rest.append(clause)

    def _expression(self, term: Term) -> str:
        """The term with a prefix replaced by its completions, whose rows FTS5 merges lazily; of a prefix query of its
        own it collects all rows first.
        """
        *before, last = term.words
        if term.prefix and last[0] == JOINED:
            return f'"{last}" *'
        if term.prefix and len(last) <= 2:
            return " AND ".join([f'"{" ".join(before)}"'] * bool(before) + [self._short_prefix(last)])
        found = self._completed[last] if term.prefix else []
        if len(found) > MAX_COMPLETIONS:
            return f'"{" ".join(term.words)}" *'
        return _either(" ".join([*before, word]) for word in found or [last])

    def _short_prefix(self, start: str) -> str:
        """The expression for a word that begins with one or two given characters."""
        if len(start) == 2:
            return _either([start, prefix_word(start)])
        found = self._completed[start]
        if len(found) > MAX_COMPLETIONS:
            return f'"{start}" *'
        return _either([start, *(word for two in found if len(two) == 2 for word in (two, prefix_word(two)))])


def _is_completed(start: str) -> bool:
    return len(start) != 2 and start[0] != JOINED


def _is_exact(term: Term) -> bool:
    """Whether the expression of a term finds nothing else: FTS5 has no phrases that end with a choice of words."""
    return len(term.words) == 1 or not term.prefix or len(term.words[-1]) > 2


def _holds(term: Term, sign: str = "") -> Clause:
    """That one of a term's spellings is in the stored words."""
    either = " OR ".join(["instr({}.words, ?) > 0"] * len(term.spellings))
    return Clause(f"{sign}({either})", tuple(one.needle for one in term.spellings))


def _any(expressions: Iterable[str]) -> str:
    several = list(expressions)
    return several[0] if len(several) == 1 else "(" + " OR ".join(f"({one})" for one in several) + ")"


def _filter_words(query: CatalogQuery) -> Iterator[str]:
    if query.kind is not None:
        yield kind_word(query.kind)
    if query.tag:
        yield tag_word(query.tag)
    if query.year is not None:
        yield f"_y{quoted(str(query.year))}"
    if query.resolution:
        yield f"_r{quoted(query.resolution)}"
    if query.language:
        yield f"_l{quoted(query.language)}"
    if query.work:
        yield f"_w{quoted(query.work)}"


def _size_words(query: CatalogQuery) -> list[str]:
    first = max(query.min_size or 0, 0).bit_length()
    last = 63 if query.max_size is None else max(query.max_size, 0).bit_length()
    return [size_word((1 << digits) >> 1) for digits in range(first, max(first, min(last, 63)) + 1)]


def _size_clauses(query: CatalogQuery) -> Iterator[Clause]:
    if query.min_size is not None:
        yield Clause("{}.size >= ?", (clamp(query.min_size),))
    if query.max_size is not None:
        yield Clause("{}.size <= ?", (clamp(query.max_size),))


def _either(words: Iterable[str]) -> str:
    return "(" + " OR ".join(f'"{word}"' for word in words) + ")"

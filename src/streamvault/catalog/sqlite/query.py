"""What a CatalogQuery asks of SQLite's tables."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from streamvault.catalog.base import CatalogQuery
from streamvault.catalog.sqlite.index_words import beginning, chat, kind, quoted, size
from streamvault.catalog.words import Term, fold, parse_query
from streamvault.media.model import Kind

MAX_COMPLETIONS = 100
"""A prefix of more words than these is left to FTS5."""
MAX_CHATS = 64
"""More chats are compared row by row instead of being looked up in the index."""
_LARGEST = (1 << 63) - 1
_SECONDS = 1 << 38
_KINDS: tuple[Kind, ...] = (
    "video", "audio", "voice", "animation", "photo", "sticker", "video_note", "document"
)  # fmt: skip
_WORDS = f"SELECT word FROM vocabulary WHERE word >= ?1 AND word < ?1 || char(1114111) LIMIT {MAX_COMPLETIONS + 1}"
# from each beginning straight to the next, whatever lies between
_STARTS = f"""
WITH RECURSIVE start (text) AS (
    SELECT (SELECT substr(word, 1, 2) FROM vocabulary WHERE word >= ?1 ORDER BY word LIMIT 1)
    UNION ALL
    SELECT (SELECT substr(word, 1, 2) FROM vocabulary
            WHERE word >= start.text || char(CASE length(start.text) WHEN 1 THEN 1 ELSE 1114111 END)
            ORDER BY word LIMIT 1)
    FROM start WHERE substr(start.text, 1, 1) = ?1
)
SELECT text FROM start WHERE substr(text, 1, 1) = ?1 LIMIT {MAX_COMPLETIONS + 1}
"""

Parameters = tuple[object, ...]
Statement = tuple[str, Parameters]


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition on a row of files, whose alias stands where {} is."""

    sql: str
    parameters: Parameters = ()


@dataclass(frozen=True, slots=True)
class Conditions:
    """`match`, an FTS5 expression ("" finds all), and `rest` find the same rows as `row` does without an index.

    Beside them, ids are within `first` and `last`, both included.
    """

    match: str
    rest: tuple[Clause, ...]
    row: tuple[Clause, ...]
    first: int
    last: int


def prefixes(query: CatalogQuery) -> list[Statement]:
    """For each beginning of words that is asked for: what gives its completions.

    Those of a single character are the first two characters of words; of two there are none, as they are indexed.
    """
    asked = parse_query(query.text)
    starts = [term.words[-1] for term in asked.required + asked.excluded if term.prefix]
    return [(_STARTS if len(start) == 1 else _WORDS, (start,)) for start in starts if len(start) != 2]


def conditions(
    query: CatalogQuery, stored: Iterable[int], *, completions: Mapping[str, Sequence[str]]
) -> Conditions | None:
    """What has to hold of a listed message; None when nothing can.

    `stored`: the chats that have files; `completions`: by the beginning, what `prefixes` gave.
    """
    asked, words = parse_query(query.text), list(_filter_words(query))
    found = _Finding(completions)
    for term in asked.required:
        found.want(term)
    for term in asked.excluded:
        found.refuse(term)
    found.needed += [f'"{word}"' for word in words]
    found.row += [Clause("instr({}.words, ?) > 0", (f" {word} ",)) for word in words]
    if sizes := list(_size_clauses(query)):
        found.rest += sizes
        found.needed.append(_either(_size_words(query)))
    if query.chat_ids is not None:
        every = frozenset(stored)
        ours = query.chat_ids & every
        if not ours:
            return None
        if ours != every:
            found.among(sorted(ours))
    return Conditions(found.match(), tuple(found.rest), (*found.row, *found.rest), *_ids(query))


class _Finding:
    """The parts of Conditions while they come together."""

    def __init__(self, completions: Mapping[str, Sequence[str]]) -> None:
        self._completions = completions
        self.needed: list[str] = []
        self.refused: list[str] = []
        self.row: list[Clause] = []
        self.rest: list[Clause] = []

    def match(self) -> str:
        """The FTS5 expression; it cannot begin with what must not be there."""
        if not self.refused:
            return " AND ".join(self.needed)
        needed = self.needed or [_either(map(kind, _KINDS))]
        return f"({' AND '.join(needed)}) NOT ({' OR '.join(self.refused)})"

    def want(self, term: Term) -> None:
        clause = Clause("instr({}.words, ?) > 0", (_text(term),))
        *before, last = term.words
        if before and term.prefix and len(last) <= 2:
            self.needed += [f'"{" ".join(before)}"', self._beginning(last)]
            self.rest.append(clause)  # that they stand together is for the row to tell
        else:
            self.needed.append(self._expression(term))
            self.row.append(clause)

    def refuse(self, term: Term) -> None:
        clause = Clause("instr({}.words, ?) = 0", (_text(term),))
        if len(term.words) > 1 and term.prefix and len(term.words[-1]) <= 2:
            self.rest.append(clause)
        else:
            self.refused.append(self._expression(term))
            self.row.append(clause)

    def among(self, chats: list[int]) -> None:
        clause = Clause("{}.chat_id IN (SELECT value FROM json_each(?))", (json.dumps(chats),))
        if len(chats) <= MAX_CHATS:
            self.needed.append(_either(f"_{chat(one)}" for one in chats))
            self.row.append(clause)
        else:
            self.rest.append(clause)

    def _expression(self, term: Term) -> str:
        """A prefix as its completions, whose rows FTS5 reads one by one; it would gather all those of a prefix."""
        *before, last = term.words
        if term.prefix and len(last) <= 2:
            return self._beginning(last)
        found = self._completions[last] if term.prefix else []
        if len(found) > MAX_COMPLETIONS:
            return f'"{" ".join(term.words)}" *'
        return _either(" ".join([*before, word]) for word in found or [last])

    def _beginning(self, start: str) -> str:
        """What holds a word that begins with one or two characters."""
        if len(start) == 2:
            return _either([start, beginning(start)])
        found = self._completions[start]
        if len(found) > MAX_COMPLETIONS:
            return f'"{start}" *'
        return _either([start, *(word for two in found if len(two) == 2 for word in (two, beginning(two)))])


def _filter_words(query: CatalogQuery) -> Iterator[str]:
    if query.kind is not None:
        yield kind(query.kind)
    if query.tag:
        yield f"_t{quoted(fold(query.tag))}"
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
    return [size((1 << digits) >> 1) for digits in range(first, max(first, min(last, 63)) + 1)]


def _size_clauses(query: CatalogQuery) -> Iterator[Clause]:
    if query.min_size is not None:
        yield Clause("{}.size >= ?", (_bound(query.min_size),))
    if query.max_size is not None:
        yield Clause("{}.size <= ?", (_bound(query.max_size),))


def _ids(query: CatalogQuery) -> tuple[int, int]:
    """The first and the last id of the dates that are wanted: an id begins with its date."""
    since = 0 if query.since is None else min(max(query.since, 0), _SECONDS)
    until = _SECONDS if query.until is None else min(max(query.until + 1, 0), _SECONDS)
    return since << 24, (until << 24) - 1


def _bound(value: int) -> int:
    return max(-_LARGEST, min(value, _LARGEST))


def _either(words: Iterable[str]) -> str:
    return "(" + " OR ".join(f'"{word}"' for word in words) + ")"


def _text(term: Term) -> str:
    return f" {' '.join(term.words)}{'' if term.prefix else ' '}"

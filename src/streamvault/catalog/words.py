"""How text is split into words for the search; the same for every database.

Words are runs of letters and digits, compared without case and accents. A run of a script without spaces between words
is indexed as its pairs of neighbouring characters and its last character alone, so that any part of the run is found.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

VERSION = 1
"""Of the rules below: the words of texts that were stored by an older version are computed again."""
MAX_TERMS = 16
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\U00020000-\U0003ffff]+"
)
_APOSTROPHES = str.maketrans("", "", "'\u2019\u02bc")
_TERM = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')


class _Table(dict[int, int | None]):
    """A table for str.translate that calls `change` once for each character and keeps the result."""

    def __init__(self, change: Callable[[str], int | None]) -> None:
        super().__init__()
        self._change = change

    def __missing__(self, code: int) -> int | None:
        self[code] = self._change(chr(code))
        return self[code]


_WITHOUT_MARKS = _Table(lambda c: None if unicodedata.combining(c) else ord(c))
_ONLY_WORDS = _Table(lambda c: ord(c) if unicodedata.category(c)[0] in "LNM" else ord(" "))


@dataclass(frozen=True, slots=True)
class Term:
    """Adjacent words in this order; `prefix`: the last one is the beginning of a word."""

    words: tuple[str, ...]
    prefix: bool = False

    @property
    def needle(self) -> str:
        """What to look for in a text whose words are separated, preceded and followed by one space."""
        return f" {' '.join(self.words)}{'' if self.prefix else ' '}"


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """The terms that a text must contain, and those that it must not contain."""

    required: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()


def fold(text: str) -> str:
    """`text` as the search compares it: without compatibility forms, case and accents.

    Only marks with a combining class are removed; vowel signs of Indic scripts have none and stay.
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFKC", decomposed.translate(_WITHOUT_MARKS).casefold())


def words(text: str) -> list[str]:
    """The words to index for a text, in order."""
    return [word for run in _runs(text) for word in _split_run(run)]


def parse_query(text: str) -> ParsedQuery:
    """Parse a search field: words, "phrases", -excluded terms and pre*fixes; at most MAX_TERMS of each kind.

    The last word counts as a prefix, since it may be unfinished, unless a space or a quotation mark follows it.
    """
    found: tuple[list[Term], list[Term]] = ([], [])
    for match in _TERM.finditer(text):
        raw = match["phrase"] if match["word"] is None else match["word"]
        open_end = match["word"] is not None and (raw.endswith("*") or match.end() == len(text))
        term = _term(raw, prefix=(open_end and not match["minus"]) or raw.endswith("*"))
        if term is not None:
            found[bool(match["minus"])].append(term)
    return ParsedQuery(*(tuple(terms[:MAX_TERMS]) for terms in found))


def format_query(query: ParsedQuery) -> str:
    """A text that `parse_query` parses as `query`."""
    terms = [(sign, term) for sign, some in (("", query.required), ("-", query.excluded)) for term in some]
    texts = []
    for sign, term in terms:
        text = " ".join(_join_pairs(term.words)) + "*" * term.prefix
        texts.append(f'{sign}"{text}"' if len(term.words) > 1 else f"{sign}{text}")
    joined = " ".join(texts)
    if not terms or terms[-1][0] or len(terms[-1][1].words) > 1:
        return joined
    return joined[:-1] if terms[-1][1].prefix else f"{joined} "


def _join_pairs(pieces: tuple[str, ...]) -> list[str]:
    """The runs that `_split_run` has split."""
    runs: list[str] = []
    inside = False
    for word in pieces:
        if not is_spaceless(word) or not inside:
            runs.append(word)
        elif len(word) > 1:
            runs[-1] += word[1]
        inside = is_spaceless(word) and len(word) > 1
    return runs


def is_spaceless(word: str) -> bool:
    """Whether `word` is written in a script without spaces between words."""
    return bool(_SPACELESS.fullmatch(word))


def _term(raw: str, *, prefix: bool) -> Term | None:
    parts: list[str] = []
    runs = _runs(raw)
    for number, run in enumerate(runs):
        split = _split_run(run)
        if number == len(runs) - 1 and _SPACELESS.fullmatch(run):
            # A stored run may be longer, so its last character alone is not required. A pair is never a prefix; one
            # character is, of a pair.
            prefix = len(split) == 1
            split = split[:-1] or split
        parts += split
    return Term(tuple(parts), prefix) if parts else None


def _runs(text: str) -> list[str]:
    """Maximal runs of one kind: characters of spaceless scripts, or other letters and digits."""
    plain = fold(text).translate(_APOSTROPHES).translate(_ONLY_WORDS)
    if plain.isascii():
        return plain.split()
    return _SPACELESS.sub(lambda run: f" {run[0]} ", plain).split()


def _split_run(run: str) -> list[str]:
    if not _SPACELESS.fullmatch(run):
        return [run]
    return [run[i : i + 2] for i in range(len(run) - 1)] + [run[-1]]

"""How a search field is parsed; the same for every database."""

import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from streamvault.catalog.words import (
    BESIDE,
    JOINED,
    MAX_JOINED,
    can_join,
    is_sign,
    is_spaceless,
    runs,
    split_run,
    written_out,
)

MAX_TERMS = 16
_MOST_PARTS = 4
_MOST_SPACELESS = 8
_LEAST_OF_JOINED = 4
"""Characters of a prefix from which on it may be one of a joined spelling: shorter ones begin too many of these."""
_TERM = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_UNSEARCHABLE = "!"


@dataclass(frozen=True, slots=True)
class Term:
    """Adjacent words in this order; `prefix`: the last one is the beginning of a word.

    `others` are spellings of the same, without others of their own: any of them will do.
    """

    words: tuple[str, ...]
    prefix: bool = False
    others: tuple["Term", ...] = ()

    @property
    def spellings(self) -> tuple["Term", ...]:
        """The term itself and its other spellings."""
        return (self, *self.others)

    @property
    def needle(self) -> str:
        """What to look for in a text whose words are separated, preceded and followed by one space."""
        return f" {' '.join(self.words)}{'' if self.prefix else ' '}"


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """The terms that a text must contain, and those that it must not contain.

    `nothing`: there is text, but nothing in it can be searched, so that nothing is found.
    """

    required: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    nothing: bool = False


@functools.lru_cache(maxsize=128)
def parse_query(text: str) -> ParsedQuery:
    """Parse a search field: words, "phrases", -excluded terms and pre*fixes; at most MAX_TERMS of each kind.

    The last word counts as a prefix, since it may be unfinished, unless a space or a quotation mark follows it, or it
    begins with a dot or ends with a sign. A word between two hyphens is not excluded. Words that are not in quotation
    marks are also found where they are joined with a neighbour, or split.
    """
    found: tuple[list[Term], list[Term]] = ([], [])
    plain: list[bool] = []
    for match in _TERM.finditer(text):
        raw = match["phrase"] if match["word"] is None else match["word"]
        minus = bool(match["minus"]) and not (match["word"] and _is_enclosed(raw))
        unfinished = match["word"] is not None and match.end() == len(text) and not minus and not raw.startswith(".")
        term = _term(raw, prefix=unfinished or raw.endswith("*"))
        if term is None:
            continue
        if match["word"] is not None:
            written = _term(written_out(raw), prefix=term.prefix) or term
            term = replace(term, others=(*_other_spellings(term), *[written] * (written.words != term.words)))
        found[minus].append(term)
        if not minus:
            plain.append(match["word"] is not None)
    nothing = not any(found) and bool("".join(text.split()).strip('-*"'))
    required = _with_neighbours(found[0][:MAX_TERMS], plain)
    return ParsedQuery(tuple(required), tuple(found[1][:MAX_TERMS]), nothing)


def format_query(query: ParsedQuery) -> str:
    """A text that `parse_query` parses as `query`, but for umlauts, which are folded."""
    if query.nothing:
        return _UNSEARCHABLE
    terms = [(sign, term) for sign, some in (("", query.required), ("-", query.excluded)) for term in some]
    texts = []
    for sign, term in terms:
        text = ("-" if term.others else " ").join(_join_pairs(term.words)) + "*" * term.prefix
        texts.append(sign + (text if term.others else f'"{text}"'))
    joined = " ".join(texts)
    if not terms or terms[-1][0] or not terms[-1][1].others:
        return joined
    return joined[:-1] if terms[-1][1].prefix else f"{joined} "


def _join_pairs(pieces: Sequence[str]) -> list[str]:
    """The runs that `split_run` has split; a # or + stays with the word that it belongs to."""
    found: list[str] = []
    inside = False
    for word in pieces:
        spaceless = is_spaceless(word)
        if spaceless and inside:
            found[-1] += word[1:]
        elif word[0] in "＃＋" and found:
            found[-1] += word
        else:
            found.append(word)
        inside = spaceless and len(word) > 1
    return found


def _is_enclosed(word: str) -> bool:
    """Whether another hyphen follows the letters and digits of a word that a hyphen precedes."""
    if word.startswith("-"):
        return False
    last = next((at for at in range(len(word) - 1, 0, -1) if word[at].isalnum() or word[at] == "_"), 0)
    return "-" in word[last + 1 :]


def _term(raw: str, *, prefix: bool) -> Term | None:
    parts: list[str] = []
    found = runs(raw)
    for number, run in enumerate(found):
        split = split_run(run)
        if number == len(found) - 1 and is_spaceless(run):
            # A stored run may be longer, so its last character alone is not required. A pair is never a prefix; one
            # character is, of a pair.
            prefix = len(split) == 1
            split = split[:-1] or split
        parts += split
    if not parts:
        return None
    return Term(tuple(parts), prefix and not is_sign(parts[-1]))


def _other_spellings(term: Term) -> Iterator[Term]:
    """What a term that is not in quotation marks also stands for: one word for several, several for one."""
    parts, count = term.words, len(term.words)
    if count == 1 and can_join(parts[0]):
        if 1 < len(parts[0]) <= MAX_JOINED:
            yield Term((JOINED + parts[0],), term.prefix and len(parts[0]) >= _LEAST_OF_JOINED)
            yield Term((BESIDE + parts[0],))
    elif all(map(can_join, parts)):
        if count <= _MOST_PARTS and len("".join(parts)) <= MAX_JOINED:
            if count > 2:
                yield Term(("".join(parts),), term.prefix)
            for at in range(count - 1):
                joined = parts[at] + parts[at + 1]
                yield Term((*parts[:at], joined, *parts[at + 2 :]), term.prefix)
    elif all(map(is_spaceless, parts)) and len(run := "".join(_join_pairs(parts))) <= _MOST_SPACELESS:
        for at in range(1, len(run)):
            split = _term(f"{run[:at]} {run[at:]}", prefix=False)
            if split is not None:
                yield split


def _with_neighbours(terms: Sequence[Term], plain: Sequence[bool]) -> list[Term]:
    """The terms with, as another spelling of two words in a row, both as one."""
    others: list[list[Term]] = [[] for _ in terms]
    for number, (left, right) in enumerate(itertools.pairwise(terms)):
        both = (*left.words, *right.words)
        is_pair = len(both) == 2 and all(map(can_join, both)) and plain[number] and plain[number + 1]
        if is_pair and not left.prefix and len("".join(both)) <= MAX_JOINED:
            joined = Term(("".join(both),), right.prefix)
            others[number].append(joined)
            others[number + 1].append(joined)
    return [replace(term, others=(*term.others, *more)) for term, more in zip(terms, others, strict=True)]

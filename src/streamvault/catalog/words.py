"""How text is searched: the same words from the same text, whichever database keeps them.

Letters and digits make words, compared without case and accents. Scripts that put no spaces between words are kept
as pairs of characters, and the last character of a run alone, so that any part of a run is found.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

MAX_TERMS = 16
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\U00020000-\U0003ffff]+"
)
_APOSTROPHES = str.maketrans("", "", "'\u2019\u02bc")
_TERM = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')


class _Table(dict[int, int | None]):
    """For str.translate: what `change` makes of each character, asked once for each."""

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
    """Words that stand next to each other in this order; `prefix`: the last one may go on."""

    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """What has to be in a text, and what must not be."""

    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()


def fold(text: str) -> str:
    """`text` as search compares it: compatibility forms, case and accents folded away.

    Only marks with a combining class go, so vowel signs of Indic scripts stay.
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFKC", decomposed.translate(_WITHOUT_MARKS).casefold())


def words(text: str) -> list[str]:
    """The words of a text that is stored, in order."""
    return [word for run in _runs(text) for word in _cut(run)]


def search(text: str) -> Search:
    """What a person's query asks for: words, "phrases", -unwanted ones, and pre*fixes.

    The last word is a prefix, too, as it may not be finished; a space or a quotation mark after it ends it.
    """
    found: tuple[list[Term], list[Term]] = ([], [])
    for match in _TERM.finditer(text):
        raw = match["phrase"] if match["word"] is None else match["word"]
        open_end = match["word"] is not None and (raw.endswith("*") or match.end() == len(text))
        term = _term(raw, prefix=(open_end and not match["minus"]) or raw.endswith("*"))
        if term is not None:
            found[bool(match["minus"])].append(term)
    return Search(*(tuple(terms[:MAX_TERMS]) for terms in found))


def written(asked: Search) -> str:
    """A query that asks for the same."""
    terms = [(sign, term) for sign, some in (("", asked.wanted), ("-", asked.unwanted)) for term in some]
    texts = []
    for sign, term in terms:
        text = " ".join(_joined(term.words)) + "*" * term.prefix
        texts.append(f'{sign}"{text}"' if len(term.words) > 1 else f"{sign}{text}")
    joined = " ".join(texts)
    if not terms or terms[-1][0] or len(terms[-1][1].words) > 1:
        return joined
    return joined[:-1] if terms[-1][1].prefix else f"{joined} "


def _joined(cut: tuple[str, ...]) -> list[str]:
    """Runs in place of their pairs."""
    runs: list[str] = []
    inside = False
    for word in cut:
        if not spaceless(word) or not inside:
            runs.append(word)
        elif len(word) > 1:
            runs[-1] += word[1]
        inside = spaceless(word) and len(word) > 1
    return runs


def spaceless(word: str) -> bool:
    """Whether it is of a script without spaces between words."""
    return bool(_SPACELESS.fullmatch(word))


def _term(raw: str, *, prefix: bool) -> Term | None:
    parts: list[str] = []
    runs = _runs(raw)
    for number, run in enumerate(runs):
        cut = _cut(run)
        if number == len(runs) - 1 and _SPACELESS.fullmatch(run):
            # the single character at the end only closes a stored run; one alone begins a pair, which never goes on
            prefix = len(cut) == 1
            cut = cut[:-1] or cut
        parts += cut
    return Term(tuple(parts), prefix) if parts else None


def _runs(text: str) -> list[str]:
    """Maximal stretches of one kind: spaceless scripts, or other letters and digits."""
    plain = fold(text).translate(_APOSTROPHES).translate(_ONLY_WORDS)
    if plain.isascii():
        return plain.split()
    return _SPACELESS.sub(lambda run: f" {run[0]} ", plain).split()


def _cut(run: str) -> list[str]:
    if not _SPACELESS.fullmatch(run):
        return [run]
    return [run[i : i + 2] for i in range(len(run) - 1)] + [run[-1]]

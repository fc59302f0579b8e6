"""Calls to action around a name, as channels write them: "Watch now 👉 Cold Ledger (2009)"; pure.

A call consists of nothing but the words of call_words.py, and a sign divides it from the name. What looks like one and
has no name beside it may be a name itself.
"""

import re
import unicodedata
from dataclasses import dataclass

from streamvault.media import call_words
from streamvault.media.release_words import has_title, is_release

_CALLS = frozenset(call_words.CALLS.split())
_BY_ITSELF = frozenset(call_words.BY_ITSELF.split())
_ARTICLES = frozenset(call_words.ARTICLES.split())
_FILLERS = frozenset(call_words.FILLERS.split())
_HANDS = "\u261a-\u261f\U0001f446-\U0001f449\U0001faf1-\U0001faf6\U0001f517\U0001f4e5"
_ARROWS = (
    "\u2190-\u21ff\u23e9-\u23ef\u25b2-\u25c5\u2794\u2798-\u27af\u27b1-\u27be\u27f0-\u27ff\u2900-\u297f\u2b00-\u2b4f"
    "\U0001f518\U0001f519-\U0001f51d\U0001f53a-\U0001f53d\U0001f800-\U0001f8ff"
)
_EMOJI = "\u2600-\u27bf\u2b50-\u2b55\U0001f300-\U0001faff"
_SIGNS = re.compile(
    rf"\s*(?:[{_HANDS}{_ARROWS}{_EMOJI}\u200d\ufe0f]+|[-=~]{{1,3}}>+|>{{1,3}}(?=\s)|(?<=\s)[»›](?=\s))[\s\ufe0f\u200d]*"
)
"""What divides a call from a name: emoji, and arrows of all kinds."""
_POINTS = re.compile(rf"[{_HANDS}{_ARROWS}]|>")
_HAND = re.compile(rf"[{_HANDS}]")
_DIVIDED = re.compile(r"\W{0,5}([^:：|]{2,60}?)(?:\s*[:：|]+\s*|\s+[-–—]+\s+)(?=\S)")
_WORDS = re.compile(r"[^\W_][\w'’ʼ\u0300-\u036f\u0900-\u0dff\u0e30-\u0e4e\u200c-]*")
_MOST = 9
"""Words of a call."""


@dataclass(frozen=True, slots=True)
class Uncalled:
    """A line without the calls around its name; `found`: there were some. `only`: it is one that points to others."""

    text: str
    found: bool = False
    only: bool = False


def without_calls(line: str) -> Uncalled:
    """`line` without calls in front of its name and behind it. A line that is nothing else stays as it is."""
    signs = list(_SIGNS.finditer(line))
    bounds = [0, *(place for sign in signs for place in sign.span()), len(line)]
    pieces = [line[begin:end] for begin, end in zip(bounds[::2], bounds[1::2], strict=True)]
    said = [number for number, piece in enumerate(pieces) if _words(piece)]
    named = [number for number in said if not _is_made_of_calls(_words(pieces[number]))]
    if not named:
        return Uncalled(line, only=any(_is_call(pieces[n]) for n in said) and any(_POINTS.search(s[0]) for s in signs))
    first, last = _first(line, pieces, signs, said=said, named=named), said[-1]
    while last > named[-1] and _is_call(pieces[last]):
        last = said[said.index(last) - 1]
    text = line[bounds[2 * first] if first > said[0] else 0 : bounds[2 * last + 1] if last < said[-1] else len(line)]
    divided = _DIVIDED.match(text)
    if divided and _calls_for(divided[1], text[divided.end() :]):
        text = text[divided.end() :]
    return Uncalled(text, found=text != line)


def _first(line: str, pieces: list[str], signs: list[re.Match[str]], *, said: list[int], named: list[int]) -> int:
    """The number of the piece with which the name begins."""
    if named[0] == said[0]:
        return said[0]
    sign = "".join(signs[number][0] for number in range(said[0], named[0]))
    words = [word for number in said if number < named[0] for word in _words(pieces[number])]
    rest = line[signs[named[0] - 1].end() :]
    called = any(word in _CALLS for word in words)
    sure = (called and (len(words) > 1 or bool(_HAND.search(sign)))) or (
        is_release(rest) and (called or bool(_POINTS.search(sign)))
    )
    return named[0] if sure and has_title(rest) else said[0]


def _calls_for(head: str, rest: str) -> bool:
    """Whether `head`, before a colon or the like, is a call, and `rest` a name."""
    words = _words(head)
    if not _is_call(head) or words[0] in _ARTICLES or not has_title(rest) or _is_made_of_calls(_words(rest)):
        return False
    return len(words) > 1 or (words[0] in _BY_ITSELF and is_release(rest))


def _is_call(text: str) -> bool:
    words = _words(text)
    return _is_made_of_calls(words) and any(word in _CALLS for word in words)


def _is_made_of_calls(words: list[str]) -> bool:
    return 0 < len(words) <= _MOST and all(word in _CALLS or word in _FILLERS for word in words)


def _words(text: str) -> list[str]:
    return [word.rstrip("'’-") for word in _WORDS.findall(unicodedata.normalize("NFKC", text).casefold())]

"""Calls to action around a name, as channels write them: "Watch now 👉 Cold Ledger (2009)"; pure.

A call consists of nothing but the words of call_words.py. In front of a name it stands before a sign that points to it,
or before a colon if it tells when, where or what; behind a name it follows a hand, or tells such things, too. Whatever
else looks like one may be a name: "Get Up - James Brown", "Adele → Hello".
"""

import re
import unicodedata
from dataclasses import dataclass

from streamvault.media import call_words
from streamvault.media.release_words import has_title, is_release

_VERBS = frozenset(call_words.VERBS.split())
_POINTERS = frozenset(call_words.POINTERS.split())
_ALL = _VERBS | _POINTERS | frozenset(call_words.FILLERS.split())
_HANDS = "\u261a-\u261f\U0001f446-\U0001f449\U0001faf1-\U0001faf6\U0001f517\U0001f4e5"
_ARROWS = (
    "\u2190-\u21ff\u23e9-\u23ef\u25b2-\u25c5\u2794\u2798-\u27af\u27b1-\u27be\u27f0-\u27ff\u2900-\u297f\u2b00-\u2b4f"
    "\U0001f518-\U0001f51d\U0001f53a-\U0001f53d\U0001f800-\U0001f8ff"
)
_SIGNS = re.compile(
    rf"\s*(?:(?:[{_HANDS}{_ARROWS}][\U0001f3fb-\U0001f3ff\u200d\ufe0f]*|[-=~]{{1,3}}>+|>{{1,3}}(?=\s|$)"
    r"|(?<=\s)[»›](?=\s))\s*)++"
)
"""What points from a call to a name: hands, and arrows of all kinds."""
_HAND = re.compile(rf"[{_HANDS}]")
_DOWN = re.compile("[\u261f\u2193\u2b07\U0001f447\U0001f53d][\\s\ufe0f\U0001f3fb-\U0001f3ff]*$")
_DIVIDED = re.compile(r"\W{0,5}([^:：|]{2,60}?)\s*[:：|]+\s*(?=\S)")
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
    words = _words(line)
    if _is_made_of_calls(words):
        return Uncalled(line, only=_points_to_others(line, words))
    text = _without_leading(_without_trailing(line))
    divided = _DIVIDED.match(text)
    if divided and _calls_for(_words(divided[1]), text[divided.end() :]):
        text = text[divided.end() :]
    return Uncalled(text, found=text != line)


def _without_leading(line: str) -> str:
    found = line
    for sign in _SIGNS.finditer(line):
        words = _words(line[: sign.start()])
        if words and not _is_made_of_calls(words):
            break
        if _leads_to(line[sign.end() :], words, by_hand=bool(_HAND.search(line, 0, sign.end()))):
            found = line[sign.end() :]
    return found


def _without_trailing(line: str) -> str:
    found = line
    for sign in reversed(list(_SIGNS.finditer(line))):
        words = _words(line[sign.end() :])
        if words and not _is_made_of_calls(words):
            break
        called = not _VERBS.isdisjoint(words)
        if called and (_HAND.search(sign[0]) or not _POINTERS.isdisjoint(words)):
            found = line[: sign.start()]
    return found


def _points_to_others(line: str, words: list[str]) -> bool:
    """Whether a line of nothing but such words calls for what other lines name: "Watch now 👉", "Link 👇"."""
    called = not _VERBS.isdisjoint(words) and _SIGNS.search(line) is not None
    return called or (_DOWN.search(line) is not None and not _POINTERS.isdisjoint(words))


def _leads_to(name: str, words: list[str], *, by_hand: bool) -> bool:
    """Whether `words` before a sign that points to `name` are a call, and it is a name."""
    if not has_title(name):
        return False
    if _VERBS.isdisjoint(words):
        return by_hand and is_release(name) and not _POINTERS.isdisjoint(words)
    return by_hand or is_release(name) or not _POINTERS.isdisjoint(words)


def _calls_for(words: list[str], rest: str) -> bool:
    """Whether `words` before a colon are a call, and `rest` a name."""
    called = not (_VERBS.isdisjoint(words) or _POINTERS.isdisjoint(words))
    return called and _is_made_of_calls(words) and has_title(rest) and not _is_made_of_calls(_words(rest))


def _is_made_of_calls(words: list[str]) -> bool:
    return 0 < len(words) <= _MOST and all(word in _ALL for word in words)


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("i\u0307", "i")
    return [word.rstrip("'’-") for word in _WORDS.findall(folded)]

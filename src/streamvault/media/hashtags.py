"""The hashtags of a text, by Telegram's rule.

A # that does not follow a letter, then letters, digits and underscores, at least one letter among them, and no other #
right after. The rule is that of TDLib (MessageEntity.cpp); vowel signs and joiners, without which words of Indic and
other scripts would be cut, count as letters.
"""

import unicodedata
from functools import cache

LONGEST = 256
_JOINERS = "\u200c\u200d"


def hashtags(text: str) -> list[str]:
    """Every hashtag of `text` in order, as spelt, without its #."""
    found, at = [], text.find("#")
    while at >= 0:
        end = end_of(text, at + 1)
        tag = text[at + 1 : min(end, at + 1 + LONGEST)].rstrip(_JOINERS)
        if _begins(text, at) and not text.startswith("#", end) and any(map(str.isalpha, tag)):
            found.append(tag)
        at = text.find("#", end)
    return found


def end_of(text: str, start: int) -> int:
    """Where the letters of a hashtag end that begin at `start`."""
    end = start
    while end < len(text) and is_letter(text[end]):
        end += 1
    return end


@cache
def is_letter(char: str) -> bool:
    """Whether a hashtag may hold `char`."""
    if char in "_·" or char in _JOINERS:
        return True
    category = unicodedata.category(char)
    return (category[0] in "LM" and not "\ufe00" <= char <= "\ufe0f") or category == "Nd"


def _begins(text: str, at: int) -> bool:
    return at == 0 or not (is_letter(text[at - 1]) or text[at - 1] == "/")

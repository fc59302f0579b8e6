"""The hashtags of a text: those that Telegram's entities mark, and the rule by which Telegram finds them.

A # that does not follow a letter, then letters, digits and underscores, at least one letter among them, and no other #
right after. The rule is that of TDLib (MessageEntity.cpp); vowel signs and joiners, without which words of Indic and
other scripts would be cut, count as letters.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

LONGEST = 256
_JOINERS = "\u200c\u200d"

Span = tuple[int, int]
"""Offset and length in UTF-16 code units, as entities have them."""


def hashtags(text: str) -> list[str]:
    """Every hashtag of `text` by the rule, in order, as spelt, without its #."""
    return [tag for _, tag in _find(text)]


def marked_hashtags(text: str, marked: Iterable[Span], hidden: Iterable[Span] = ()) -> list[str]:
    """The hashtags that entities mark; where none does, those by the rule that are not inside the `hidden` spans."""
    if spans := [_characters(text, span) for span in marked]:
        return [tag for start, end in spans if (tag := _within(text, start, end))]
    taken = [_characters(text, span) for span in hidden]
    return [tag for at, tag in _find(text) if not any(start <= at < end for start, end in taken)]


def _find(text: str) -> Iterator[tuple[int, str]]:
    """Where each hashtag begins, and the hashtag."""
    at = text.find("#")
    while at >= 0:
        end = _end(text, at + 1)
        tag = text[at + 1 : min(end, at + 1 + LONGEST)].rstrip(_JOINERS)
        begins = at == 0 or not (_is_letter(text[at - 1]) or text[at - 1] == "/")
        if begins and not text.startswith("#", end) and any(map(str.isalpha, tag)):
            yield at, tag
        at = text.find("#", end)


def _within(text: str, start: int, end: int) -> str:
    """The hashtag of an entity, without #, or the channel that Telegram takes into `#tag@channel`; "" if none.

    Some of Telegram's own clients end it before a vowel sign, in the middle of a word: it goes on to the word's end.
    """
    if end < len(text) and _is_letter(text[end]) and not text[end].isalnum() and text[end] not in "_·":
        end = _end(text, end)
    return "".join(text[start:end].lstrip("#＃").partition("@")[0].split()[:1])


def _end(text: str, start: int) -> int:
    """Where the letters end that begin at `start`."""
    end = start
    while end < len(text) and _is_letter(text[end]):
        end += 1
    return end


@cache
def _is_letter(char: str) -> bool:
    """Whether a hashtag may hold `char`."""
    category = unicodedata.category(char)
    if char in "_·" or char in _JOINERS or category == "Nd":
        return True
    return category[0] in "LM" and not "\ufe00" <= char <= "\ufe0f"


def _characters(text: str, span: Span) -> tuple[int, int]:
    """First and last (exclusive) index of the characters of a span."""
    units = text.encode("utf-16-le", "surrogatepass")
    start, end = (len(units[: 2 * at].decode("utf-16-le", "replace")) for at in (span[0], sum(span)))
    return start, end

"""The name of a film, an episode or a song in the text beside its file; pure."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from streamvault.media.release_words import has_title, is_release
from streamvault.media.types import ending_of, kind_of, type_of

LONGEST = 120
"""Characters of a name that is made from a text."""
_LINES, _WIDTH, _MARKS = 30, 300, 3
"""Lines of a text that are looked at, characters of each, and lines that are added to a title."""

_ADDRESS = re.compile(r"(?:https?://|www\.|t\.me/)\S+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w.])@\w{3,}")
_TAG = re.compile(r"(?<![\w/&])#(?=\w)")
_TAGS = re.compile(r"(?<![\w/&])#\w+")
_LABEL = re.compile(
    r"\W{0,9}(?:(?:(?:movie|film|series|show|song|file|video|original)?[\s_]{0,2}(?:title|name)|quality|resolution|year|released?"
    r"|название|качество|год|имя|titel|título|titulo|titre|nombre|nome)\s{0,2}(?:[:：=]+|\s[-–—]\s)"
    r"|(?:movie|film|series|show|format|file|фильм|сериал|файл)\s{0,2}[:：=]+)",
    re.IGNORECASE,
)
_ADVERT = re.compile(
    r"\W{0,9}(?:join\s+(?:us|our|now|here|the\s+channel|@|t\.me|https?:)|subscribe\b|share\s+(?:this|with|and|us)|follow\s+us"
    r"|(?:powered|uploaded|encoded)\s+by\b|подпи[сш]|вступа)",
    re.IGNORECASE,
)
_UNSHOWN = frozenset(("So", "Sk", "Cc", "Cs", "Co", "Cn"))
_JOINERS = re.compile(r"(?<=\s)[\ufe0f\u200d]+|\ufe0f")
"""What is left of composed emoji."""
_SEPARATORS = re.compile(r"\s*[|•·│┃]+\s*")
_EDGES = " \t.,:;…|_-–—~*`'\"«»“”„‘’=+/\\"


@dataclass(frozen=True, slots=True)
class Found:
    """A name without its ending, and the ending that the text gives, with its dot, or "".

    `release`: it is written like the name of a film or an episode, and not like any other sentence.
    """

    stem: str
    ending: str
    release: bool


@dataclass(frozen=True, slots=True)
class _Line:
    """`text` without what is no part of a name; `titled`: there is more than numbers and qualities in it."""

    text: str
    titled: bool


def name_in(text: str) -> Found | None:
    """The first line that is written like the name of a film or an episode, else the first that may be a name.

    Seasons, years and qualities on lines of their own are added to a title that has none.
    """
    lines = list(_lines(text))
    titled = [number for number, line in enumerate(lines) if line.titled]
    if not titled:
        return None
    place = next((number for number in titled if _is_name(lines[number].text)), titled[0])
    best = lines[place].text
    if not is_release(best):
        marks = [line.text for line in lines[place + 1 :] if not line.titled][:_MARKS]
        best = " ".join([best, *(_SEPARATORS.sub(" ", mark) for mark in marks)])
    ending = _ending(best)
    stem = _cut(best.removesuffix(ending).rstrip(_EDGES))
    return Found(stem, ending, is_release(best) or _is_media(ending)) if has_title(stem) else None


def whole_of_cut(stem: str, text: str) -> Found | None:
    """The name that begins with `stem` and goes on in the text, whatever stands between its words."""
    wanted = _letters(stem)
    for line in text.splitlines():
        if not wanted or wanted not in _letters(line):
            continue
        places = [(place, folded) for place, char in enumerate(line) for folded in _letters(char)]
        begin = "".join(folded for _, folded in places).find(wanted)
        if begin < 0 or begin + len(wanted) == len(places):
            continue
        whole = _up_to_ending(line[places[begin][0] :], after=places[begin + len(wanted) - 1][0] - places[begin][0])
        ending = _ending(whole)
        name = whole.removesuffix(ending).rstrip(_EDGES)
        if _letters(name) != wanted or ending:
            return Found(name, ending, release=True)
    return None


def _up_to_ending(text: str, *, after: int) -> str:
    """`text` up to the first ending of a media file that ends behind the place `after`, else all of it."""
    for found in re.finditer(r"\.[A-Za-z0-9]{2,5}(?![\w.])", text):
        if found.end() > after and _is_media(text[found.start() : found.end()]):
            return text[: found.end()]
    return text


def _lines(text: str) -> Iterator[_Line]:
    """Lines without labels, adverts, addresses, #tags and emoji; the words of tags where only numbers are left."""
    for raw in text.splitlines()[:_LINES]:
        if _ADVERT.match(raw):
            continue
        whole = _HANDLE.sub(" ", _ADDRESS.sub(" ", raw[:_WIDTH]))
        line = _line(_TAGS.sub(" ", whole))
        if line is not None and not line.titled:
            line = _line(_TAG.sub("", whole).replace("_", " "))
        if line is not None:
            yield line


def _line(text: str) -> _Line | None:
    """A line without label, emoji and what surrounds it; None if no letter or digit is left."""
    shown = "".join(" " if unicodedata.category(char) in _UNSHOWN else char for char in text.replace("**", " "))
    plain = _JOINERS.sub(" ", shown).strip(_EDGES)
    label = _LABEL.match(plain)
    plain = " ".join(plain[label.end() if label else 0 :].split()).strip(_EDGES)
    return _Line(plain, has_title(plain)) if any(char.isalnum() for char in plain) else None


def _is_name(line: str) -> bool:
    return is_release(line) or bool(_ending(line))


def _ending(line: str) -> str:
    ending = ending_of(line)
    return ending if line.endswith(ending) else ""


def _is_media(ending: str) -> bool:
    return kind_of(type_of(ending)) != "document"


def _cut(stem: str) -> str:
    """At most LONGEST characters, whole words where that is possible."""
    if len(stem) <= LONGEST:
        return stem
    words = stem[: LONGEST + 1].rpartition(" ")[0]
    return (words if len(words) > LONGEST // 2 else stem[:LONGEST]).rstrip(_EDGES)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))

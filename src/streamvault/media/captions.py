"""The name of a film, an episode or a song in the text beside its file; pure."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from streamvault.media.calls import without_calls
from streamvault.media.release_words import has_title, is_release
from streamvault.media.types import ending_of, kind_of, split_ending, type_of

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
_MEDIA_ENDING = re.compile(r"\.[A-Za-z0-9]{2,5}(?![\w.])")
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
    """`text` without what is no part of a name; `titled`: there is more than numbers and qualities in it.

    `call`: it calls for something that other lines name.
    """

    text: str
    titled: bool
    call: bool = False


def name_in(text: str) -> Found | None:
    """The first line that is written like the name of a film or an episode, else the first that may be a name.

    Seasons, years and qualities on lines of their own are added to a title that has none.
    """
    lines = list(_lines(text))
    titled = [number for number, line in enumerate(lines) if line.titled and not line.call]
    titled = titled or [number for number, line in enumerate(lines) if line.titled]
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


def whole_of_cut(name: str, text: str) -> Found | None:
    """The whole of a `name` that may have been cut: it begins with `name` and goes on in a line of the text.

    Whatever stands between its words. One with an ending has been cut only if the text goes on in its last word, or, if
    it is not written like the name of a film or an episode, up to an ending; else other words follow it.
    """
    stem, ending = split_ending(name)
    wanted = _letters(stem)
    for raw in text.splitlines() if wanted else ():
        line = _ADDRESS.sub(" ", raw)
        place = _place(line, wanted)
        if place is None:
            continue
        begin, behind = place
        whole = _whole(line[begin:behind], line[behind:])
        if _letters(whole.stem) == wanted and (ending or not whole.ending):
            continue
        if _goes_on(line, behind, whole, complete=bool(ending), release=is_release(stem)):
            return replace(whole, stem=_cut(whole.stem))
    return None


def _place(line: str, wanted: str) -> tuple[int, int] | None:
    """The places in `line` where the letters `wanted` begin, and behind them; None without them."""
    if wanted not in _letters(line):
        return None
    places = [(place, folded) for place, char in enumerate(line) for folded in _letters(char)]
    first = "".join(folded for _, folded in places).find(wanted)
    if first < 0:
        return None
    return places[first][0], places[first + len(wanted) - 1][0] + 1


def _whole(head: str, rest: str) -> Found:
    """The name that begins with `head` and ends in `rest`: with an ending of a media file, or else with the line."""
    text = head + _TAGS.sub(" ", _HANDLE.sub(" ", rest))
    for found in _MEDIA_ENDING.finditer(text, 0, len(head) + _WIDTH):
        if found.end() > len(head) and _is_media(found[0]):
            return Found(text[: found.start()].rstrip(_EDGES), found[0], release=True)
    text = head + _SEPARATORS.split(text[len(head) : len(head) + _WIDTH], maxsplit=1)[0].rstrip()
    ending = _ending(text)
    return Found(text.removesuffix(ending).rstrip(_EDGES), ending, release=True)


def _goes_on(line: str, end: int, whole: Found, *, complete: bool, release: bool) -> bool:
    """Whether a name that ends at the place `end` of `line` goes on there to `whole`.

    `complete`: it has an ending; `release`: it is written like the name of a film or an episode.
    """
    last, following = line[end - 1], line[end : end + 1]
    if last.isdecimal() and following.isdecimal():  # more likely another number
        return not complete and bool(whole.ending)
    if not complete or (whole.ending and not release):
        return True
    inside = following.isalnum() and "Lo" not in (unicodedata.category(last), unicodedata.category(following))
    return inside and (bool(whole.ending) or len(whole.stem) <= LONGEST)


def _lines(text: str) -> Iterator[_Line]:
    """Lines without labels, adverts, addresses, #tags and emoji; the words of tags where only numbers are left."""
    for raw in text.splitlines()[:_LINES]:
        plain = " ".join(_HANDLE.sub(" ", _ADDRESS.sub(" ", raw[:_WIDTH])).split())
        called = without_calls(plain)
        if _ADVERT.match(raw) and not (called.found and is_release(called.text)):
            continue
        whole = called.text
        line = _line(_TAGS.sub(" ", whole))
        if line is not None and not line.titled:
            line = _line(_TAG.sub("", whole).replace("_", " "))
        if line is not None:
            yield replace(line, call=called.only)


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

"""Which items of a feed are taken by their titles; pure."""

import re
import unicodedata
from collections.abc import Sequence

from streamvault.errors import SourceRefused
from streamvault.leech.feeds.model import MAX_WORD, MAX_WORDS, Rules
from streamvault.media.release_words import NUMBERS, QUALITY

_WORD = re.compile(r"[^\W_]+")
_EPISODE = re.compile(r"s0*(\d+)\W*(?:e|ep)\W*0*(\d+)|0*(\d+)[x×]0*(\d+)", re.IGNORECASE)
_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)[ ._-](\d\d)[ ._-](\d\d)(?!\d)")
_BRACKETS = re.compile(r"\[[^\]]*\]|\{[^}]*\}")
_GROUP = re.compile(r"-[A-Za-z0-9]+\s*\Z")


def check_rules(rules: Rules) -> Rules:
    """The rules without blanks and repetitions. Raises SourceRefused where they are too many, or hold no letters."""
    words = list[tuple[str, ...]]()
    for name, given in (("include", rules.include), ("exclude", rules.exclude), ("prefer", rules.prefer)):
        kept = tuple(dict.fromkeys(" ".join(word.split()) for word in given if word.strip()))
        if len(kept) > MAX_WORDS or any(len(word) > MAX_WORD for word in kept):
            raise SourceRefused(f"`{name}` has too many words: at most {MAX_WORDS}, of {MAX_WORD} characters each.")
        if empty := [word for word in kept if not _spaced(word).strip()]:
            raise SourceRefused(f"`{name}` holds {empty[0]!r}, which has neither letters nor digits.")
        words.append(kept)
    include, exclude, prefer = words
    return Rules(include, exclude, prefer, pages=rules.pages, titles=rules.titles)


def first_of(words: Sequence[str], title: str) -> int | None:
    """The place of the first of these words that a title holds, None where it holds none."""
    spaced = _spaced(title)
    return next((place for place, word in enumerate(words) if _holds(spaced, word)), None)


def episode_of(title: str, prefer: Sequence[str] = ()) -> str:
    """Equal for titles of the same episode or film in several qualities, of which `prefer` names some."""
    day = _DAY.search(title)
    numbered = _EPISODE.search(title)
    if numbered is not None:
        season, episode = numbered[1] or numbered[3], numbered[2] or numbered[4]
        return f"{_show(title[: numbered.start()])} s{season}e{episode}"
    if day is not None:
        return f"{_show(title[: day.start()])} {day[1]}{day[2]}{day[3]}"
    rest = QUALITY.sub(" ", _GROUP.sub(" ", _BRACKETS.sub(" ", title)) if NUMBERS.search(title) is None else title)
    spaced = _spaced(rest)
    for word in prefer:
        spaced = spaced.replace(_spaced(word), " ")
    return " ".join(spaced.split())


def _show(text: str) -> str:
    return _spaced(_BRACKETS.sub(" ", text)).strip()


def _holds(spaced: str, word: str) -> bool:
    """Whole words; part of one in scripts that do not put blanks between words."""
    wanted = _spaced(word)
    if wanted in spaced:
        return True
    letters = wanted.replace(" ", "")
    return letters.lower() == letters.upper() and not letters.isdigit() and letters in spaced.replace(" ", "")


def _spaced(text: str) -> str:
    """In lower case, with one blank around each word."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return f" {' '.join(words)} " if words else " "

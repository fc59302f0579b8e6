"""Tells the numbers in the titles of films from episodes: Orbit 2077, 1917, Fahrenheit 451."""

import re

from streamvault.indexing.naming.conventions import TAG

EXPLICIT = re.compile(
    r"(?<![^\W_])(?:s\d{1,4}|e|ep|eps|e?s\d{1,4}[\s._-]*e)[\s._-]*\d|(?<![^\W_])s\d{1,4}(?![^\W_])|(?<!\d)\d{1,2}[x×]\d{2,3}(?!\d)"
    r"|\d+\s*of\s*\d|(?<![^\W_])(?:seasons?|saison|temporada|stagione|staffel|se[zs]on|сезон|évad)(?![^\W_])"
    r"|episod|épisod|cap[ií]tulo|folge|aflevering|avsnitt|odcinek|b[öo]l[üu]m|rész|сери[яи]|эпизод",
    re.IGNORECASE,
)
"""Matches a name that numbers seasons or episodes explicitly."""
_BRACKETED_YEAR = re.compile(r"[(\[](?:19|20)\d\d[)\]]")
LAST_YEAR = 2030
"""A later number is part of a title; guessit takes those up to 2034 for years, others for episodes."""
_NUMBER = re.compile(r"(?<![\w,])(?<!\d\.)\d{2,4}(?![\w,])(?!\.\d{1,2}(?!\d))")
_GROUP = re.compile(r"\s*\[[^\]]*\][\s_]*")
_TAG_NEXT = re.compile(rf"[\s._\-\[(]*{TAG}", re.IGNORECASE)
_DISC = re.compile(
    r"(?<![^\W_])(?:blu[\s._\-]?ray|b[dr][\s._\-]?rip|remux|uhd|dvd(?:rip|scr)?|hdcam|hdts)(?![^\W_])", re.IGNORECASE
)
_MOST_EPISODES = 39
"""Episodes of a season at most, where 412 may be season 4, episode 12."""


def is_film(stem: str) -> bool:
    """Whether the numbers belong to the title of a film: none counts an episode, and a year or the number says so."""
    if EXPLICIT.search(stem):
        return False
    if _BRACKETED_YEAR.search(stem):
        return True
    group = _GROUP.match(stem)
    begin = group.end() if group else 0
    return any(_is_title(stem, found, first=found.start() == begin) for found in _NUMBER.finditer(stem, begin))


def _is_of_disc(stem: str, found: re.Match[str]) -> bool:
    """Area.51.720p.BluRay; groups number their episodes, as do dashes."""
    return bool(_DISC.search(stem)) and not _GROUP.match(stem) and stem[: found.start()].rstrip(" ._")[-1:] != "-"


def _is_title(stem: str, found: re.Match[str], *, first: bool) -> bool:
    number = int(found[0])
    if (LAST_YEAR < number < 2200 and number != 2160) or (number >= 3000 and number % 1000 == 0):
        return True
    if not _TAG_NEXT.match(stem, found.end()):
        return False
    if number < 100:
        return number > 9 and not first and found[0][0] != "0" and _is_of_disc(stem, found)
    return first or (not 0 < number % 100 <= _MOST_EPISODES and bool(_DISC.search(stem)))

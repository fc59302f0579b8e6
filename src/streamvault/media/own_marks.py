"""What a file's own name tells beside a text that names it: its episode, quality and number; pure.

A text may be that of a whole album or season: "Paper Moons S01E01-E05 480p 720p" names E02.mkv and 720p.mkv, too.
"""

import re

from streamvault.media.nameless import is_recording
from streamvault.media.release_words import EPISODE, NUMBERS, QUALITIES, QUALITY, SEASON, YEAR

_BETWEEN = r"[\s/,;&+|-]{0,9}"
_TO = re.compile(
    r"((?<![^\W\d_])(?:episodes?|eps?|e)[\s._-]{0,9}\d{1,4})\s*(?:to|–|—)\s*(?=(?:s\d{1,4}e|ep?|episode)?\s?\d)",
    re.IGNORECASE,
)
"""Matches the first of several episodes, and what leads to the last one."""
_EMPTY = re.compile(r"\(\s*\)|\[\s*\]")
_LONGEST = 4
"""Digits of a number that is no identifier."""
_SHORT = 3
"""Digits of a number in a camera's names that is more than a counter or a date."""


def with_own_marks(found: str, stem: str) -> str:
    """The name from a text, with the season, episode and quality of the file's own name in place of the text's."""
    numbers = _marks(NUMBERS, stem)
    if numbers or _number(stem):
        found = _TO.sub(r"\1-", found)
    if EPISODE.search(numbers) or (numbers and not EPISODE.search(_marks(NUMBERS, found))):
        season = "" if SEASON.search(numbers) else _season(found)
        found = _in_place(NUMBERS, found, _joined(season, numbers))
    for kind in QUALITIES:
        if own := _marks(kind, stem):
            found = _in_place(kind, found, own)
    return found


def with_own_number(found: str, stem: str) -> str:
    """The name from an album's text, with the number that tells the file from the others: 2.mp4, Track 02.mp3.

    In a season or several episodes it is that of an episode.
    """
    number = _number(stem)
    if not number or number in re.findall(r"\d+", NUMBERS.sub(" ", found)):
        return found
    if is_one(found):
        return f"{found} ({number})"
    season, marks = _season(found), _marks(NUMBERS, found)
    if season:
        return _in_place(NUMBERS, found, f"{season} - {number}")
    return _in_place(NUMBERS, found, f"E{number}") if EPISODE.search(marks) else f"{found} - {number}"


def is_one(found: str) -> bool:
    """Whether a name is that of one episode, or of a film, and not of a season or several episodes."""
    marks = _marks(NUMBERS, found)
    episodes = re.findall(r"\d+", SEASON.sub(" ", marks)) if EPISODE.search(marks) else []
    return len(episodes) == 1 or (not marks and YEAR.search(found) is not None)


def _number(stem: str) -> str:
    """The only number of a name that says nothing; "" without one, and for dates and counters of cameras."""
    numbers = re.findall(r"\d+", QUALITY.sub(" ", stem))
    if len(numbers) != 1 or len(numbers[0]) > _LONGEST or NUMBERS.search(stem):
        return ""
    return "" if is_recording(stem) and len(numbers[0]) > _SHORT else numbers[0]


def _marks(pattern: re.Pattern[str], name: str) -> str:
    return " ".join(mark[0] for mark in pattern.finditer(name))


def _season(found: str) -> str:
    """The season of a name, S3 for that of 3x11; "" without one, and for several."""
    marks = _marks(NUMBERS, found)
    seasons = {mark[0].casefold(): mark[0] for mark in SEASON.finditer(marks)}
    season = next(iter(seasons.values())) if len(seasons) == 1 else ""
    return f"S{season}" if season.isdecimal() else season


def _joined(season: str, episode: str) -> str:
    """S01E02, Season 1 E02."""
    return season + ("" if re.fullmatch(r"s\d+", season, re.IGNORECASE) else " ") + episode if season else episode


def _in_place(pattern: re.Pattern[str], text: str, mark: str) -> str:
    """`text` with `mark` in place of the first match of `pattern` and without the others; behind it without any."""
    first = pattern.search(text)
    if first is None:
        return f"{text} {mark}"
    rest = re.sub(rf"{_BETWEEN}{pattern.pattern}", "", text[first.end() :], flags=pattern.flags)
    return " ".join(_EMPTY.sub(" ", f"{text[: first.start()]}{mark}{rest}").split())

"""What a file's own name tells beside a text that names it: its episode, resolution and number; pure.

A text may be that of a whole album or season: "Paper Moons S01E01-E05 480p 720p" names E02.mkv and 720p.mkv, too.
"""

import re

from streamvault.media.nameless import is_recording
from streamvault.media.release_words import EPISODE, LINES, NUMBERS, QUALITY, SEASON, YEAR

_BETWEEN = r"[\s/,;&+|-]{0,9}"
_NUMBER = re.compile(r"(?<!\d)\d{1,4}(?!\d)")
_SHORT = 3
"""Digits of a number in a camera's names that is more than a counter or a date."""


def with_own_marks(found: str, stem: str) -> str:
    """The name from a text, with the season, episode and resolution of the file's own name in place of the text's.

    Other words of quality are added where the text has none.
    """
    numbers = " ".join(mark[0] for mark in NUMBERS.finditer(stem))
    if EPISODE.search(numbers) or (numbers and not EPISODE.search(found)):
        season = "" if SEASON.search(numbers) else _season(found)
        found = _in_place(NUMBERS, found, _joined(season, numbers))
    lines = LINES.search(stem)
    if lines:
        found = _in_place(LINES, found, lines[0])
    others = [mark[0] for mark in QUALITY.finditer(stem) if not LINES.fullmatch(mark[0])]
    return " ".join([found, *others]) if others and not QUALITY.search(LINES.sub(" ", found)) else found


def with_own_number(found: str, stem: str) -> str:
    """The name from an album's text, with the number that tells the file from the others: 2.mp4, Track 02.mp3.

    In a season or several episodes it is that of an episode.
    """
    number = _number(stem)
    if not number or number in re.findall(r"\d+", NUMBERS.sub(" ", found)):
        return found
    if is_one(found):
        return f"{found} ({number})"
    season = _season(found)
    return _in_place(NUMBERS, found, f"{season} - {number}") if season else f"{found} - {number}"


def is_one(found: str) -> bool:
    """Whether a name is that of one episode, or of a film, and not of a season or several episodes."""
    marks = " ".join(mark[0] for mark in NUMBERS.finditer(found))
    episodes = re.findall(r"\d+", SEASON.sub(" ", marks)) if EPISODE.search(marks) else []
    return len(episodes) == 1 or (not marks and YEAR.search(found) is not None)


def _number(stem: str) -> str:
    """The only number of a name that says nothing; "" without one, and for dates and counters of cameras."""
    numbers = _NUMBER.findall(QUALITY.sub(" ", stem))
    if len(numbers) != 1 or NUMBERS.search(stem) or len(re.findall(r"\d+", stem)) > 1:
        return ""
    return "" if is_recording(stem) and len(numbers[0]) > _SHORT else numbers[0]


def _season(found: str) -> str:
    """The season of a name, S3 for that of 3x11; "" without one, and for several."""
    seasons = [mark[0] for numbers in NUMBERS.finditer(found) for mark in SEASON.finditer(numbers[0])]
    season = seasons[0] if len(seasons) == 1 else ""
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
    return f"{text[: first.start()]}{mark}{rest}".strip()

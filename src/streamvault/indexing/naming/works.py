"""The keys of films and series, by which files of the same work are grouped."""

import re

from streamvault.catalog.words import is_sign, runs

_LONGEST = 100
_NUMBER = re.compile(r"[1-9]\d{2,3}")
_GENERIC = frozenset((
    "at", "audio", "camera", "chapter", "class", "clip", "day", "document", "download", "episode", "file", "film", "hd",
    "img", "lecture", "lesson", "mov", "movie", "new", "part", "rec", "record", "recording", "sample", "screen",
    "season", "series", "test", "unit", "untitled", "vid", "video", "videos",
    "видео", "вебинар", "день", "занятие", "запись", "лекция", "серия", "сезон", "урок", "фильм",
))  # fmt: skip
"""Words that identify no work."""


def film(title: str, year: int | None, *, part: int | None = None) -> str:
    """The key of a film, like "f:the-matrix-1999"; "" if the title identifies none. 1917 is a title, 12 is not."""
    name = slug(title)
    if not name or (_is_generic(title) and year is None and not _NUMBER.fullmatch(name)):
        return ""
    return "-".join(["f:" + name, *(["part", str(part)] if part is not None else []), *([str(year)] if year else [])])


def series(title: str, *, country: str = "") -> str:
    """The key of a series, like "s:breaking-bad"; "" if the title identifies none."""
    name = slug(title)
    if not name or (_is_generic(title) and not name.replace("-", "").isdecimal()):
        return ""
    return "-".join(["s:" + name, *([country.lower()] if country else [])])


def slug(title: str) -> str:
    """Letters and digits of a title, folded, joined by dashes; single letters in a row (S.W.A.T.) are one word."""
    words: list[str] = []
    spelled = False
    for run in (run for run in runs(title) if not is_sign(run)):
        single = len(run) == 1 and run.isalpha() and run.isascii()
        if single and spelled:
            words[-1] += run
        else:
            words.append(run)
        spelled = single
    return "-".join(words)[:_LONGEST].rstrip("-")


def _is_generic(title: str) -> bool:
    """Whether a title consists of digits, single letters and generic words only."""
    return all(word in _GENERIC or word.isdecimal() or len(word) == 1 for word in slug(title).split("-"))

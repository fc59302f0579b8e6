"""The names under which files are posted; pure.

A name is one path segment of at most LONGEST bytes in UTF-8, whose ending is kept: players and people go by it.
"""

import re
from pathlib import PurePosixPath

LONGEST = 255
"""Bytes of a name, as most file systems allow."""
_LONGEST_ENDING = 16
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_FOLDERS = re.compile(r"[/\\]")
_ENDING = re.compile(r"\.[A-Za-z0-9_-]{1,15}\Z")


def posted_name(told: str, wished: str | None = None) -> str:
    """The name of a file that its source calls `told`, or for which somebody wishes another.

    A wished name without an ending gets the source's: without one nothing plays it.
    """
    name = clean_name(told)
    if wished is None or not (wanted := clean_name(wished, fallback="")):
        return name
    return wanted if _ENDING.search(wanted) else shortened(wanted + ending(name))


def piece_name(name: str, number: int) -> str:
    """The name of one piece (from 0) of a file that is cut, e.g. `film.mkv.001`."""
    return shortened(name, LONGEST - 4) + f".{number + 1:03d}"


def clean_name(text: str, *, fallback: str = "file") -> str:
    """The last path segment, without control characters and blanks around it."""
    text = _CONTROL.sub("", _FOLDERS.split(_CONTROL.sub("", text))[-1]).strip()
    return shortened(text) if text.strip(". ") else fallback


def shortened(name: str, longest: int = LONGEST) -> str:
    """At most `longest` bytes, cut before the ending and between characters."""
    if len(name.encode()) <= longest:
        return name
    kept = ending(name)
    stem = name[: len(name) - len(kept)].encode()[: longest - len(kept.encode())]
    return stem.decode(errors="ignore").rstrip() + kept


def ending(name: str) -> str:
    """`.mkv` of `film.mkv`; "" where there is none that looks like one."""
    found = PurePosixPath(name).suffix if name else ""
    return found if _ENDING.search(found) and len(found) <= _LONGEST_ENDING else ""

"""Names of pieces of a cut file, as splitters give them; pure.

film.mkv.001, film.mkv.00, film.mkv.aa       split, HJSplit, 7-Zip, telegram-upload
film.mkv.part1, film.part001.mkv             mirror bots
film.mkv.001-of-003                          with their number
film.mkv.rclone_chunk.001                    rclone's chunker
"""

import re
from dataclasses import dataclass

from streamvault.media.manifest import SUFFIX
from streamvault.media.types import UNKNOWN, type_of

MANIFEST = -1
"""The number of a manifest among the pieces of its whole."""

_ENDED = r"(?P<whole>.+\.[0-9]?[A-Za-z][A-Za-z0-9]{0,5})"
_MARK = r"[. _-]part[. _-]?(?P<number>[0-9]{1,3})"
_VOLUMES = frozenset({".rar", ".exe"})
"""Archives whose volumes are named like pieces; joining their bytes makes no file."""
_STYLES = {
    "chunk": r"(?P<whole>.+)\.rclone_chunk\.(?P<number>[0-9]{3,5})",
    "counted": rf"{_ENDED}[. _-](?:part[. _-]?)?(?P<number>[0-9]{{1,5}})[. _-]?of[. _-]?(?P<total>[0-9]{{1,5}})",
    "numbered": r"(?P<whole>.+)\.(?P<number>[0-9]{3})",
    "short": rf"{_ENDED}\.(?P<number>[0-9]{{2}})",
    "letters": rf"{_ENDED}\.(?P<letters>[a-c][a-z])",
    "last": rf"(?P<whole>.+){_MARK}",
    "inside": rf"(?P<whole>.+){_MARK}(?P<ending>\.[0-9]?[a-z][a-z0-9]{{0,4}})",
}
_PATTERNS = {
    style: re.compile(pattern, re.DOTALL | (re.IGNORECASE if style in ("counted", "last", "inside") else 0))
    for style, pattern in _STYLES.items()
}
STYLES = tuple(_STYLES)


@dataclass(frozen=True, slots=True)
class PartName:
    """`whole` is the name of the file that was cut; `number` is the one in the name, from 0 or 1, or MANIFEST.

    Pieces of one whole have the same `style`, one of STYLES, and the same `total`, the number of pieces, if any.
    """

    whole: str
    number: int
    style: str = "numbered"
    total: int | None = None


def part_name(name: str) -> PartName | None:
    """The name of a piece or a manifest, parsed; None if it is the name of an ordinary file."""
    if name.endswith(SUFFIX) and name != SUFFIX:
        return PartName(name.removesuffix(SUFFIX), MANIFEST, "manifest")
    for style, pattern in _PATTERNS.items():
        found = pattern.fullmatch(name)
        if found:
            groups = found.groupdict("")
            whole, total = groups["whole"] + groups.get("ending", ""), groups.get("total")
            if _makes_sense(name, whole, style=style, ending=groups.get("ending", "")):
                number = _of_letters(groups["letters"]) if style == "letters" else int(groups["number"])
                return PartName(whole, number, style, int(total) if total else None)
    return None


def _makes_sense(name: str, whole: str, *, style: str, ending: str) -> bool:
    """Film.tar.gz is no piece gz of Film.tar."""
    if style == "letters":
        return type_of(name) == UNKNOWN != type_of(whole)
    return ending.lower() not in _VOLUMES


def _of_letters(letters: str) -> int:
    """aa is 0, ab is 1, ba is 26."""
    first, second = (ord(letter) - ord("a") for letter in letters)
    return first * 26 + second

"""Files that were cut into pieces: which names are pieces of which whole."""

import re
from dataclasses import dataclass

_NUMBERED = re.compile(r"(?P<whole>.+)\.(?P<number>\d{3})", re.DOTALL)
_PART_LAST = re.compile(r"(?P<whole>.+)[. _-]part[. _-]?(?P<number>\d{1,4})", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PartName:
    """`whole` is the name of the file that was cut; `number` counts as the name does, from 0 or 1."""

    whole: str
    number: int


def part_name(name: str) -> PartName | None:
    """What a name says of the piece that it names; None when it names a file of its own."""
    for pattern in (_NUMBERED, _PART_LAST):
        if found := pattern.fullmatch(name):
            return PartName(found["whole"], int(found["number"]))
    return None

"""What is computed from a message when it is stored, and the version of its rules; the same for every database."""

import re
import unicodedata
from dataclasses import replace

from streamvault.catalog import words
from streamvault.media import classification, parts
from streamvault.media.model import MediaFile

VERSION = parts.VERSION * 1_000_000 + classification.VERSION * 10_000 + words.VERSION * 100 + 1
"""Of the rules by which rows are computed from messages: what a file is, which ones are joined, their words, and
those of this module.

Rows with a lower one are computed again; it grows with each of its parts.
"""
MARK = f"recomputed/{VERSION}"
"""The mark for the place that the walk for these rules has reached (indexing/recompute.py)."""
UNDECIDED = 0
"""The version of a row whose kind, name and type are as they were sent."""

LONGEST_KEY = 200
"""Characters of a `name_key`; names that begin with the same ones are in the order of their messages."""
_DIGITS = re.compile(r"\d+")
_SHORT, _LONGEST = 8, 999


def version_of(file: MediaFile) -> int:
    """The version of the rules by which a row of `file` is stored now."""
    return VERSION if file.sent is not None or file.parts else UNDECIDED


def whole_of(file: MediaFile) -> str:
    """The name of the whole that `file` is a piece of, or that `file` is; "" if it is neither.

    By the name that was sent: a text beside the file tells of no piece.
    """
    return parts.whole_of(file if file.sent is None else replace(file, name=file.sent.name))


def behind(file: MediaFile) -> int:
    """How far a message stands behind others with the same file, from 0: the newest of the lowest is shown.

    A channel's post comes before one in a group, and an own one before a forwarded one.
    """
    return 2 * file.in_group + (file.forwarded_from is not None)


def in_group(behind: int) -> bool:
    """MediaFile.in_group of a file with this `behind`."""
    return behind >= 2


def name_key(name: str) -> str:
    """A text whose order is the natural order of names: folded, and with numbers, in any digits, by their values.

    Each number has the number of its digits, without leading zeros, in front: one digit up to _SHORT, else 9 and three.
    """
    return _DIGITS.sub(lambda run: _number(run[0]), words.fold(name))[:LONGEST_KEY]


def _number(run: str) -> str:
    digits = "".join(str(unicodedata.decimal(digit)) for digit in run).lstrip("0")[:_LONGEST]
    length = str(len(digits)) if len(digits) <= _SHORT else f"9{len(digits):03}"
    return length + digits

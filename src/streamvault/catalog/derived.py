"""What is computed from a message when it is stored, and the version of its rules; the same for every database."""

from streamvault.catalog import words
from streamvault.media import classification
from streamvault.media.model import MediaFile

VERSION = classification.VERSION * 10_000 + words.VERSION * 100 + 1
"""Of the rules by which a row is computed from its message: what a file is, its words, and those of this module.

Rows with a lower one are computed again; it grows with each of its parts.
"""
UNDECIDED = 0
"""The version of a row whose kind, name and type are as they were sent."""


def version_of(file: MediaFile) -> int:
    """The version of the rules by which a row of `file` is stored now."""
    return VERSION if file.sent is not None or file.parts else UNDECIDED


def behind(file: MediaFile) -> int:
    """How far a message stands behind others with the same file, from 0: the newest of the lowest is shown.

    A channel's post comes before one in a group, and an own one before a forwarded one.
    """
    return 2 * file.in_group + (file.forwarded_from is not None)


def in_group(behind: int) -> bool:
    """MediaFile.in_group of a file with this `behind`."""
    return behind >= 2

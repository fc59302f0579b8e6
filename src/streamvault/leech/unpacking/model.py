"""What an archive holds; immutable values."""

from dataclasses import dataclass, field
from typing import Literal

from streamvault.errors import SourceRefused

Kind = Literal["zip", "tar", "tar.gz", "tar.bz2", "tar.xz"]

MOST_ENTRIES = 10_000
"""Entries of an archive, files or not."""
LONGEST_PATH = 4096
"""Bytes."""


class Damaged(SourceRefused):
    """One file of an archive cannot be read; others may be."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `path` as it stands there: its bytes, or a text where the archive says which; `kind`: what it is where
    it is no file. `at`: where its header (ZIP) or its bytes (tar) begin; of ZIP `packed` bytes there have the
    compression `method`, and its bytes the CRC-32 `crc`. `size` in bytes, as the archive says.
    """

    path: bytes | str
    size: int
    at: int
    kind: Literal["file", "folder", "link", "special"] = "file"
    packed: int = 0
    method: int = 0
    crc: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A file that is posted, by its number among the entries. `name` without folders."""

    number: int
    path: str
    name: str
    entry: Entry = field(repr=False)

"""What was read of the contents of media files: kept with the catalog, and read again where it is lost."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

MOST_KEYS = 256 << 10
"""Bytes of `StoredProbe.keys` at most."""
MOST_FACTS = 512 << 10
"""Characters of `StoredProbe.facts` at most."""
MOST_LISTED = 8 << 10
"""Characters of facts in a list at most; few films have more than 4,000, and a list has thousands of films."""


@dataclass(frozen=True, slots=True)
class StoredProbe:
    """`facts` is JSON; `keys` packed key frames. `version` is that of the rules by which they were read."""

    version: int
    facts: str
    keys: bytes

    def __post_init__(self) -> None:
        if len(self.keys) > MOST_KEYS or len(self.facts) > MOST_FACTS:
            raise ValueError("what was read of the file is too large to be stored")


class Probes(Protocol):
    """What was read of each file, by file_unique_id. Exports leave it out, since it can be read again.

    Every method raises CatalogError when the database fails.
    """

    async def get(self, file_unique_id: str) -> StoredProbe | None:
        """What was stored last, of whatever version."""
        ...

    async def facts(self, file_unique_ids: Collection[str], *, version: int) -> Mapping[str, str]:
        """The facts of those of these files that were read with this version, without those over MOST_LISTED.

        One query, for lists.
        """
        ...

    async def put(self, file_unique_id: str, probe: StoredProbe) -> None:
        """Store it as long as any message holds the file; a file that none holds is skipped.

        One of an older version never replaces one of a newer version.
        """
        ...
